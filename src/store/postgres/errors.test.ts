/** What each failure means. What can be brought about on a real server is; what cannot stands in the driver's own words. */
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import pg from 'pg'
import { freshDatabase } from '../../../test/support/postgres.ts'
import { ConnectionFault, troubleOf } from './errors.ts'

const database = await freshDatabase()
after(() => database.dispose())

const address = { ...database.address.hosts[0], user: database.address.user, database: database.address.database }

const failure = async (work: (client: pg.Client, other: pg.Client) => Promise<unknown>): Promise<unknown> => {
  const clients = [0, 1].map(() => new pg.Client({ connectionString: database.url }))
  const [client, other] = clients
  assert.ok(client && other)
  for (const one of clients) {
    one.on('error', () => {})
    await one.connect()
  }
  try {
    await work(client, other)
  } catch (error) {
    return error
  } finally {
    await Promise.all(clients.map(one => one.end().catch(() => {})))
  }
  return assert.fail('nothing failed')
}

const connecting = (more: pg.ClientConfig): Promise<unknown> =>
  new pg.Client({ ...address, ...more }).connect().then(
    () => assert.fail('it connected'),
    (error: unknown) => error,
  )

const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0

for (const [what, bring, outcome, connection, isRetried] of [
  [
    'an administrator ends the connection',
    () =>
      failure(async (client, other) => {
        const pid = await pidOf(client)
        await Promise.all([client.query('select pg_sleep(30)'), other.query('select pg_terminate_backend($1)', [pid])])
      }),
    'unknown',
    'drop',
    true,
  ],
  [
    'a statement is cancelled',
    () => failure(client => client.query('set statement_timeout = 10; select pg_sleep(30)')),
    'not-written',
    'keep',
    true,
  ],
  [
    'a server that takes no writes',
    () => failure(client => client.query('set transaction_read_only = on; create table t ()')),
    'not-written',
    'leave',
    true,
  ],
  [
    'a lock that does not come',
    () =>
      failure(async (client, other) => {
        await other.query('begin; select pg_advisory_xact_lock(1)')
        await client.query('set lock_timeout = 10; select pg_advisory_lock(1)')
      }),
    'not-written',
    'keep',
    true,
  ],
  [
    'two that wait for each other',
    () =>
      failure(async (client, other) => {
        await client.query('set deadlock_timeout = 10; begin; select pg_advisory_xact_lock(1)')
        await other.query('begin; select pg_advisory_xact_lock(2)')
        await Promise.all([
          client.query('select pg_advisory_xact_lock(2)'),
          other.query('select pg_advisory_xact_lock(1)'),
        ])
      }),
    'not-written',
    'keep',
    true,
  ],
  ['no such database', () => connecting({ database: 'not_there' }), 'not-written', 'leave', false],
  ['no such role', () => connecting({ user: 'not_there' }), 'not-written', 'leave', false],
  ['nobody listens', () => connecting({ port: 1 }), 'not-written', 'leave', false],
] as const)
  test(`${what}: ${outcome}, ${connection}`, async () => {
    const error = await bring()
    const found = troubleOf(error)
    assert.deepEqual(
      [found?.outcome, found?.connection, found?.isRetried],
      [outcome, connection, isRetried],
      String(error),
    )
  })

const coded = (code: string) => Object.assign(new Error('in any language'), { code })

for (const [error, outcome, connection] of [
  [coded('57P02'), 'unknown', 'drop'],
  [coded('57P03'), 'not-written', 'leave'],
  [coded('53300'), 'not-written', 'leave'],
  [coded('53100'), 'unknown', 'keep'],
  [coded('40001'), 'not-written', 'keep'],
  [coded('58030'), 'unknown', 'drop'],
  [coded('28P01'), 'not-written', 'leave'],
  [coded('08006'), 'unknown', 'drop'],
  [coded('ECONNRESET'), 'unknown', 'drop'],
  [coded('ETIMEDOUT'), 'unknown', 'drop'],
  [coded('EAI_AGAIN'), 'not-written', 'leave'],
  [new Error('Connection terminated unexpectedly'), 'unknown', 'drop'],
  [new ConnectionFault('NO_CONNECTION'), 'not-written', 'leave'],
  [new ConnectionFault('NOT_SENT'), 'not-written', 'drop'],
  [new ConnectionFault('NO_ANSWER'), 'unknown', 'leave'],
  [new ConnectionFault('NOT_REPLICATED'), 'unknown', 'keep'],
] as const)
  test(`${'code' in error ? error.code : error.message}: ${outcome}, ${connection}`, () => {
    assert.deepEqual([troubleOf(error)?.outcome, troubleOf(error)?.connection], [outcome, connection])
  })

test('what the statement did wrong is no trouble of the connection', () => {
  for (const code of ['23505', '22021', '42P01', 'P0001']) assert.equal(troubleOf(coded(code)), undefined)
  assert.equal(troubleOf('no error at all'), undefined)
})
