/** A folder that was moved is, seen through the store, what it was before. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { move } from '../../src/app/move.ts'
import { MOVED_TABLES } from '../../src/store/moved-tables.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { accepted, keyed, lease, START, ticket } from '../contracts/store/arrange.ts'
import { found, indexed } from '../contracts/store/searching.ts'
import { asked } from '../support/postgres.ts'
import { fill, newDatabase, newPlace, openDatabaseStore, openFolder, TEXTS, viewOf } from './arrange.ts'

const onProgress = () => {}

test('a moved folder says of every ticket, delivery and destination what it said before, and goes on counting', async t => {
  const { folder } = newPlace(t)
  const database = await newDatabase(t)
  const before = openFolder(folder)
  await fill(before)
  const wanted = await viewOf(before)
  const leased = await lease(before, 'receipts')
  await before.close()
  const file = join(folder, 'support-relay.db')
  const sum = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  const bytes = sum()

  const moved = await move({ folder, address: database.address, onProgress })
  assert.equal(sum(), bytes, 'the folder’s data is as it was')
  assert.ok(
    Object.values(moved.tables).every(({ rows }) => rows > 0),
    'every table held something',
  )
  const store = await openDatabaseStore(t, database)
  // The last lease was taken after the look, and made its destination known.
  const { due, destinations, ...others } = await viewOf(store)
  assert.deepEqual({ ...others, destinations, due }, wanted)

  await indexed(store)
  assert.equal((await found(store, 'tables')).length, TEXTS.filter(text => /\btables\b/.test(text)).length)
  assert.equal((await found(store, 'broke')).length, 10)
  assert.equal((await store.accept(ticket({ createdAt: START + 20 }))).outcome, 'limited')
  const again = await accepted(store, { createdAt: START + 20, idempotency: keyed('k') })
  assert.deepEqual([again.number, again.repeated], [10, true])
  assert.equal((await accepted(store, { username: 'Eve#1' })).number, wanted.tickets.length + 1)
  const session = { hash: Uint8Array.of(3), link: Uint8Array.of(2, 0), expiresAt: START }
  assert.equal(await store.openSession({ ...session, principal: wanted.session ?? assert.fail() }), 'used')
  const taken = await lease(store, 'receipts')
  assert.ok(taken.epoch > leased.epoch, 'nobody settles under a lease of the folder')
})

test('what a database cannot hold is left out of a text, and nothing else', async t => {
  const { folder } = newPlace(t)
  const database = await newDatabase(t)
  const store = openFolder(folder)
  await accepted(store, { message: 'a\u0000b\u0000' })
  await store.close()
  await move({ folder, address: database.address, onProgress })
  assert.deepEqual(await asked(database.url, 'select message from support.tickets'), [{ message: 'ab' }])
})

test('an empty folder can be moved, and its first ticket has the number 1', async t => {
  const { folder } = newPlace(t)
  const database = await newDatabase(t)
  await openFolder(folder).close()
  await move({ folder, address: database.address, onProgress })
  const store = await openDatabaseStore(t, database)
  assert.equal((await accepted(store)).number, 1)
})

/** Made of other columns, or of no use without the process that wrote them. */
const STAYING: Readonly<Record<string, readonly string[]>> = {
  tickets: ['part', 'user_ordinal'],
  destinations: ['lease_engine', 'lease_until'],
}
const STAYING_TABLES = /^(search.*|ticket_parts|engines|moves|schema_version|sqlite_.*)$/

test('every column of either schema moves, or is known not to', async t => {
  const { folder } = newPlace(t)
  const database = await newDatabase(t)
  await openFolder(folder).close()
  await move({ folder, address: database.address, onProgress })
  const db = openDatabase(join(folder, 'support-relay.db'), { readOnly: true })
  const here = db
    .prepare(
      `select s.name as name, c.name as column_name from sqlite_schema s, pragma_table_info(s.name) c where s.type = 'table'`,
    )
    .all()
  db.close()
  const there = await asked(
    database.url,
    `select table_name as name, column_name from information_schema.columns where table_schema = 'support'`,
  )
  const known = MOVED_TABLES.flatMap(({ name, columns }) => Object.keys(columns).map(column => `${name}.${column}`))
  for (const schema of [here, there]) {
    const columns = schema
      .filter(
        ({ name, column_name }) => !STAYING_TABLES.test(`${name}`) && !STAYING[`${name}`]?.includes(`${column_name}`),
      )
      .map(({ name, column_name }) => `${name}.${column_name}`)
    assert.deepEqual(columns.toSorted(), known.toSorted())
  }
})
