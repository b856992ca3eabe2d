/** An outcome that is recorded twice at the same moment, as when a COMMIT is repeated whose answer got lost. The contract has the rest. */
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { accepted, firstDue, lease, START, settlementOf } from '../../../test/contracts/store/arrange.ts'
import { asked, freshDatabase } from '../../../test/support/postgres.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { settleAll } from './settle.ts'
import { openPostgresStore } from './store.ts'

const database = await freshDatabase()
const options = { clock: systemClock, random: systemRandom }
const primary = openPrimary(database.address, { ...options, connections: 4 })
await migrate(primary)
const store = await openPostgresStore(openPrimary(database.address, { ...options, connections: 4 }), options)
after(async () => {
  await store.close()
  await primary.close()
  await database.dispose()
})

const waitsForALock = async () => {
  const sql =
    "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
  while (Number((await asked(database.url, sql))[0]?.n) === 0) await new Promise(setImmediate)
}

test('whoever waited for the lock while the same outcome was recorded finds it recorded, and counts it for nothing', async () => {
  const { number } = await accepted(store, { destinations: ['devsupport'] })
  const held = await lease(store)
  const settlement = settlementOf(held, await firstDue(store), { kind: 'refused', reason: 'slack-invalid-blocks' })
  const isRecorded = Promise.withResolvers<void>()
  const mayCommit = Promise.withResolvers<void>()
  const first = primary.transaction(async db => {
    const results = await settleAll(db, [settlement])
    isRecorded.resolve()
    await mayCommit.promise
    return results
  })
  await isRecorded.promise
  const second = primary.transaction(db => settleAll(db, [settlement]))
  await waitsForALock()
  mayCommit.resolve()
  const [[one], [two]] = await Promise.all([first, second])
  assert.equal(one?.outcome, 'settled')
  assert.deepEqual(two, one)
  const [delivery] = await store.deliveries({ ticketNumber: number })
  assert.deepEqual([delivery?.state, delivery?.progress.attempts, delivery?.log.length], ['DEAD', 1, 1])
  assert.equal((await store.destinations()).find(({ name }) => name === 'devsupport')?.died, 1)
  assert.equal(delivery?.log[0]?.at, START + 5)
})
