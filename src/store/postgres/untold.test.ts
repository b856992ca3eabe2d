/** A ticket whose COMMIT was never answered, and then the database is away: nobody may say that it was not stored. */
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { ticket } from '../../../test/contracts/store/arrange.ts'
import { HeldClock } from '../../../test/support/held-clock.ts'
import { asked, freshDatabase } from '../../../test/support/postgres.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { openPostgresStore } from './store.ts'

const database = await freshDatabase()
after(() => database.dispose())

test('a ticket whose COMMIT was not answered is told as unknown while the database is away, and as stored once it is back', async t => {
  const direct = openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 1 })
  await migrate(direct)
  await direct.close()
  const clock = new HeldClock()
  const [{ port } = { port: 0 }] = database.address.hosts
  const proxy = await startTcpProxy(t, { port })
  const address = { ...database.address, hosts: [{ host: '127.0.0.1', port: proxy.port }] }
  const options = { clock, random: systemRandom }
  const store = await openPostgresStore(openPrimary(address, { ...options, connections: 2 }), options)
  t.after(() => store.close())

  proxy.onSent = piece => {
    if (piece.includes('commit')) proxy.freeze()
    return true
  }
  const one = ticket()
  const told = assert.rejects(store.accept(one), { name: 'StoreUnavailable', outcome: 'unknown' })
  const isThere = `select 1 from support.tickets where id = '${one.id}'`
  while ((await asked(database.url, isThere)).length === 0) await new Promise(setImmediate)
  await proxy.refuse()
  await clock.awaited(4_000)
  // No connection comes about, and it is asked again; a second later nobody waits for the answer any more.
  clock.pass(4_000)
  await clock.awaited(4_000)
  clock.pass(1_000)
  await told
  proxy.thaw()
  proxy.onSent = () => true
  await proxy.listen()
  const again = await store.accept(one)
  assert.equal(again.outcome, 'accepted')
})
