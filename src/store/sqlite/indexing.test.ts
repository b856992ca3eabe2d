import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { DAY, START, ticket } from '../../../test/contracts/store/arrange.ts'
import { systemRandom } from '../../domain/clock.ts'
import { referenceCode } from '../../domain/reference.ts'
import { searchClauses } from '../../domain/search-text.ts'
import { sqliteReads } from './core.ts'
import { openDatabase } from './database.ts'
import { migrate, migrations } from './migrate.ts'
import { openWriter, type Writer } from './open.ts'

const withFile = (use: (path: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  try {
    use(join(folder, 'data.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const open = (path: string) => openWriter(path, { random: systemRandom, now: () => START })
const withWriter = (use: (writer: Writer) => void) =>
  withFile(path => {
    const writer = open(path)
    use(writer)
    writer.db.close()
  })
const EVERYTHING = { username: null, status: null, type: null, destination: null, delivery: null }
const found = ({ db, keys }: Writer, text: string): number[] => {
  const clauses = searchClauses(text, referenceCode(keys.reference))
  const query = { clauses, filter: EVERYTHING, from: null, to: null, before: null, limit: 100 }
  return sqliteReads(db)
    .search(query)
    .tickets.map(({ number }) => number)
}
const store = ({ writes }: Writer, count: number, overrides: Parameters<typeof ticket>[0] = {}) => {
  const one = () => ticket({ limitPerHour: 1e6, ...overrides })
  writes.batch({ tickets: Array.from({ length: count }, one), settlements: [] })
}
const indexAll = ({ writes }: Writer) => {
  for (let slices = 1; writes.index({ limit: 100 }) > 0; slices += 1) assert.ok(slices < 100, 'it comes to no end')
}
/** As whoever writes comments does it: nothing but the row. */
const comment = ({ db }: Writer, number: number, eventNumber: number, message: string, internal = 0) =>
  db
    .prepare(
      "insert into events (ticket_number, event_number, kind, at, by, message, internal) values (?, ?, 'COMMENTED', ?, '{}', ?, ?)",
    )
    .run(number, eventNumber, START, message, internal)

test('comments and notes are found, also those that come long after, together with what was there', () => {
  withWriter(writer => {
    store(writer, 3)
    indexAll(writer)
    comment(writer, 1, 2, 'The toner is empty.')
    comment(writer, 2, 2, 'A secret note', 1)
    assert.deepEqual(found(writer, 'toner'), [])
    assert.equal(writer.writes.index({ limit: 1 }), 1)
    indexAll(writer)
    assert.deepEqual(found(writer, 'broke toner subject'), [1])
    assert.deepEqual(found(writer, 'secret'), [2])
    comment(writer, 1, 3, 'Filled again.')
    indexAll(writer)
    assert.deepEqual(found(writer, 'toner filled'), [1])
    assert.deepEqual(found(writer, 'broke'), [3, 2, 1])
  })
})

test('a comment on a ticket that is not in the index yet is found with it', () => {
  withWriter(writer => {
    store(writer, 2)
    comment(writer, 2, 2, 'The toner is empty.')
    indexAll(writer)
    assert.deepEqual(found(writer, 'toner broke'), [2])
    assert.equal(writer.writes.index({ limit: 1 }), 0)
  })
})

test('a text that is changed or erased is found no more', () => {
  withWriter(writer => {
    store(writer, 1, { message: 'My name is Ada.' })
    comment(writer, 1, 2, 'Call Grace.')
    indexAll(writer)
    writer.db.exec('update events set message = null where event_number = 2')
    indexAll(writer)
    assert.deepEqual([found(writer, 'grace'), found(writer, 'ada')], [[], [1]])
    writer.db.exec("update tickets set message = 'erased'")
    indexAll(writer)
    for (const gone of ['ada', 'grace']) assert.deepEqual(found(writer, gone), [], gone)
    assert.deepEqual(found(writer, 'erased'), [1])
  })
})

test('of a ticket with very many long comments the first are found, so that no slice takes long', () => {
  withWriter(writer => {
    store(writer, 1)
    for (let i = 2; i < 40; i += 1) comment(writer, 1, i, `word${i} ${'x'.repeat(70_000)}`)
    writer.writes.index({ limit: 10 })
    assert.deepEqual([found(writer, 'word2'), found(writer, 'word39')], [[1], []])
  })
})

test('a ticket that is forgotten while it waits for the index leaves nothing', () => {
  withWriter(writer => {
    store(writer, 1, { id: '019ab8a0-0000-7000-8000-000000000001' })
    store(writer, 1, { id: '019b8000-0000-7000-8000-000000000002', createdAt: START + 10 * DAY })
    indexAll(writer)
    comment(writer, 1, 2, 'The toner is empty.')
    writer.db.exec("update deliveries set state = 'DELIVERED'")
    assert.equal(writer.writes.forgetTickets({ before: START + DAY, after: null, limit: 9 }).removed, 1)
    const rows = (table: string) => Number(writer.db.prepare(`select count(*) as n from ${table}`).get()?.n)
    assert.deepEqual([rows('search'), rows('search_queue')], [1, 0])
    indexAll(writer)
    assert.deepEqual(found(writer, 'toner'), [])
  })
})

test('a file of before is caught up in slices, comments included', () => {
  withFile(path => {
    const before = openDatabase(path)
    migrate(before, migrations().slice(0, 3))
    before.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 250)
        insert into tickets (number, id, created_at, username, user_ordinal, status, subject, message, user, technical)
        select i, unhex(format('%032x', i)), 0, 'u', i, 'RECEIVED', 'Old', 'word' || i, '{}', '{}' from n;
      insert into events (ticket_number, event_number, kind, at, message) values (7, 1, 'CREATED', 0, null), (7, 2, 'COMMENTED', 0, 'toner')`)
    before.close()
    const writer = open(path)
    assert.deepEqual(
      Array.from({ length: 4 }, () => writer.writes.index({ limit: 100 })),
      [150, 50, 0, 0],
    )
    assert.deepEqual([found(writer, 'old word250'), found(writer, 'toner word7')], [[250], [7]])
    writer.db.close()
  })
})

test('a slice that fails changes nothing, and the next one does it', () => {
  withWriter(writer => {
    store(writer, 3)
    writer.db.exec(`create temp trigger failing before update on search_progress
      begin select raise(abort, 'the disk fails'); end`)
    assert.throws(() => writer.writes.index({ limit: 10 }), /the disk fails/)
    assert.deepEqual(found(writer, 'broke'), [])
    writer.db.exec('drop trigger failing')
    assert.equal(writer.writes.index({ limit: 10 }), 0)
    assert.deepEqual(found(writer, 'broke'), [3, 2, 1])
  })
})

test('looking for something new writes nothing while there is none', () => {
  withWriter(writer => {
    store(writer, 1)
    indexAll(writer)
    const changes = () => Number(writer.db.prepare('select total_changes() as n').get()?.n)
    const before = changes()
    assert.equal(writer.writes.index({ limit: 10 }), 0)
    assert.equal(changes(), before)
  })
})

test('numbers that are gone, many of them in a row, end no search', () => {
  withWriter(writer => {
    store(writer, 1)
    store(writer, 1)
    writer.db.exec('update tickets set number = 900000 where number = 2')
    indexAll(writer)
    const clauses = searchClauses('broke', referenceCode(writer.keys.reference))
    const query = { clauses, filter: EVERYTHING, from: null, to: null, limit: 100 }
    const first = sqliteReads(writer.db).search({ ...query, before: null })
    assert.deepEqual(
      first.tickets.map(({ number }) => number),
      [900_000],
    )
    const second = sqliteReads(writer.db).search({ ...query, before: first.next })
    assert.deepEqual([second.tickets.map(({ number }) => number), second.next], [[1], null])
  })
})
