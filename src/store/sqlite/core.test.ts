import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { START, ticket } from '../../../test/contracts/store/arrange.ts'
import { newProgress } from '../../domain/delivery.ts'
import { newHealth } from '../../domain/destination-health.ts'
import type { Settlement } from '../../domain/store.ts'
import { type Settled, sqliteReads } from './core.ts'
import { openDatabase } from './database.ts'
import { takeFolder } from './folder.ts'
import { APPLICATION_ID, migrate } from './migrate.ts'
import { openWriter } from './open.ts'

const random = { fraction: () => 0, bytes: (count: number) => new Uint8Array(count).fill(7) }
const open = () => openWriter(':memory:', { random, now: () => START })
const inFolder = (use: (folder: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  try {
    use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const kinds = (results: readonly Settled<{ outcome: string }>[]) =>
  results.map(result => ('error' in result ? 'error' : result.value.outcome))
/** STRICT tables refuse a fraction in an integer column. */
const poison = () => ticket({ createdAt: START + 0.5 })

const settlement = (ticketNumber: number): Settlement => ({
  epoch: 1,
  progress: { ...newProgress({ ticketNumber, eventNumber: 1, destination: 'devsupport' }, START), attempts: 1 },
  state: 'DELIVERED',
  reason: null,
  attempt: { at: START, ms: 1, outcome: 'DELIVERED', status: 200, excerpt: null },
  health: newHealth,
  ref: null,
})

test('one bad ticket does not poison its batch', () => {
  const { writes } = open()
  const { tickets } = writes.batch({ tickets: [ticket(), poison(), ticket()], settlements: [] })
  assert.deepEqual(kinds(tickets), ['accepted', 'error', 'accepted'])
})

test('a bad settlement fails alone, and takes no ticket with it', () => {
  const { db, writes } = open()
  writes.batch({ tickets: [ticket(), ticket()], settlements: [] })
  writes.takeLeases({ engine: 'e', destinations: ['devsupport'], forMs: 1_000 })
  const bad = { ...settlement(1), attempt: { ...settlement(1).attempt, ms: 0.5 } }
  const result = writes.batch({ tickets: [ticket()], settlements: [bad, settlement(2)] })
  assert.deepEqual([kinds(result.tickets), kinds(result.settlements)], [['accepted'], ['error', 'settled']])
  assert.equal(sqliteReads(db).deliveries({ ticketNumber: 1 })[1]?.state, 'PENDING')
})

test('a bad ticket takes no settlement with it', () => {
  const { writes } = open()
  writes.batch({ tickets: [ticket()], settlements: [] })
  writes.takeLeases({ engine: 'e', destinations: ['devsupport'], forMs: 1_000 })
  const result = writes.batch({ tickets: [poison()], settlements: [settlement(1)] })
  assert.deepEqual([kinds(result.tickets), kinds(result.settlements)], [['error'], ['settled']])
})

test('a later event of a ticket waits until the earlier one has left this destination', () => {
  const { db, writes } = open()
  writes.batch({ tickets: [ticket(), ticket()], settlements: [] })
  db.exec(`insert into events (ticket_number, event_number, kind, at) values (1, 2, 'COMMENTED', ${START})`)
  db.exec(
    `insert into deliveries (ticket_number, destination, event_number, next_attempt_at) values (1, 'devsupport', 2, ${START - 1})`,
  )
  const reads = sqliteReads(db)
  const due = () =>
    reads
      .due({ destination: 'devsupport', now: START, limit: 9 })
      .deliveries.map(each => `${each.ticketNumber}/${each.eventNumber}`)
  assert.deepEqual(due(), ['1/1', '2/1'])
  assert.equal(reads.probe({ destination: 'devsupport' })?.eventNumber, 1)
  writes.takeLeases({ engine: 'e', destinations: ['devsupport'], forMs: 1_000 })
  writes.batch({ tickets: [], settlements: [settlement(1)] })
  assert.deepEqual(due(), ['1/2', '2/1'])
})

test('a database file is opened with everything durability rests on', () => {
  inFolder(folder => {
    const db = openDatabase(join(folder, 'x.db'))
    const pragma = (name: string) => Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]
    assert.deepEqual([pragma('synchronous'), pragma('journal_mode')], [2, 'wal'])
    db.close()
  })
})

test('migrating twice changes nothing, and marks the file as ours', () => {
  const db = openDatabase(':memory:')
  const version = migrate(db)
  assert.equal(migrate(db), version)
  assert.equal(db.prepare('pragma application_id').get()?.application_id, APPLICATION_ID)
})

test('a migration that fails half-way leaves the schema as it was', () => {
  const db = openDatabase(':memory:')
  assert.throws(() => migrate(db, ['create table a (x)', 'create table b (x); create table a (x)']))
  assert.equal(migrate(db, ['create table a (x)']), 1)
  assert.equal(db.prepare("select count(*) as n from sqlite_schema where name = 'b'").get()?.n, 0)
})

test('a file of a newer version or of another program is refused and left alone', () => {
  const newer = openDatabase(':memory:')
  migrate(newer)
  newer.exec('pragma user_version = 99')
  assert.throws(() => migrate(newer), /newer version/)

  const foreign = openDatabase(':memory:')
  foreign.exec('create table theirs (x)')
  assert.throws(() => migrate(foreign), /another program/)
  assert.equal(foreign.prepare('select count(*) as n from sqlite_schema').get()?.n, 1)
})

test('a folder belongs to one process until it is let go of', () => {
  inFolder(folder => {
    const first = takeFolder(folder)
    first.announce({ address: 'http://127.0.0.1:8080', operator: 'x' })
    assert.throws(
      () => takeFolder(folder),
      /in use by another Support Relay \(process \d+, http:\/\/127\.0\.0\.1:8080\)/,
    )
    first.release()
    takeFolder(folder).release()
  })
})

test('a folder where none can be made is refused at once, and parents are made', () => {
  assert.throws(() => takeFolder('/proc/support-relay'), /cannot be written/)
  inFolder(folder => {
    takeFolder(join(folder, 'a', 'b', 'c')).release()
    takeFolder(join(folder, 'a', 'b', 'c')).release()
  })
})

test('a folder that cannot be made is refused with what to do', () => {
  inFolder(folder => {
    writeFileSync(join(folder, 'file'), '')
    assert.throws(() => takeFolder(join(folder, 'file', 'data')), /is a file, or lies below one.*--data/)
    assert.throws(() => takeFolder(join(folder, 'file')), /is a file/)
  })
})

test('a damaged lock is named, and not taken for damaged data', () => {
  inFolder(folder => {
    takeFolder(folder).release()
    writeFileSync(join(folder, 'lock.db'), 'garbage'.repeat(100))
    assert.throws(() => takeFolder(folder), /lock\.db .* is damaged\. It holds no data: .* delete it and start again/)
  })
})
