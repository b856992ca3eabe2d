/** Outcomes that are recorded beside another transaction, as when a statement is repeated whose answer got lost; and many at once. The contract has
 *  the rest. */
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { accepted, firstDue, lease, START, settlementOf } from '../../../test/contracts/store/arrange.ts'
import { asked, freshDatabase } from '../../../test/support/postgres.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import type { Settlement } from '../../domain/store.ts'
import type { Row } from '../columns.ts'
import { steer } from './destinations.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import type { Session } from './session.ts'
import { settled, settling } from './settle.ts'
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

/** The outcome is recorded while another transaction has done its work and not committed. */
const beside = async <T>(work: (db: Session) => Promise<T>, settlement: Settlement): Promise<[T, Row[]]> => {
  const isDone = Promise.withResolvers<void>()
  const mayCommit = Promise.withResolvers<void>()
  const other = primary.transaction(async db => {
    const result = await work(db)
    isDone.resolve()
    await mayCommit.promise
    return result
  })
  await isDone.promise
  const waiting = primary.statement(settling([settlement]))
  await waitsForALock()
  mayCommit.resolve()
  return Promise.all([other, waiting])
}

const statementOf = (settlement: Settlement) => {
  const { sql, values } = settling([settlement])
  return [sql, values] as const
}

test('whoever waited for the lock while the same outcome was recorded finds it recorded, and counts it for nothing', async () => {
  const { number } = await accepted(store, { destinations: ['devsupport'] })
  const held = await lease(store)
  const settlement = settlementOf(held, await firstDue(store), { kind: 'refused', reason: 'slack-invalid-blocks' })
  const [rows, again] = await beside(db => db.all(...statementOf(settlement)), settlement)
  const [one] = settled([settlement], rows)
  const [two] = settled([settlement], again)
  assert.equal(one?.outcome, 'settled')
  assert.deepEqual(two, one)
  const [delivery] = await store.deliveries({ ticketNumber: number })
  assert.deepEqual([delivery?.state, delivery?.progress.attempts, delivery?.log.length], ['DEAD', 1, 1])
  assert.equal((await store.destinations()).find(({ name }) => name === 'devsupport')?.died, 1)
  assert.equal(delivery?.log[0]?.at, START + 5)
})

test('whoever waited for the lock while staff paused the destination does not overrule them, and the success counts', async () => {
  const { number } = await accepted(store, { destinations: ['paused'] })
  const held = await lease(store, 'paused')
  const settlement = settlementOf(held, await firstDue(store, 'paused'), { kind: 'delivered' })
  const pause = { destination: 'paused', state: 'PAUSED', reason: 'by-staff', now: START } as const
  const [, rows] = await beside(db => steer(db, pause), settlement)
  const [result] = settled([settlement], rows)
  const stored = (await store.destinations()).find(({ name }) => name === 'paused')?.health
  assert.deepEqual([stored?.state, stored?.reason, stored?.successCount], ['PAUSED', 'by-staff', 1])
  assert.deepEqual(result, { outcome: 'settled', health: stored })
  assert.equal((await store.deliveries({ ticketNumber: number }))[0]?.state, 'DELIVERED')
})

test('of several outcomes of one destination, each is recorded, the last says how it is, and all that died are counted', async () => {
  for (let i = 0; i < 3; i += 1) await accepted(store, { destinations: ['several'] })
  const held = await lease(store, 'several')
  const { deliveries } = await store.due({ destination: 'several', now: START + 1, limit: 3 })
  const outcomes = [
    { kind: 'refused', reason: 'one' },
    { kind: 'refused', reason: 'two' },
    { kind: 'unavailable', reason: 'three' },
  ] as const
  const settlements = deliveries.map((progress, i) =>
    settlementOf(held, progress, outcomes[i] ?? { kind: 'delivered' }),
  )
  const results = settled(settlements, await primary.statement(settling(settlements)))
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['settled', 'settled', 'settled'],
  )
  const stored = (await store.destinations()).find(({ name }) => name === 'several')
  assert.deepEqual([stored?.health.state, stored?.health.reason, stored?.died], ['FAILING', 'three', 2])
})
