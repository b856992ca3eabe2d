import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { HeldClock, until } from '../../../test/support/held-clock.ts'
import { administer, freshDatabase } from '../../../test/support/postgres.ts'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemRandom } from '../../domain/clock.ts'
import { openPrimary } from './primary.ts'

const database = await freshDatabase()
after(() => database.dispose())

/** Everything that was told, null included, in order. */
const listening = async (t: TestContext, clock = new HeldClock(), { address: at } = database) => {
  const [{ port } = { port: 0 }] = at.hosts
  const proxy = await startTcpProxy(t, { port })
  const address = { ...at, hosts: [{ host: '127.0.0.1', port: proxy.port }] }
  const primary = openPrimary(address, { clock, random: systemRandom, connections: 2 })
  t.after(() => primary.close())
  const told: (string | null)[] = []
  primary.listen('news', payload => told.push(payload))
  return { told, proxy, clock, primary }
}

test('whoever listens is told to look as soon as they are heard, and then what others tell', async t => {
  const { told, primary } = await listening(t)
  await until(() => told.length === 1)
  primary.notify('news', 'it’s "here"')
  await administer(database.url, "notify news, 'theirs'")
  await until(() => told.length === 3)
  assert.deepEqual(new Set(told), new Set([null, 'it’s "here"', 'theirs']))
})

test('hints that come at once go together, and equal ones once', async t => {
  const { told, proxy, primary } = await listening(t)
  await until(() => told.length === 1)
  let statements = 0
  proxy.onSent = () => {
    statements += 1
    return true
  }
  for (let n = 0; n < 1_000; n += 1) primary.notify('news', `${n % 3}`)
  await until(() => new Set(told).size === 4)
  assert.ok(told.length <= 1 + 4, `${told}`)
  // Beside them a connection comes about.
  assert.ok(statements <= 5, `${statements} statements`)
})

test('a hint waits for no standby, and what is written afterwards does', async t => {
  const server = await startPostgres(['synchronous_standby_names=nobody'])
  t.after(() => server.end())
  const hosts = [{ host: '127.0.0.1', port: server.port }]
  const address = { ...database.address, hosts, database: 'postgres', user: 'postgres', password: null }
  const { told, clock, primary } = await listening(t, new HeldClock(), { ...database, address })
  await until(() => told.length === 1)
  primary.notify('news', 'quick')
  await until(() => told.length === 2)
  const written = assert.rejects(
    primary.transaction(db => db.run('create table kept ()')),
    { outcome: 'unknown' },
  )
  const url = `postgres://postgres@127.0.0.1:${server.port}/postgres`
  await administer(
    url,
    `do $$ begin
       loop
         exit when exists (select from pg_stat_activity where wait_event = 'SyncRep');
         perform pg_stat_clear_snapshot();
       end loop;
     end $$`,
  )
  clock.pass(5_000)
  await written
})

test('a connection that leads nowhere any more is noticed within 15 s, and whoever listens looks for themselves', async t => {
  const { told, proxy, clock } = await listening(t)
  await until(() => told.length === 1)
  await clock.awaited(10_000)
  proxy.freeze()
  clock.pass(10_000)
  await clock.awaited(5_000)
  clock.pass(5_000)
  proxy.thaw()
  await clock.awaited(1_000)
  clock.pass(1_000)
  await until(() => told.length === 2)
  await administer(database.url, "notify news, 'again'")
  await until(() => told.length === 3)
  assert.deepEqual(told, [null, null, 'again'])
})

test('a connection that breaks off is made anew, however long that takes', async t => {
  const { told, proxy, clock } = await listening(t)
  await until(() => told.length === 1)
  await proxy.refuse()
  for (let round = 0; round < 3; round += 1) {
    await clock.awaited(1_000)
    clock.pass(1_000)
  }
  await clock.awaited(1_000)
  await proxy.listen()
  clock.pass(1_000)
  await until(() => told.length === 2)
})

test('a hint that cannot be given does no harm', async t => {
  const { told, proxy, clock, primary } = await listening(t, new HeldClock(2_000))
  await until(() => told.length === 1)
  await proxy.refuse()
  primary.notify('news', 'lost')
  await clock.awaited(4_000)
  clock.pass(4_000)
  await proxy.listen()
  await until(() => told.length === 2)
  primary.notify('news', 'heard')
  await until(() => told.length === 3)
  assert.deepEqual(told, [null, null, 'heard'])
})
