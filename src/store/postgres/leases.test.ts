/** Engines side by side: who serves what. The contract has the cases of each alone. */
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { accepted, ticket } from '../../../test/contracts/store/arrange.ts'
import { administer, freshDatabase } from '../../../test/support/postgres.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { openPostgresStore } from './store.ts'

const LONG = 3_600_000
const names = ['a', 'b', 'c', 'd', 'e']

const opened = async () => {
  const database = await freshDatabase()
  const options = { clock: systemClock, random: systemRandom }
  const open = () => openPrimary(database.address, { ...options, connections: 4 })
  const primary = open()
  await migrate(primary)
  await primary.close()
  const stores = await Promise.all([openPostgresStore(open(), options), openPostgresStore(open(), options)])
  after(async () => {
    await Promise.all(stores.map(store => store.close()))
    await database.dispose()
  })
  return { stores, database }
}

const engineOn = (
  store: Awaited<ReturnType<typeof opened>>['stores'][number],
  engine: string,
  destinations = names,
) => ({
  join: () => store.join({ engine, destinations, forMs: LONG }),
  leave: () => store.leave({ engine }),
  take: async (wanted = destinations) =>
    (await store.takeLeases({ engine, destinations: wanted, forMs: LONG })).map(({ destination }) => destination),
  async giveBack(some: readonly string[]) {
    for (const { destination, epoch } of await store.renewLeases({ engine, forMs: LONG }))
      if (some.includes(destination)) await store.giveBackLease({ destination, epoch, lastSentAt: null })
  },
})

test('one that comes later gets its share, and nobody gives back more than that', async () => {
  const { stores } = await opened()
  const [one, two] = [engineOn(stores[0], 'one'), engineOn(stores[1], 'two')]
  assert.deepEqual(await one.join(), [])
  assert.deepEqual(await one.take(), names)
  await two.join()
  assert.deepEqual(await two.take(), [])
  const surplus = await one.join()
  assert.equal(surplus.length, 2)
  await one.giveBack(surplus)
  assert.deepEqual(await one.take(), [], 'not taken again at once by whoever gave it back')
  assert.deepEqual((await two.take()).sort(), [...surplus].sort())
  assert.deepEqual([await one.join(), await two.join()], [[], []])
})

test('what only one of them names stays with it, however much that is', async () => {
  const { stores } = await opened()
  const [one, two] = [engineOn(stores[0], 'one'), engineOn(stores[1], 'two', ['a'])]
  await two.join()
  await one.join()
  assert.deepEqual(await one.take(), names)
  assert.deepEqual(await one.join(), ['a'])
  await one.giveBack(['a'])
  assert.deepEqual(await one.take(), [], 'a is for the other')
  assert.deepEqual(await two.take(), ['a'])
  assert.deepEqual(await one.join(), [])
})

test('a destination that has been free for a while is taken by whoever asks', async () => {
  const { stores, database } = await opened()
  const [one, two] = [engineOn(stores[0], 'one'), engineOn(stores[1], 'two')]
  await one.join()
  await one.take(['a', 'b'])
  await two.join()
  await one.giveBack(['b'])
  assert.deepEqual(await one.take(['b']), [])
  await administer(database.url, "update support.destinations set lease_until = lease_until - 60000 where name = 'b'")
  assert.deepEqual(await one.take(['b']), ['b'])
})

test('an engine that left, or has not been heard of, has no share', async () => {
  const { stores, database } = await opened()
  const [one, two] = [engineOn(stores[0], 'one'), engineOn(stores[1], 'two')]
  await two.join()
  await two.leave()
  await one.join()
  assert.deepEqual(await one.take(), names)
  await two.join()
  await administer(database.url, "update support.engines set alive_until = 0 where id = 'two'")
  assert.deepEqual(await one.join(), [])
})

test('a destination that another configuration names is no stranger, as long as that engine lives', async () => {
  const { stores } = await opened()
  const [one, two] = [engineOn(stores[0], 'one'), engineOn(stores[1], 'two', ['a'])]
  const strangers = async () => (await stores[1].destinations()).filter(known => !known.isNamedElsewhere)
  await one.join()
  await one.take()
  await two.join()
  assert.deepEqual(await strangers(), [])
  await one.leave()
  assert.deepEqual(
    (await strangers()).map(({ name }) => name),
    ['b', 'c', 'd', 'e'],
  )
})

test('the limit is exact, and a key counts once, whichever service is asked', async () => {
  const { stores } = await opened()
  const all = await Promise.all(Array.from({ length: 60 }, (_, i) => stores[i % 2 === 0 ? 0 : 1].accept(ticket())))
  assert.equal(all.filter(({ outcome }) => outcome === 'accepted').length, 10)
  const idempotency = { key: 'the same', fingerprint: Uint8Array.of(1, 2) }
  const same = await Promise.all(
    stores.flatMap(store => [1, 2, 3].map(() => accepted(store, { username: 'Bo#1', idempotency }))),
  )
  assert.equal(new Set(same.map(({ number }) => number)).size, 1)
  assert.equal(same.filter(({ repeated }) => !repeated).length, 1)
})

test('a process that stands still in the middle of a transaction keeps nobody from its destinations', async () => {
  const { stores, database } = await opened()
  const [one] = [engineOn(stores[0], 'one')]
  await one.join()
  await one.take()
  const still = openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 1 })
  const [locked, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const frozen = still.transaction(async db => {
    await db.all('select 1 from support.destinations for update')
    locked.resolve()
    await woken.promise
    return (await db.all('select lease_engine from support.destinations'))[0]?.lease_engine
  })
  await locked.promise
  await one.giveBack(names)
  assert.deepEqual(await one.take(), names)
  woken.resolve()
  assert.equal(await frozen, 'one', 'what it had begun is begun anew')
  await still.close()
})
