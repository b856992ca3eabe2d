/** What a server is set to, on servers that are set so. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { administer } from '../../../test/support/postgres.ts'
import { type PostgresServer, startPostgres, startStandby } from '../../../test/support/postgres-server.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { examineServer } from './examine.ts'
import { openPrimary } from './primary.ts'

const sound = await startPostgres(['fsync=on'])
const adminOf = ({ port }: PostgresServer) => `postgres://postgres@127.0.0.1:${port}/postgres`
const admin = adminOf(sound)
after(() => sound.end())
await administer(admin, 'create role relay login; create role watcher login; grant pg_monitor to watcher')

/** `severity subject` of each finding, and all sentences. */
const examined = async (server: PostgresServer, user = 'relay', aheadMs = 0) => {
  const hosts = [{ host: '127.0.0.1', port: server.port }]
  const address = { hosts, database: 'postgres', user, password: null, tls: null, pooler: 'none' } as const
  const primary = openPrimary(address, { clock: systemClock, random: systemRandom, connections: 1 })
  try {
    const now = () => systemClock.now() - aheadMs
    const findings = await primary.read(db => examineServer(db, { now, connections: 9 }))
    return {
      named: findings.map(({ severity, subject }) => `${severity} ${subject}`),
      said: findings.map(({ what, fix }) => `${what} ${fix}`).join('\n'),
      fixes: findings.map(({ fix }) => /: ([^:]+;)(?: |$)/.exec(fix)?.[1] ?? ''),
    }
  } finally {
    await primary.close()
  }
}

test('a server as it is installed, and a role of its own: nothing to object to', async () => {
  assert.deepEqual((await examined(sound)).named, [])
})

for (const [value, severity] of [
  ['off', 'refused'],
  ['local', 'warning'],
  ['remote_write', 'warning'],
] as const)
  test(`synchronous_commit = ${value} for the role and database alone is ${severity}, and the statement that is named mends it`, async () => {
    await administer(admin, `alter role relay in database postgres set synchronous_commit = '${value}'`)
    const { named, said, fixes } = await examined(sound)
    assert.deepEqual(named, [`${severity} synchronous_commit`])
    assert.match(said, new RegExp(`^synchronous_commit is ${value} for "relay": .* acknowledged tickets\\.`))
    await administer(admin, fixes[0] ?? '')
    assert.deepEqual((await examined(sound)).named, [])
  })

test('a superuser, too few connections and a clock that goes wrong are warnings', async () => {
  assert.deepEqual((await examined(sound, 'postgres')).named, ['warning user'])
  await administer(admin, 'alter role relay connection limit 8; alter database postgres connection limit 7')
  const { named, said, fixes } = await examined(sound)
  assert.deepEqual(named, ['warning CONNECTION LIMIT', 'warning CONNECTION LIMIT'])
  assert.match(said, /8 connections are allowed, and each service holds up to 9[\s\S]*7 connections/)
  for (const fix of fixes) await administer(admin, fix)
  for (const [aheadMs, words] of [
    [60_000, /^The database's clock is 60 s ahead/],
    [-60_000, /^The database's clock is 60 s behind/],
  ] as const) {
    const off = await examined(sound, 'relay', aheadMs)
    assert.deepEqual(off.named, ['warning clock'])
    assert.match(off.said, words)
  }
})

test('a server without fsync, whole pages or room is told all at once', async () => {
  const server = await startPostgres(['fsync=off', 'full_page_writes=off', 'max_connections=10'])
  try {
    await administer(adminOf(server), 'create role relay login')
    const { named, said } = await examined(server)
    assert.deepEqual(named, ['refused fsync', 'warning full_page_writes', 'warning max_connections'])
    assert.match(said, /ALTER SYSTEM SET fsync = 'on'/)
  } finally {
    await server.end()
  }
})

test('a standby that no COMMIT waits for is a warning, and one that cannot be seen is said to be so', async () => {
  const standby = await startStandby(sound)
  const isThere = async () => (await examined(sound, 'watcher')).named
  while ((await isThere()).length === 0) await new Promise(resolve => setImmediate(resolve))
  const { named, said } = await examined(sound)
  assert.deepEqual(named, ['warning synchronous_standby_names'])
  assert.match(said, /No standby is synchronous, though one standby follows/)

  await administer(admin, "alter system set synchronous_standby_names = '*'")
  await administer(admin, 'select pg_reload_conf()')
  while ((await isThere()).length > 0) await new Promise(resolve => setImmediate(resolve))
  const unseen = await examined(sound)
  assert.deepEqual(unseen.named, ['warning synchronous_standby_names'])
  assert.match(unseen.said, /cannot be seen by this role.* pg_monitor/)
  await standby.end()
  while ((await isThere()).length === 0) await new Promise(resolve => setImmediate(resolve))
  assert.match((await examined(sound, 'watcher')).said, /none is connected: no ticket can be acknowledged/)
})
