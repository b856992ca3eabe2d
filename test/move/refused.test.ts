/** What a move refuses, each in one sentence and with nothing changed; and what it finds out when it compares. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { systemClock, systemRandom } from '../../src/domain/clock.ts'
import { type Begun, beginMove } from '../../src/store/postgres/move-target.ts'
import { openPrimary } from '../../src/store/postgres/primary.ts'
import { accepted, lease } from '../contracts/store/arrange.ts'
import { asked } from '../support/postgres.ts'
import { run } from '../support/service.ts'
import { fill, newDatabase, newPlace, newSchema, openDatabaseStore, openFolder, viewOf } from './arrange.ts'
import { block, heldUp } from './blocked.ts'

const moved = async (folder: string, to: string, env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await run(['move', '--from', folder, '--to', to, '--json'], { env })
  assert.equal(stderr, '')
  return { code, ...(JSON.parse(stdout) as { why?: string; outcome?: string }) }
}
/** It ends with 3 and this sentence. */
const refuses = async (folder: string, to: string, why: RegExp) => {
  const result = await moved(folder, to)
  assert.equal(result.code, 3, JSON.stringify(result))
  assert.match(result.why ?? '', why)
}
const withTickets = async (folder: string, count = 3): Promise<void> => {
  const store = openFolder(folder)
  for (let i = 0; i < count; i += 1) await accepted(store, { username: `user-${i}` })
  await store.close()
}

test('a database that holds anything of its own is left as it is', async t => {
  const { folder } = newPlace(t)
  await withTickets(folder)
  for (const [table, row, what] of [
    [
      'tickets',
      "(number, id, created_at, username, status, subject, message, \"user\", technical) values (9, gen_random_uuid(), 0, '', '', '', '', '', '')",
      'tickets',
    ],
    ['sessions', "(hash, principal, expires_at) values ('x', '', 0)", 'sessions'],
    ['audit', "(id, at, by, act, detail, count) values ('', 0, '', '', '', 0)", 'audit'],
  ] as const) {
    const { url } = await newSchema(t)
    await asked(url, `insert into support.${table} ${row}`)
    await refuses(
      folder,
      url,
      new RegExp(`It holds ${what} of its own, and nothing is overwritten\\. Name an empty database`),
    )
    assert.equal((await asked(url, `select 1 from support.${table}`)).length, 1)
    assert.deepEqual(await asked(url, "select nextval('support.ticket_numbers')::int as n"), [{ n: 1 }])
    assert.deepEqual(await asked(url, 'select 1 from support.moves'), [])
  }
})

test('a database that a service uses is refused; one that it was only started on is taken, with the key of the folder', async t => {
  const { folder } = newPlace(t)
  const source = openFolder(folder)
  await accepted(source)
  const { reference } = source.keys
  await source.close()
  const database = await newSchema(t)
  const service = await openDatabaseStore(t, database)
  await service.join({ engine: 'e', destinations: ['devsupport'], forMs: 60_000 })
  await refuses(folder, database.url, /A service uses it\. Stop every service on it/)
  await service.leave({ engine: 'e' })
  await lease(service, 'left-over', 'e')
  await refuses(folder, database.url, /A service uses it/)
  await service.giveBackLease({ destination: 'left-over', epoch: 1, lastSentAt: null })
  assert.equal((await moved(folder, database.url)).code, 0)
  const after = await openDatabaseStore(t, database)
  assert.deepEqual(Buffer.from(after.keys.reference), Buffer.from(reference))
  assert.deepEqual(
    (await after.destinations()).map(({ name }) => name),
    ['archive', 'devsupport'],
  )
})

test('while a move is under way nobody takes a lease or a ticket there, also a service that runs since before', async t => {
  const database = await newSchema(t)
  const frozen = await openDatabaseStore(t, database)
  const primary = openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 1 })
  t.after(() => primary.close())
  const begun: Begun = await primary.transaction(db => beginMove(db, { id: 'folder', state: 'x' }, 0))
  assert.equal(begun.outcome, 'new')
  const taken = await frozen.takeLeases({ engine: 'e', destinations: ['archive'], forMs: 1_000 })
  assert.deepEqual(taken, [])
  await assert.rejects(accepted(frozen), /the database refused it/)
  assert.deepEqual(await asked(database.url, 'select 1 from support.tickets'), [])
})

test('another folder is not mixed into a database that one was moved into, all of it or half', async t => {
  const { root, folder } = newPlace(t)
  const other = join(root, 'other')
  await withTickets(folder)
  await withTickets(other)
  const { url } = await newSchema(t)
  const early = await block(url, "insert into support.meta (key, value) values ('reference_key', '')")
  const moving = await heldUp(folder, url)
  await refuses(other, url, /The move of another folder into it has not come to its end/)
  await early.release()
  assert.equal(await moving.ended, 0, moving.printed())
  await refuses(other, url, /Another folder was moved into it before, and nothing is overwritten/)
  assert.equal((await moved(folder, url)).outcome, 'before')
  // Somebody went back to the folder, and it went on from there.
  const elsewhere = await newSchema(t)
  await refuses(
    folder,
    elsewhere.url,
    /was moved to the PostgreSQL database t_\w+ on 127\.0\.0\.1:\d+ before\. Name that one/,
  )
  rmSync(join(folder, 'moved.json'))
  await withTickets(folder)
  await refuses(folder, url, /This folder was moved into it before, and something was stored in the folder since/)
  assert.equal((await moved(folder, elsewhere.url)).code, 0)
})

