/** What a start meets: a database that is not up yet is waited for, one that will never let us in is told at once. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import pg from 'pg'
import { HeldClock, until } from '../../../test/support/held-clock.ts'
import { administer } from '../../../test/support/postgres.ts'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemRandom } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { openPrimary } from './primary.ts'

const server = await startPostgres()
after(() => server.end())
const url = `postgres://postgres@127.0.0.1:${server.port}/postgres`
await administer(
  url,
  "create role known login password 'secret'; create role lonely login connection limit 0; create role stranger login",
)
await administer(url, 'create database closed')
await administer(url, 'revoke connect on database closed from public')
const rules = join(server.data, 'pg_hba.conf')
writeFileSync(rules, `host all known 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`)
await administer(url, 'select pg_reload_conf()')

const opened = (t: TestContext, at: Partial<PostgresAddress>, ports = [server.port], clock = new HeldClock(2_000)) => {
  const hosts = ports.map(port => ({ host: '127.0.0.1', port }))
  const rest = { database: 'postgres', user: 'postgres', password: null, tls: null, pooler: 'none' } as const
  const primary = openPrimary({ hosts, ...rest, ...at }, { clock, random: systemRandom, connections: 2 })
  t.after(() => primary.close())
  return { clock, ask: () => primary.read(db => db.all('select current_user as who')) }
}

for (const [what, at, message] of [
  ['a wrong password', { user: 'known', password: 'hunter2' }, /refuses the password/],
  ['a user that is not there', { user: 'nobody' }, /does not let this user in/],
  ['a database that lets only others in', { user: 'stranger', database: 'closed' }, /GRANT CONNECT ON DATABASE/],
  ['a database that is not there', { database: 'elsewhere' }, /no database of this name/],
] as const)
  test(`${what} is told at once`, async t => {
    const { ask } = opened(t, at)
    await assert.rejects(ask(), { name: 'StoreUnavailable', outcome: 'not-written', isPermanent: true, message })
    await assert.rejects(ask(), (error: Error) => !/hunter2/.test(`${error.stack}${error.cause}`))
  })

for (const isFirst of [true, false])
  test(`what one host refuses for good is told when the others stay away, wherever it stands: ${isFirst ? 'first' : 'last'}`, async t => {
    const away = await startTcpProxy(t, server)
    await away.refuse()
    const proxy = await startTcpProxy(t, server)
    const ports = isFirst ? [proxy.port, away.port] : [away.port, proxy.port]
    const { ask, clock } = opened(t, { user: 'known', password: 'hunter2' }, ports)
    const asking = assert.rejects(ask(), { isPermanent: true, message: /refuses the password/ })
    await until(() => proxy.count === 2)
    clock.pass(4_000)
    await asking
  })

test('what one host refuses for good hides no other: one that serves is used, one that comes up meanwhile too', async t => {
  const stranger = await startPostgres()
  t.after(() => stranger.end())
  const refusing = await startTcpProxy(t, stranger)
  const proxy = await startTcpProxy(t, server)
  const at = { user: 'known', password: 'secret' }
  assert.deepEqual(await opened(t, at, [refusing.port, proxy.port]).ask(), [{ who: 'known' }])
  await proxy.refuse()
  const asked = opened(t, at, [refusing.port, proxy.port]).ask()
  await until(() => refusing.count === 3)
  await proxy.listen()
  assert.deepEqual(await asked, [{ who: 'known' }])
})

for (const [password, answer] of [
  ['secret', { who: 'known' }],
  ['hunter2', 'the database refuses the password'],
] as const)
  test(`a host behind silent ones is asked before anybody is told that nobody answers: ${password}`, async t => {
    const silent = [await startTcpProxy(t, server), await startTcpProxy(t, server)]
    for (const proxy of silent) proxy.freeze()
    const ports = [...silent.map(({ port }) => port), server.port]
    const { ask, clock } = opened(t, { user: 'known', password }, ports, new HeldClock())
    const asked = ask().then(
      ([row]) => row,
      error => error.message,
    )
    for (const _ of silent) {
      await clock.awaited(2_000)
      clock.pass(2_000)
    }
    clock.pass(1) // nobody's patience of 4 s lasts until here
    assert.deepEqual(await asked, answer)
  })

test('when every host refuses for good nobody waits, and the first answer is told', async t => {
  const stranger = await startPostgres()
  t.after(() => stranger.end())
  for (const [ports, message] of [
    [[server.port, stranger.port], /refuses the password/],
    [[stranger.port, server.port], /does not let this user in/],
  ] as const)
    await assert.rejects(opened(t, { user: 'known', password: 'hunter2' }, [...ports]).ask(), {
      isPermanent: true,
      message,
    })
})

test('a database that has no connection left is waited for', async t => {
  const proxy = await startTcpProxy(t, server)
  const { ask } = opened(t, { user: 'lonely' }, [proxy.port])
  const asked = ask()
  await until(() => proxy.count === 2)
  await administer(url, 'alter role lonely connection limit -1')
  assert.deepEqual(await asked, [{ who: 'lonely' }])
})

test('a database that is shutting down is waited for until it has started up again', async t => {
  const restarted = await startPostgres()
  t.after(() => restarted.end())
  const guest = new pg.Client(`postgres://postgres@127.0.0.1:${restarted.port}/postgres`)
  await guest.connect()
  const lock = join(restarted.data, 'postmaster.pid')
  const [pid] = readFileSync(lock, 'utf8').split('\n')
  process.kill(Number(pid), 'SIGTERM') // it waits for its guests
  const proxy = await startTcpProxy(t, restarted)
  const { ask } = opened(t, {}, [proxy.port])
  const asked = ask()
  await until(() => proxy.count === 2)
  await guest.end()
  await until(() => !existsSync(lock))
  await restarted.start()
  assert.deepEqual(await asked, [{ who: 'postgres' }])
})

test('a right password is taken, and one that was changed meanwhile is told without ending anything', async t => {
  const { ask } = opened(t, { user: 'known', password: 'secret' })
  assert.deepEqual(await ask(), [{ who: 'known' }])
  await administer(url, "alter role known password 'other'")
  await administer(url, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'known'")
  await assert.rejects(ask(), { isPermanent: true })
  await administer(url, "alter role known password 'secret'")
  const askAgain = (): Promise<unknown> => ask().catch(() => askAgain())
  assert.deepEqual(await askAgain(), [{ who: 'known' }])
})
