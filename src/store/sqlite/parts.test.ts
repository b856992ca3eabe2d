import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY, HOUR, keyed, START, ticket } from '../../../test/contracts/store/arrange.ts'
import { sqliteReads } from './core.ts'
import { openDatabase } from './database.ts'
import { migrate, migrations } from './migrate.ts'
import { openWriter } from './open.ts'

const random = { fraction: () => 0, bytes: (count: number) => new Uint8Array(count).fill(7) }
const openCore = () => {
  const { db, writes } = openWriter(':memory:', { random, now: () => START })
  const accept = (given: Parameters<typeof ticket>[0]) => {
    const [result] = writes.batch({ tickets: [ticket({ destinations: [], ...given })], settlements: [] }).tickets
    assert.ok(result && 'value' in result)
    return result.value
  }
  const parts = () => Number(db.prepare('select count(*) as n from ticket_parts').get()?.n)
  return { db, accept, parts, reads: sqliteReads(db) }
}
type Core = ReturnType<typeof openCore>

/** As many tickets as end a part once it is a day old, but for `missing`. */
const nearlyFull = ({ accept }: Core, missing: number): void => {
  for (let i = 0; i < 4_096 - missing; i += 1) accept({ username: `User#${i}`, createdAt: START })
}
const next = START + 25 * HOUR

test("the limit counts a user's tickets across the end of a part", () => {
  const core = openCore()
  nearlyFull(core, 3)
  for (let i = 0; i < 10; i += 1)
    assert.equal(core.accept({ createdAt: next + i * 60_000 }).outcome, 'accepted', `ticket ${i + 1}`)
  assert.equal(core.parts(), 2)
  assert.deepEqual(core.accept({ createdAt: next + 30 * 60_000 }), { outcome: 'limited', retryAt: next + HOUR })
  assert.equal(core.accept({ createdAt: next + HOUR }).outcome, 'accepted')
})

test('a key is found in an earlier part for seven days, and no longer', () => {
  const core = openCore()
  nearlyFull(core, 1)
  const first = core.accept({ createdAt: next, idempotency: keyed('k') })
  for (let i = 0; i < 3; i += 1) core.accept({ username: 'Bob#1', createdAt: next })
  assert.equal(core.parts(), 2)
  const again = (at: number, print?: number) => core.accept({ createdAt: at, idempotency: keyed('k', print) })
  assert.deepEqual(again(next + 7 * DAY - 1), { ...first, repeated: true })
  assert.equal(again(next + DAY, 2).outcome, 'key-reused')
  assert.deepEqual(
    { ...again(next + 7 * DAY), number: 0, id: '' },
    { ...first, number: 0, id: '', createdAt: next + 7 * DAY },
  )
})

test("a user's list goes on in earlier parts", () => {
  const core = openCore()
  nearlyFull(core, 2)
  const written = [0, 1, 2, 3, 4].map(i => core.accept({ createdAt: next + i }))
  assert.equal(core.parts(), 2)
  const filter = { username: 'Ada#1234', status: null, type: null, destination: null, delivery: null }
  const { tickets } = core.reads.tickets({ filter, before: null, limit: 50 })
  assert.deepEqual(
    tickets.map(({ number }) => number),
    written.map(result => 'number' in result && result.number).reverse(),
  )
})

test('no part ends before it is a day old, however many tickets come', () => {
  const core = openCore()
  nearlyFull(core, -10)
  core.accept({ createdAt: START + DAY - 1 })
  assert.equal(core.parts(), 1)
  core.accept({ createdAt: START + DAY })
  assert.equal(core.parts(), 2)
})

test('data of an earlier version has one part, in which the limit and the list go on', () => {
  const db = openDatabase(':memory:')
  migrate(db, migrations().slice(0, 2))
  const insert = db.prepare(
    `insert into tickets (id, created_at, username, user_ordinal, status, subject, message, user, technical)
     values (?, ?, 'Ada#1234', ?, 'RECEIVED', 's', 'm', '{"role":"USER"}', '{"requestId":"r"}')`,
  )
  for (let i = 1; i <= 10; i += 1) insert.run(new Uint8Array(16).fill(i), START + i, i)
  migrate(db)
  assert.deepEqual(
    { ...db.prepare('select * from ticket_parts').get() },
    { part: 1, first_number: 1, first_at: START + 1, last_at: START + 10 },
  )
  const plan = db.prepare(
    'select count(*) as n from tickets indexed by tickets_by_user where part = 1 and username = ?',
  )
  assert.equal(plan.get('Ada#1234')?.n, 10)
  db.close()
})
