/** What is known of a transaction whose commit met a failure: never more than is true. */
import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { HeldClock } from '../../../test/support/held-clock.ts'
import { administer, freshDatabase } from '../../../test/support/postgres.ts'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/support/tcp-proxy.ts'
import { type Clock, systemClock, systemRandom } from '../../domain/clock.ts'
import { openPrimary } from './primary.ts'
import type { Primary } from './session.ts'

const database = await freshDatabase()
await administer(database.url, 'create table rows (id int primary key)')
after(() => database.dispose())

const open = (t: TestContext, port: number, name: string, clock: Clock = systemClock): Primary => {
  const address = { ...database.address, database: name, hosts: [{ host: '127.0.0.1', port }] }
  const primary = openPrimary(address, { clock, random: systemRandom, connections: 2 })
  t.after(() => primary.close())
  return primary
}

const behindProxy = async (
  t: TestContext,
  clock: Clock = systemClock,
): Promise<{ proxy: TcpProxy; primary: Primary }> => {
  const [{ port } = { port: 0 }] = database.address.hosts
  const proxy = await startTcpProxy(t, { port })
  const primary = open(t, proxy.port, database.address.database, clock)
  await primary.read(db => db.all('select 1'))
  return { proxy, primary }
}

const insert = (primary: Primary, id: number): Promise<number> =>
  primary.transaction(db => db.run('insert into rows values ($1) on conflict do nothing', [id]))

const unknown = { name: 'StoreUnavailable', outcome: 'unknown' }
const isCommit = (piece: Buffer) => piece.includes('commit')

test('a connection that breaks off before the server has seen the commit: unknown, and the same again is written now', async t => {
  const { proxy, primary } = await behindProxy(t)
  proxy.onSent = piece => {
    if (isCommit(piece)) proxy.cut()
    return !isCommit(piece)
  }
  await assert.rejects(insert(primary, 1), unknown)
  proxy.onSent = () => true
  assert.equal(await insert(primary, 1), 1)
})

test('a connection that breaks off before the server’s answer: unknown, and the same again finds it written', async t => {
  const { proxy, primary } = await behindProxy(t)
  proxy.onSent = piece => {
    if (isCommit(piece)) proxy.freeze()
    return true
  }
  const lost = assert.rejects(insert(primary, 2), unknown)
  await committed(2)
  proxy.cut()
  proxy.thaw()
  await lost
  proxy.onSent = () => true
  assert.equal(await insert(primary, 2), 0)
})

test('a commit that is not answered within 5 s: unknown', async t => {
  const clock = new HeldClock()
  const { proxy, primary } = await behindProxy(t, clock)
  proxy.onSent = piece => {
    if (isCommit(piece)) proxy.freeze()
    return true
  }
  const lost = assert.rejects(insert(primary, 3), { ...unknown, message: /not answered in time/ })
  await committed(3)
  clock.pass(5_000)
  await lost
  proxy.onSent = () => true
  proxy.thaw()
  assert.equal(await insert(primary, 3), 0)
})

test('a statement that commits by itself, and whose answer is lost, is asked again, and counts once', async t => {
  const { proxy, primary } = await behindProxy(t)
  let sent = 0
  proxy.onSent = piece => {
    if (!piece.includes('into rows')) return true
    sent += 1
    if (sent === 1) proxy.freeze()
    return true
  }
  const sql = 'insert into rows values ($1) on conflict do nothing returning id'
  const again = primary.statement({ sql, values: [4] })
  await committed(4)
  proxy.cut()
  proxy.thaw()
  assert.deepEqual(await again, [])
  assert.equal(sent, 2)
})

test('what such a statement itself does wrong is passed on, and the connection is of use', async t => {
  const { primary } = await behindProxy(t)
  await assert.rejects(primary.statement({ sql: 'insert into rows values ($1), ($1)', values: [5] }), { code: '23505' })
  assert.deepEqual(await primary.statement({ sql: 'insert into rows values ($1) returning id', values: [5] }), [
    { id: 5 },
  ])
})

for (const [what, how, message] of [
  ['a server that ends the connection during the commit: unknown', 'pg_terminate_backend', /lost/],
  ['a wait for the standby that somebody cancels is no success', 'pg_cancel_backend', /standby/],
] as const)
  test(what, async t => {
    const { server, release } = await withoutStandby(t)
    const written = open(t, server.port, 'postgres').transaction(db => db.run('create table waiting ()'))
    const failed = assert.rejects(written, { ...unknown, message })
    await release(how)
    await failed
  })

test('nor is it for a statement that commits by itself', async t => {
  const { server, release } = await withoutStandby(t)
  const sql = 'create table waiting ()'
  const failed = assert.rejects(open(t, server.port, 'postgres').statement({ sql, values: [] }), {
    ...unknown,
    message: /standby/,
  })
  await release('pg_cancel_backend')
  await failed
})

/** Resolves when others see the row. */
const committed = (id: number): Promise<void> =>
  untilTrue(database.url, `select 1 / count(*) from rows where id = ${id}`)

/** @param sql divides by zero as long as it is not so */
const untilTrue = async (url: string, sql: string): Promise<void> => {
  for (;;) {
    try {
      return await administer(url, sql)
    } catch (error) {
      assert.equal((error as { code?: string }).code, '22012')
    }
  }
}

/** A server on which every commit waits for a standby that is not there. */
const withoutStandby = async (t: TestContext) => {
  const server = await startPostgres(['synchronous_standby_names=nobody'])
  t.after(() => server.end())
  const url = `postgres://postgres@127.0.0.1:${server.port}/postgres`
  const release = (how: 'pg_cancel_backend' | 'pg_terminate_backend') =>
    untilTrue(url, `select 1 / count(${how}(pid)) from pg_stat_activity where wait_event = 'SyncRep'`)
  return { server, release }
}
