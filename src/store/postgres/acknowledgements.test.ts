/** Services that share a database count the mails to an address together. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { dueNow, ticket } from '../../../test/contracts/store/arrange.ts'
import { freshDatabase } from '../../../test/support/postgres.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { openPostgresStore } from './store.ts'

test('an address gets three within an hour, however many services take the tickets at once', async t => {
  const database = await freshDatabase()
  t.after(() => database.dispose())
  const deps = { clock: systemClock, random: systemRandom }
  const open = () => openPrimary(database.address, { ...deps, connections: 4 })
  const primary = open()
  await migrate(primary)
  await primary.close()
  const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore(open(), deps)))
  const acknowledgement = { destination: 'receipts', address: 'ada@sdu.dk' }
  const writers = Array.from({ length: 60 }, (_, i) => `writer-${i}`)
  for (const some of [writers.slice(0, 30), writers.slice(30)]) {
    const taken = await Promise.all(
      some.map((username, i) => stores[i % 3]?.accept(ticket({ username, acknowledgement }))),
    )
    assert.ok(taken.every(result => result?.outcome === 'accepted'))
  }
  const [first = assert.fail()] = stores
  assert.equal((await dueNow(first, 'receipts')).length, 3)
  await Promise.all(stores.map(store => store.close()))
})
