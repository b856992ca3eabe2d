/** One test for each row of the table, by a real failure where one can be brought about. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { HeldClock, until } from '../../../test/support/held-clock.ts'
import { administer } from '../../../test/support/postgres.ts'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemClock } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { type Connection, connect, type Host } from './connection.ts'
import { troubleOf } from './errors.ts'

const server = await startPostgres()
after(() => server.end())
const url = `postgres://postgres@127.0.0.1:${server.port}/postgres`
await administer(
  url,
  `create table held (a int not null); create table changing (a int); create role poor;
   create role known login password 'secret'; create role lonely login connection limit 0`,
)
const rules = join(server.data, 'pg_hba.conf')
writeFileSync(rules, `host all known 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`)
await administer(url, 'select pg_reload_conf()')

const own = { host: '127.0.0.1', port: server.port }
const address: PostgresAddress = {
  hosts: [own],
  database: 'postgres',
  user: 'postgres',
  password: null,
  tls: null,
  pooler: 'none',
}

type Meaning = readonly [outcome: string, connection: string, message: RegExp, more?: 'again' | 'for good']

const means = (error: unknown, [outcome, connection, message, more]: Meaning): void => {
  const trouble = troubleOf(error)
  const shown = `${error}`
  assert.ok(trouble, shown)
  assert.deepEqual([trouble.outcome, trouble.connection], [outcome, connection], shown)
  assert.match(trouble.message, message)
  assert.deepEqual([trouble.isRetried, trouble.isPermanent], [more === 'again', more === 'for good'], shown)
}

const connecting = async (t: TestContext): Promise<Connection> => {
  const connection = await connect(address, own, systemClock)
  t.after(() => connection.close())
  return connection
}

const failure = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing failed')
}

/** The server's own answer, with any code. */
const raise = (code: string) => [`do $$ begin raise exception 'as told' using errcode = '${code}'; end $$`]

/** Asked one after the other; the last one fails. */
const asked: readonly (readonly [what: string, statements: readonly string[], meaning: Meaning])[] = [
  [
    'what somebody else holds',
    ["set lock_timeout = '1ms'", 'begin', 'lock table held'],
    ['not-written', 'keep', /others hold/, 'again'],
  ],
  [
    'a statement that takes too long',
    ["set statement_timeout = '1ms'", 'select pg_sleep(9)'],
    ['not-written', 'keep', /too long/, 'again'],
  ],
  [
    'a server that takes no writes',
    ['begin read only', 'create table never ()'],
    ['not-written', 'leave', /takes writes/, 'again'],
  ],
  ['a transaction that others overtook', raise('40001'), ['not-written', 'keep', /others hold/, 'again']],
  ['two that lock each other out', raise('40P01'), ['not-written', 'keep', /others hold/, 'again']],
  ['a transaction of which nobody knows how it ended', raise('40003'), ['unknown', 'drop', /lost/]],
  [
    'a right that is missing',
    ['set role poor', 'select * from pg_authid'],
    ['not-written', 'keep', /right/, 'for good'],
  ],
  [
    'a name that another client of a pooler gave',
    ['prepare it as select 1', 'prepare it as select 1'],
    ['not-written', 'drop', /pooler/],
  ],
  ['a name that a pooler left with another server', ['execute nothing'], ['not-written', 'drop', /pooler/]],
  [
    'a plan from before the schema changed',
    ['prepare old as select * from changing', 'alter table changing add column b int', 'execute old'],
    ['not-written', 'leave', /schema/, 'again'],
  ],
  ['a full disk', raise('53100'), ['unknown', 'keep', /disk or memory/]],
  ['no memory', raise('53200'), ['unknown', 'keep', /disk or memory/]],
  ['a disk that fails', raise('58030'), ['unknown', 'drop', /trouble with its disk/]],
  ['data that is damaged', raise('XX001'), ['unknown', 'drop', /trouble with its disk/]],
  ['a link that failed behind the server', raise('08006'), ['unknown', 'drop', /lost/, 'again']],
  [
    'a pooler that takes no settings, in its own words',
    ["do $$ begin raise exception 'unsupported startup parameter: options' using errcode = '08P01'; end $$"],
    ['not-written', 'leave', /pooler that is not declared/, 'for good'],
  ],
  ['words that are not the protocol’s', raise('08P01'), ['unknown', 'drop', /pooler/]],
  ['a server that ends all because one crashed', raise('57P02'), ['unknown', 'drop', /stopped/, 'again']],
  [
    'a connection that is ended by hand',
    ['select pg_terminate_backend(pg_backend_pid())'],
    ['unknown', 'drop', /stopped/, 'again'],
  ],
]

for (const [what, statements, meaning] of asked)
  test(what, async t => {
    const holder = await connecting(t)
    await holder.ask('begin; lock table held', [], 5_000)
    const connection = await connecting(t)
    for (const sql of statements.slice(0, -1)) await connection.ask(sql, [], 5_000)
    means(await failure(connection.ask(statements.at(-1) ?? '', [], 5_000)), meaning)
  })

test('a connection that did nothing in its transaction for too long', async t => {
  const connection = await connecting(t)
  await connection.ask("set idle_in_transaction_session_timeout = '1ms'; begin", [], 5_000)
  await until(() => connection.isLost)
  means(await failure(connection.ask('select 1', [], 5_000)), ['not-written', 'drop', /lost/, 'again'])
  means(Object.assign(new Error(), { code: '25P03' }), ['not-written', 'drop', /did nothing/, 'again'])
})