test('a folder that is not there, in use, damaged or of an older version is named, and nothing is made', async t => {
  const { root, folder } = newPlace(t)
  const { url } = await newDatabase(t)
  await refuses(
    join(root, 'nowhere'),
    url,
    /There is no data in .*nowhere\. Name the folder of the service with --from/,
  )
  await withTickets(folder, 40)
  const file = join(folder, 'support-relay.db')
  const sound = readFileSync(file)
  const damaged = Buffer.from(sound)
  damaged.fill(0x55, 20 * 1_024, 24 * 1_024)
  writeFileSync(file, damaged)
  await refuses(folder, url, /is damaged or no database.*put a backup in their place/)
  writeFileSync(file, sound)
  const db = new DatabaseSync(file)
  db.exec('pragma user_version = 4')
  db.close()
  await refuses(
    folder,
    url,
    /written by an older version.*Start this version on it once with "support-relay serve", stop it, and move then/,
  )
  assert.deepEqual(await asked(url, "select 1 from pg_namespace where nspname = 'support'"), [])
})

test('what differs when it is read back ends the move with 6; the folder can be served, and the next try begins anew', async t => {
  const { folder } = newPlace(t)
  const source = openFolder(folder)
  await fill(source)
  const wanted = await viewOf(source)
  await source.close()
  const database = await newSchema(t)
  const { url } = database
  const early = await block(url, "insert into support.meta (key, value) values ('reference_key', '')")
  const moving = await heldUp(folder, url)
  const late = await block(url, 'lock table support.acknowledgements in exclusive mode')
  await early.release()
  const attempts = 'select 1 from support.attempts'
  while ((await asked(url, attempts)).length === 0);
  await asked(url, "update support.events set message = message || ' ' where ticket_number = 11 and event_number = 2")
  await late.release()
  assert.equal(await moving.ended, 6)
  assert.match(
    moving.printed(),
    /What arrived in the table "events" is not what the folder holds .* Run the same again: it begins anew/,
  )
  const again = openFolder(folder)
  assert.deepEqual(await viewOf(again), wanted)
  await again.close()
  const { code, outcome } = await moved(folder, url)
  assert.deepEqual([code, outcome], [0, 'moved'])
  assert.deepEqual(await viewOf(await openDatabaseStore(t, database)), wanted)
})

test('a database that cannot be reached, and a role that may not, are told; no password is', async t => {
  const { folder } = newPlace(t)
  await withTickets(folder)
  const { url } = await newDatabase(t)
  await refuses(
    folder,
    'postgres://relay@127.0.0.1:9/relay',
    /The database relay on 127\.0\.0\.1:9 cannot be asked: .* Run the same again once it answers/,
  )
  await asked(url, "create role may_nothing login password 'their-secret'")
  const asNobody = (database: string) => {
    const to = database.replace(/\/\/[^@]*@/, '//may_nothing:${PG_PASSWORD}@')
    return moved(folder, to, { PG_PASSWORD: 'their-secret' })
  }
  const schema = await newSchema(t)
  const grants = `grant usage on schema support to may_nothing;
    grant select, insert, update, delete on all tables in schema support to may_nothing`
  await asked(schema.url, grants)
  const results = [await asNobody(url), await asNobody(schema.url)]
  await asked(schema.url, 'drop owned by may_nothing; drop role may_nothing')
  assert.deepEqual(
    results.map(({ code }) => code),
    [3, 3],
  )
  assert.match(results[0]?.why ?? '', /"may_nothing" has no right to make the schema "support"/)
  assert.match(results[1]?.why ?? '', /may not make or fill the schema "support" of .* Move as the role that owns it/)
  assert.doesNotMatch(JSON.stringify(results), /their-secret/)
})

test('wrong options end with 2, and a password on the command line is refused without being shown', async () => {
  for (const [args, why] of [
    [['--to', 'postgres://relay:hunter2@db1/relay'], /--to: A password on the command line is seen by everybody/],
    [
      ['--to', 'postgres://relay:${NOT_SET_ANYWHERE}@db1/relay'],
      /--to: The environment variable NOT_SET_ANYWHERE is not set/,
    ],
    [['--to', 'mysql://relay@db1/relay'], /--to: The value is not a postgres:\/\/ address/],
    [['--to', 'postgres://db1/relay'], /--to: The address names no user/],
    [[], /Name the database with --to, or the configuration that names it with --config/],
    [['--config', join(import.meta.dirname, 'nothing.yaml')], /nothing\.yaml cannot be used\. "support-relay check/],
  ] as const) {
    const { code, stdout, stderr } = await run(['move', '--from', './data', ...args])
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr, why)
    assert.doesNotMatch(stderr, /hunter2/)
  }
})
