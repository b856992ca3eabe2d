/** A move that is killed anywhere goes on where it was, and never are the folder and the database served both. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { asked } from '../support/postgres.ts'
import { run } from '../support/service.ts'
import { twoHooks } from '../support/two-hooks.ts'
import { fill, newPlace, newSchema, openDatabaseStore, openFolder, viewOf } from './arrange.ts'
import { type Block, block, heldUp, kill, until } from './blocked.ts'

/** Of 20,000 characters: a batch of tickets ends at some thirty of them. */
const MORE = 100
/** What stands in the way of a row of a table, of a later ticket's in the third batch or so; in the order of the tables. */
const TICKET = `insert into support.tickets (number, id, created_at, username, status, subject, message, "user", technical)
  values (150, gen_random_uuid(), 0, '', '', '', '', '', '')`
const EVENT = `insert into support.events (ticket_number, event_number, kind, at) values (100, 1, '', 0)`
const DELIVERY = `insert into support.deliveries (ticket_number, destination, event_number, next_attempt_at) values (100, 'archive', 1, 0)`
const LEASES = `select pg_advisory_xact_lock(${createHash('sha256').update('support-relay/leases/').digest().readBigInt64BE()})`

test('killed at any moment and run again, a move comes to the same end; until then the database is not served', async t => {
  const { root, folder } = newPlace(t)
  const database = await newSchema(t)
  const { url } = database
  const before = openFolder(folder)
  await fill(before, MORE)
  const wanted = await viewOf(before)
  await before.close()
  const config = join(root, 'support-relay.yaml')
  writeFileSync(config, `${twoHooks('http://127.0.0.1:9')}store: "${url}"\n`)
  const moves = async () => (await asked(url, 'select rows::int as n, done_at from support.moves'))[0]
  const refused = async (...args: string[]) => {
    const { code, stderr } = await run(['serve', '--config', config, ...args])
    assert.equal(code, 3, stderr)
    return stderr
  }

  const reached: number[] = []
  let held: Block | undefined = await block(url, "insert into support.meta (key, value) values ('reference_key', '')")
  for (const next of [TICKET, EVENT, DELIVERY, 'lock table support.attempts in exclusive mode']) {
    const moving = await heldUp(folder, url)
    const following = await block(url, next)
    await kill(moving, [held], url)
    held = following
    reached.push(Number((await moves())?.n))
  }
  assert.match(await refused(), /is being moved into this database.*Run the same "support-relay move" again/)
  const moving = await heldUp(folder, url)
  const comparing = await block(url, 'lock table support.ticket_refs in access exclusive mode')
  await kill(moving, [held], url)
  reached.push(Number((await moves())?.n))
  assert.deepEqual(
    reached,
    reached.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(reached).size, reached.length, `each run came further: ${reached}`)
  assert.equal(reached[0], 0)

  // Everything is there and compared, the folder is marked, and the database does not know it yet.
  const last = await heldUp(folder, url)
  const leases = await block(url, LEASES)
  await comparing.release()
  await until('the folder is marked', async () => existsSync(join(folder, 'moved.json')))
  await kill(last, [leases], url)
  assert.equal((await moves())?.done_at, null)
  assert.match(await refused(), /is being moved into this database/)
  assert.match(
    await refused('--data', folder),
    /was moved to the PostgreSQL database .* on 127\.0\.0\.1:\d+\. Name that/,
  )

  const { code, stdout, stderr } = await run(['move', '--from', folder, '--to', url])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /each read back and found the same\. Name that database as `store`/)
  assert.equal((await asked(url, 'select place_key from support.moves'))[0]?.place_key, null, 'nobody’s address stays')
  const store = await openDatabaseStore(t, database)
  assert.deepEqual(await viewOf(store), wanted)
})

test('a folder that was served after a move was killed is moved anew, with what came since', async t => {
  const { folder } = newPlace(t)
  const database = await newSchema(t)
  const { url } = database
  const first = openFolder(folder)
  await fill(first)
  await first.close()
  const early = await block(url, "insert into support.meta (key, value) values ('reference_key', '')")
  const begun = await heldUp(folder, url)
  const late = await block(url, 'lock table support.attempts in exclusive mode')
  await kill(begun, [early], url)
  await kill(await heldUp(folder, url), [late], url)
  assert.ok(!existsSync(join(folder, 'moved.json')))

  const second = openFolder(folder)
  await second.steer({ destination: 'archive', state: 'OK', reason: null, now: 1 })
  const wanted = await viewOf(second)
  await second.close()
  const { code, stderr, stdout } = await run(['move', '--from', folder, '--to', url, '--json'])
  assert.deepEqual([code, stderr, JSON.parse(stdout).outcome], [0, '', 'moved'])
  const store = await openDatabaseStore(t, database)
  assert.deepEqual(await viewOf(store), wanted)
})
