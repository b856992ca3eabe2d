/** The primary moves, freezes, dies: real servers, with something between that can be frozen and cut. */
import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { HeldClock, until } from '../../../test/support/held-clock.ts'
import { administer } from '../../../test/support/postgres.ts'
import { type PostgresServer, startPostgres, startStandby } from '../../../test/support/postgres-server.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary, type PrimaryOptions } from './primary.ts'
import type { Primary } from './session.ts'
import { openPostgresStore } from './store.ts'

const one = await startPostgres()
const two = await startPostgres()
after(() => Promise.all([one.end(), two.end()]))
const urlOf = ({ port }: { port: number }) => `postgres://postgres@127.0.0.1:${port}/postgres`
for (const server of [one, two]) await administer(urlOf(server), 'create table rows (id int primary key)')

const open = (t: TestContext, ports: readonly { port: number }[], options: Partial<PrimaryOptions> = {}): Primary => {
  const hosts = ports.map(({ port }) => ({ host: '127.0.0.1', port }))
  const address = { hosts, database: 'postgres', user: 'postgres', password: null, tls: null, pooler: 'none' } as const
  const primary = openPrimary(address, { clock: systemClock, random: systemRandom, connections: 4, ...options })
  t.after(() => primary.close())
  return primary
}

/** Which server it is that answers. */
const where = async (primary: Primary): Promise<unknown> =>
  (await primary.read(db => db.all("select current_setting('port')::int as port")))[0]?.port

const setReadOnly = async (server: PostgresServer, isReadOnly: boolean): Promise<void> => {
  await administer(urlOf(server), `alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`)
  await administer(urlOf(server), 'select pg_reload_conf()')
}

/** The session has taken the new setting over. */
const saw = (primary: Primary, value: string): Promise<unknown> =>
  primary.read(async db => {
    for (;;) {
      const [row] = await db.all("select current_setting('default_transaction_read_only') as value")
      if (row?.value === value) return
    }
  })

test('the host that takes writes is found, wherever it stands in the list', async t => {
  await setReadOnly(one, true)
  t.after(() => setReadOnly(one, false))
  const gone = await startTcpProxy(t, one)
  await gone.refuse()
  assert.equal(await where(open(t, [gone, one, two])), two.port)
})

test('a host that takes no writes any more is left with all its connections, and the transaction is run where it can be', async t => {
  const primary = open(t, [one, two], { connections: 2 })
  const both = () => Promise.all([where(primary), where(primary)])
  assert.deepEqual(await both(), [one.port, one.port])
  await setReadOnly(one, true)
  t.after(() => setReadOnly(one, false))
  await saw(primary, 'on')
  await primary.transaction(db => db.run('insert into rows values (1)'))
  assert.deepEqual(await both(), [two.port, two.port])
})

test('a host that froze is left after one answer that did not come, for the next one', async t => {
  const clock = new HeldClock()
  const proxy = await startTcpProxy(t, one)
  const primary = open(t, [proxy, two], { clock })
  assert.equal(await where(primary), one.port)
  proxy.freeze()
  const written = primary.transaction(db => db.run('insert into rows values (2)'))
  await clock.awaited(5_000)
  clock.pass(5_000)
  assert.equal(await written, 1)
  assert.equal(await where(primary), two.port)
  await administer(urlOf(two), 'select 1 / count(*) from rows where id = 2')
})

test('a host that froze before anybody connected costs 2 s', async t => {
  const clock = new HeldClock()
  const proxy = await startTcpProxy(t, one)
  proxy.freeze()
  const primary = open(t, [proxy, two], { clock })
  const found = where(primary)
  await until(() => proxy.count === 1)
  clock.pass(2_000)
  assert.equal(await found, two.port)
})