/** These take a crash, a dead link, a name server or a chain of authorities to bring about. */
for (const [code, meaning] of [
  ['57P05', ['not-written', 'drop', /did nothing/, 'again']],
  ['25P04', ['not-written', 'drop', /did nothing/, 'again']],
  ['EPIPE', ['unknown', 'drop', /lost/, 'again']],
  ['ETIMEDOUT', ['unknown', 'drop', /lost/, 'again']],
  ['EHOSTUNREACH', ['not-written', 'leave', /reached/]],
  ['ENETUNREACH', ['not-written', 'leave', /reached/]],
  ['EAI_AGAIN', ['not-written', 'leave', /reached/]],
  ['CERT_UNTRUSTED', ['not-written', 'leave', /`caFile`/, 'for good']],
  ['UNABLE_TO_GET_ISSUER_CERT', ['not-written', 'leave', /`caFile`/, 'for good']],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', ['not-written', 'leave', /`caFile`/, 'for good']],
] as const)
  test(`${code}, in whatever words`, () => means(Object.assign(new Error('…'), { code }), meaning))

test('what the statement itself did wrong is no trouble of the database', async t => {
  const connection = await connecting(t)
  for (const sql of ['selec', 'select 1 / 0', "select 'x'::int", 'insert into held values (null)', ...raise('P0001')])
    assert.equal(troubleOf(await failure(connection.ask(sql, [], 5_000))), undefined, sql)
  assert.equal(troubleOf(new Error('ours')), undefined)
  assert.equal(troubleOf('no error at all'), undefined)
})

const refused: readonly (readonly [what: string, at: Partial<PostgresAddress>, host: Partial<Host>, Meaning])[] = [
  ['a wrong password', { user: 'known', password: 'no' }, {}, ['not-written', 'leave', /password/, 'for good']],
  ['no password', { user: 'known' }, {}, ['not-written', 'leave', /none is configured/, 'for good']],
  ['a user that is not there', { user: 'nobody' }, {}, ['not-written', 'leave', /this user/, 'for good']],
  ['a database that is not there', { database: 'x' }, {}, ['not-written', 'leave', /of this name/, 'for good']],
  ['no connection left', { user: 'lonely' }, {}, ['not-written', 'leave', /no connection left/]],
  [
    'no TLS',
    { tls: { ca: null, isVerified: true } },
    {},
    ['not-written', 'leave', /TLS.*`sslmode=disable`/, 'for good'],
  ],
  ['a host that is not there', {}, { host: 'nowhere.invalid' }, ['not-written', 'leave', /reached/]],
  ['a host that refuses', {}, { port: 1 }, ['not-written', 'leave', /reached/]],
]

for (const [what, at, host, meaning] of refused)
  test(`a connection does not come about: ${what}`, async () => {
    means(await failure(connect({ ...address, ...at }, { ...own, ...host }, systemClock)), meaning)
  })

test('a connection does not come about: what answers is busy with something else than TLS', async t => {
  const other = createServer(socket => socket.once('data', () => socket.end('E')))
  t.after(() => other.close())
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const { port } = other.address() as AddressInfo // it listens on TCP
  const tls = { ca: null, isVerified: true }
  means(await failure(connect({ ...address, tls }, { ...own, port }, systemClock)), ['not-written', 'leave', /TLS/])
})

test('a connection does not come about: a server that is shutting down', async t => {
  const leaving = await startPostgres()
  t.after(() => leaving.end())
  const host = { host: '127.0.0.1', port: leaving.port }
  const guest = await connect(address, host, systemClock)
  const [pid] = readFileSync(join(leaving.data, 'postmaster.pid'), 'utf8').split('\n')
  process.kill(Number(pid), 'SIGTERM') // it waits for its guests
  const refusal = async (): Promise<unknown> => {
    const error = await failure(
      connect(address, host, systemClock)
        .then(again => again.close())
        .then(refusal),
    )
    return error
  }
  means(await refusal(), ['not-written', 'leave', /shutting down/])
  await guest.close()
})

test('a connection that breaks off in the middle of a statement, and one that is no more', async t => {
  const proxy = await startTcpProxy(t, server)
  const host = { host: '127.0.0.1', port: proxy.port }
  for (const end of [proxy.cut, proxy.reset]) {
    const connection = await connect(address, host, systemClock)
    const sent = new Promise<void>(resolve => {
      proxy.onSent = () => {
        resolve()
        return true
      }
    })
    const answer = failure(connection.ask('select pg_sleep(9)', [], 5_000))
    await sent
    end()
    means(await answer, ['unknown', 'drop', /lost/, 'again'])
    means(await failure(connection.ask('select 1', [], 5_000)), ['not-written', 'drop', /lost/, 'again'])
  }
  await proxy.refuse()
})

test('an answer that does not come, and a connection that does not', async t => {
  const clock = new HeldClock()
  const proxy = await startTcpProxy(t, server)
  const host = { host: '127.0.0.1', port: proxy.port }
  const connection = await connect(address, host, clock)
  proxy.freeze()
  const answer = failure(connection.ask('select 1', [], 5_000))
  await clock.awaited(5_000)
  clock.pass(5_000)
  means(await answer, ['unknown', 'leave', /not answered/, 'again'])
  const other = failure(connect(address, host, clock))
  clock.pass(2_000)
  means(await other, ['not-written', 'leave', /does not answer/])
})
