/** The primary is found, left and found again; what is not known is not said to be. On real servers, some of them behind a proxy of the test's. */
import assert from 'node:assert/strict'
import { createServer, connect as dial, type Socket } from 'node:net'
import test, { after } from 'node:test'
import { administer, freshDatabase } from '../../../test/support/postgres.ts'
import { type PostgresServer, startPostgres } from '../../../test/support/postgres-server.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import { openPrimary } from './primary.ts'
import type { Primary } from './session.ts'

const servers: PostgresServer[] = []
const primaries: Primary[] = []
after(async () => {
  for (const primary of primaries) await primary.close()
  for (const server of servers) await server.end()
})

const server = async (settings: readonly string[] = []): Promise<PostgresServer> => {
  const one = await startPostgres(settings)
  servers.push(one)
  return one
}

const open = (address: Partial<PostgresAddress> & Pick<PostgresAddress, 'hosts'>): Primary => {
  const whole = {
    database: 'postgres',
    user: 'postgres',
    password: null,
    tls: null,
    pooler: 'none',
    ...address,
  } as const
  const primary = openPrimary(whole, { clock: systemClock, random: systemRandom, connections: 2 })
  primaries.push(primary)
  return primary
}

const at = (port: number) => ({ host: '127.0.0.1', port })
const portOf = async (primary: Primary) =>
  (await primary.read(db => db.all("select current_setting('port') as port")))[0]?.port
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof StoreUnavailable ? error.outcome : String(error)),
  )

test('of several hosts the one that takes writes is used, wherever it stands', async () => {
  const [follower, leader] = await Promise.all([server(['default_transaction_read_only=on']), server()])
  const primary = open({ hosts: [at(1), at(follower.port), at(leader.port)] })
  assert.equal(await portOf(primary), String(leader.port))
})

test('a host that takes no writes any more is left with all connections, and the other is found', async () => {
  const [first, second] = await Promise.all([server(), server()])
  const primary = open({ hosts: [at(first.port), at(second.port)] })
  assert.equal(await portOf(primary), String(first.port))
  const url = `postgres://postgres@127.0.0.1:${first.port}/postgres`
  await administer(url, 'alter system set default_transaction_read_only = on')
  await administer(url, 'select pg_reload_conf()')
  await primary.transaction(db => db.run('create table written ()'))
  assert.equal(await portOf(primary), String(second.port))
})

test('a host that stands still is left for the next one', async () => {
  const [first, second] = await Promise.all([server(), server()])
  const primary = open({ hosts: [at(first.port), at(second.port)] })
  assert.equal(await portOf(primary), String(first.port))
  await first.freeze()
  assert.equal(await portOf(primary), String(second.port))
  await first.thaw()
})

test('connections that died while nobody used them are nobody’s trouble', async () => {
  const one = await server()
  const primary = open({ hosts: [at(one.port)] })
  await Promise.all([portOf(primary), portOf(primary)])
  await one.kill()
  assert.equal(await outcomeOf(portOf(primary)), 'not-written')
  await one.start()
  assert.equal(await portOf(primary), String(one.port))
})

/** Cuts every connection when something that holds these words is sent, before or after it is passed on. */
const cutAt = async (port: number, words: string, when: 'before' | 'after') => {
  const sockets = new Set<Socket>()
  const proxy = createServer(inward => {
    const outward = dial(port, '127.0.0.1')
    for (const socket of [inward, outward]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    outward.on('data', chunk => inward.write(chunk))
    outward.on('close', () => inward.destroy())
    inward.on('close', () => outward.end())
    inward.on('data', chunk => {
      const isMeant = chunk.includes(words)
      if (isMeant && when === 'before') outward.destroy()
      else outward.write(chunk)
      if (isMeant) inward.destroy()
    })
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => proxy.close(resolve))
  }
  return { port: (proxy.address() as { port: number }).port, close } // it listens on TCP
}

for (const when of ['before', 'after'] as const)
  test(`a connection cut ${when} the COMMIT reaches the server: the outcome is not known`, async () => {
    const database = await freshDatabase()
    const [host] = database.address.hosts
    const proxy = await cutAt(host?.port ?? 0, 'commit', when)
    const primary = open({ ...database.address, hosts: [at(proxy.port)] })
    await administer(database.url, 'create table kept (n integer)')
    assert.equal(await outcomeOf(primary.transaction(db => db.run('insert into kept values (1)'))), 'unknown')
    await primary.close()
    await proxy.close()
    await database.dispose()
  })

test('a wait for the standby that somebody cancels is no success', async () => {
  const one = await server(['synchronous_standby_names=nobody'])
  const primary = open({ hosts: [at(one.port)] })
  const url = `postgres://postgres@127.0.0.1:${one.port}/postgres`
  const commit = outcomeOf(primary.transaction(db => db.run('create table kept ()')))
  const cancelled = administer(
    url,
    `do $$ begin
       loop
         perform pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep';
         exit when found;
         perform pg_sleep(0.02);
         perform pg_stat_clear_snapshot();
       end loop;
     end $$`,
  )
  assert.equal(await commit, 'unknown')
  await cancelled
})

test('what a statement did wrong is passed on, and everything before it rolled back', async () => {
  const database = await freshDatabase()
  const primary = open(database.address)
  const wrong = primary.transaction(async db => {
    await db.run('create table kept ()')
    await db.run('select no_such_column')
  })
  await assert.rejects(wrong, { code: '42703' })
  assert.deepEqual(await primary.read(db => db.all("select to_regclass('kept') as found")), [{ found: null }])
  await primary.close()
  await database.dispose()
})

test('what others tell is heard, and whoever was cut off is told to look', async () => {
  const database = await freshDatabase()
  const [one, other] = [open(database.address), open(database.address)]
  const heard: (string | null)[] = []
  let wake = () => {}
  const hears = async (count: number) => {
    while (heard.length < count) await new Promise<void>(resolve => (wake = resolve))
  }
  one.listen('some_channel', payload => {
    heard.push(payload)
    wake()
  })
  await hears(1)
  other.notify('some_channel', 'hello')
  await hears(2)
  assert.deepEqual(heard, [null, 'hello'])
  await Promise.all([one.close(), other.close()])
  await database.dispose()
})