test('what was begun on a connection that breaks off is run again on another; what was idle is not noticed', async t => {
  const proxy = await startTcpProxy(t, one)
  const primary = open(t, [proxy])
  await Promise.all([where(primary), where(primary), where(primary)])
  proxy.cut()
  assert.equal(await where(primary), one.port)
  let tried = 0
  await primary.transaction(async db => {
    tried += 1
    await db.run('insert into rows values (3)')
    if (tried === 1) proxy.cut()
    await db.run('insert into rows values (4)')
  })
  assert.equal(tried, 2)
  assert.equal(await primary.read(async db => (await db.all('select * from rows where id in (3, 4)')).length), 2)
})

test('however many wait for a database that is away, one connection at a time is tried for; all are served when it is back', async t => {
  const gone = await startTcpProxy(t, one)
  await gone.refuse()
  const target = { port: gone.port }
  const proxy = await startTcpProxy(t, target) // takes connections and closes them, as a balancer without a server does
  const primary = open(t, [proxy])
  const waiting = Array.from({ length: 500 }, () => where(primary))
  await until(() => proxy.count === 3)
  target.port = one.port
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set([one.port]))
  assert.ok(proxy.count <= 8, `${proxy.count} connections`)
})

test('whoever waits for a database that stays away is told why after 4 s', async t => {
  const clock = new HeldClock()
  const proxy = await startTcpProxy(t, one)
  const primary = open(t, [proxy], { clock })
  proxy.freeze()
  const silent = primary.read(db => db.all('select 1'))
  await until(() => proxy.count === 1)
  clock.pass(4_000)
  await assert.rejects(silent, { name: 'StoreUnavailable', outcome: 'not-written', message: /does not answer/ })
})

/** A store that has just been asked how things stand, behind a proxy. */
const watched = async (t: TestContext) => {
  const clock = new HeldClock(1_000)
  const proxy = await startTcpProxy(t, one)
  const primary = open(t, [proxy], { clock })
  await migrate(primary)
  const store = await openPostgresStore(primary, { clock, random: systemRandom })
  await store.check()
  return { clock, proxy, store }
}

test('whoever asks how things stand is told within a second that there is no database, and why', async t => {
  const { proxy, store } = await watched(t)
  await proxy.refuse()
  await assert.rejects(store.check(), { name: 'StoreUnavailable', message: /cannot be reached/ })
})

test('whoever asks while a connection has gone silent is told after 2 s', async t => {
  const { clock, proxy, store } = await watched(t)
  proxy.freeze()
  const told = assert.rejects(store.check(), { name: 'StoreUnavailable', message: /has not answered in time/ })
  await clock.awaited(2_000)
  clock.pass(2_000)
  await told
})

test('a server that was killed is back without a restart of ours, and so is one that is stopped', async t => {
  const server = await startPostgres()
  t.after(() => server.end())
  const primary = open(t, [server], { clock: new HeldClock(2_000) })
  assert.equal(await where(primary), server.port)
  for (const end of [server.kill, server.stop]) {
    await end()
    const meanwhile = where(primary)
    await server.start()
    assert.equal(await meanwhile, server.port)
  }
})

test('a standby is not taken for the primary before it is promoted; of two that say they are it, the later one is', async t => {
  const clock = new HeldClock()
  const old = await startPostgres()
  const standby = await startStandby(old)
  t.after(() => Promise.all([old.end(), standby.end()]))
  const proxy = await startTcpProxy(t, standby)
  const primary = open(t, [proxy, old], { clock, connections: 1 })
  assert.equal(await where(primary), old.port)
  await administer(urlOf(standby), 'select pg_promote()')
  const later = open(t, [proxy, old], { clock, connections: 1 })
  assert.equal(await where(later), standby.port)

  proxy.freeze()
  const unanswered = where(later)
  await clock.awaited(5_000)
  clock.pass(5_000)
  proxy.thaw()
  assert.equal(await unanswered, standby.port) // looked for behind it, where the old one still takes writes
  await proxy.refuse()
  assert.equal(await where(later), old.port) // somebody who is alone may have begun anew
})
