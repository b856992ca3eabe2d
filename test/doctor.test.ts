/** `support-relay doctor` as an operator runs it, and what a start says of the same things. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { grantsTo } from '../src/store/postgres/rights.ts'
import { soundSettings, startPatroni } from './support/patroni.ts'
import { administer } from './support/postgres.ts'
import { freePort, startPostgres } from './support/postgres-server.ts'
import { run, startProgram } from './support/service.ts'
import { startTcpProxy } from './support/tcp-proxy.ts'
import { twoHooks } from './support/two-hooks.ts'

const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
const server = await startPostgres(['fsync=on'])
after(async () => {
  await server.end()
  rmSync(folder, { recursive: true })
})
const address = (user: string, port = server.port) => `postgres://${user}@127.0.0.1:${port}/postgres`
const admin = address('postgres')

const configure = (store: string): string => {
  const config = join(folder, `${randomUUID()}.yaml`)
  writeFileSync(config, `${twoHooks('http://127.0.0.1:9')}store: "${store}"\n`)
  return config
}
const owner = configure(admin)
const relay = configure(address('relay'))
assert.equal((await run(['migrate', '--config', owner])).code, 0)
await administer(admin, `create role relay login; ${grantsTo('relay').join(' ')}`)

type Findings = readonly { readonly subject: string; readonly what: string; readonly fix: string }[]
const doctor = async (config: string, ...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(['doctor', '--config', config, ...args, '--json'])
  assert.equal(stderr, '')
  const { refused, warnings } = JSON.parse(stdout) as { refused: Findings; warnings: Findings }
  const subjects = (findings: Findings) => findings.map(({ subject }) => subject)
  return { code, refused: subjects(refused), warnings: subjects(warnings), said: stdout }
}

test('0 where there is nothing to object to, 1 with warnings, each with its name, what comes of it and what to do', async () => {
  const sound = await run(['doctor', '--config', relay])
  assert.deepEqual(
    [sound.code, sound.stdout],
    [0, `The PostgreSQL database postgres on 127.0.0.1:${server.port}: nothing to object to.\n`],
  )
  const warned = await run(['doctor', '--config', owner])
  assert.equal(warned.code, 1)
  assert.match(
    warned.stdout,
    /0 refused, 1 warning\.\n\nwarning {2}user\n {4}"postgres" is a superuser: .*\n {4}Fix: .*--grant-to ROLE/,
  )
})

test('3 where a COMMIT is answered that is on no disk, and then nothing starts on it', async t => {
  await administer(admin, 'alter role relay set synchronous_commit = off')
  t.after(() => administer(admin, 'alter role relay reset synchronous_commit'))
  const { code, refused } = await doctor(relay)
  assert.deepEqual([code, refused], [3, ['synchronous_commit']])
  for (const command of ['serve', 'tickets']) {
    const started = await run([command, '--config', relay])
    assert.equal(started.code, 3, command)
    assert.match(
      started.stderr,
      /^synchronous_commit is off for "relay": .* ALTER ROLE "relay" .* Nothing was changed\.\n$/,
    )
  }
})

test('3 where a right is missing, with the statement that gives it', async t => {
  await administer(admin, 'revoke update on support.deliveries from relay')
  t.after(() => administer(admin, 'grant update on support.deliveries to relay'))
  const { code, refused, said } = await doctor(relay)
  assert.deepEqual([code, refused], [3, ['rights']])
  assert.ok(said.includes('GRANT UPDATE ON TABLE support.deliveries TO \\"relay\\";'), said)
})

test('3 where a schema is older than this version and the role may not change it', async t => {
  await administer(admin, 'update support.schema_version set version = version - 1')
  t.after(() => administer(admin, 'update support.schema_version set version = version + 1'))
  const { code, refused, said } = await doctor(relay)
  assert.deepEqual([code, refused], [3, ['schema']])
  assert.match(said, /Run \\"support-relay migrate\\" as the role that owns it/)
  assert.equal((await doctor(owner)).code, 1)
})

test('3 where a folder is being moved into the database, in the words that a start gives', async t => {
  await administer(admin, "insert into support.moves (source, state, begun_at) values ('folder', 'state', 1)")
  t.after(() => administer(admin, 'truncate support.moves'))
  const { code, refused, said } = await doctor(relay)
  assert.deepEqual([code, refused], [3, ['store']])
  const started = await run(['serve', '--config', relay])
  const [finding] = (JSON.parse(said) as { refused: Findings }).refused
  assert.deepEqual([started.code, started.stderr], [3, `${finding?.what} ${finding?.fix} Nothing was changed.\n`])
  assert.match(
    started.stderr,
    /^A data folder is being moved into this database, and not all of it is there\. Run the same/,
  )
  await administer(admin, 'revoke select on support.moves from relay')
  t.after(() => administer(admin, 'grant select on support.moves to relay'))
  assert.deepEqual((await doctor(relay)).refused, ['rights'])
  await administer(admin, 'update support.moves set done_at = 2; grant select on support.moves to relay')
  assert.equal((await doctor(relay)).code, 0)
})

test('before a schema is made, what is said of the right to make it is true, whatever others keep there', async t => {
  const names = ['created', 'given']
  t.after(async () => {
    for (const name of names) await administer(admin, `drop database ${name} with (force)`)
    await administer(admin, 'drop role admin_r')
  })
  const of = (user: string, name: string) => address(user).replace(/postgres$/, name)
  await administer(admin, 'create role admin_r login')
  for (const name of names) {
    await administer(admin, `create database ${name}`)
    await administer(of('postgres', name), 'create schema support create table customers (id int)')
  }
  await administer(of('postgres', 'created'), 'alter schema support owner to admin_r')
  const created = configure(of('admin_r', 'created'))
  assert.deepEqual(await doctor(created).then(({ code, refused }) => [code, refused]), [0, []])
  assert.equal((await run(['migrate', '--config', created])).code, 0)
  await administer(of('postgres', 'created'), 'update support.schema_version set version = version - 1')
  assert.deepEqual((await doctor(created)).refused, [])

  const given = configure(of('admin_r', 'given'))
  const { code, refused, said } = await doctor(given)
  assert.deepEqual([code, refused], [3, ['rights', 'rights']])
  assert.match(said, /"\\"admin_r\\" has no right to make tables in the schema \\"support\\"/)
  const statement = 'GRANT USAGE, CREATE ON SCHEMA support TO "admin_r";'
  assert.ok(said.includes(JSON.stringify(`run as its owner: ${statement}`).slice(1, -1)), said)
  const refusedToo = await run(['migrate', '--config', given])
  assert.deepEqual([refusedToo.code, refusedToo.stderr.includes(statement)], [3, true])
  await administer(of('postgres', 'given'), statement)
  assert.deepEqual((await doctor(given)).code, 0)
  assert.equal((await run(['migrate', '--config', given])).code, 0)
})

test('3 where an undeclared pooler is between, or nobody answers', async t => {
  const proxy = await startTcpProxy(t, server)
  proxy.onSent = piece => {
    const at = piece.indexOf('options\0')
    if (at >= 0) piece.write('a.thing', at)
    return true
  }
  const pooled = await doctor(configure(address('relay', proxy.port)))
  assert.deepEqual([pooled.code, pooled.refused], [3, ['store']])
  assert.match(
    pooled.said,
    /a pooler that is not declared is in front of it: write `pooler: transaction` beside its `url`/,
  )
  const started = await run(['serve', '--config', configure(address('relay', proxy.port))])
  assert.equal(started.code, 3)
  assert.match(started.stderr, /pooler: transaction/)
  const nobody = await doctor(configure(address('relay', await freePort())))
  assert.deepEqual([nobody.code, nobody.refused], [3, ['store']])
})

test('3 where one host does not answer and the other one lets nobody in, with what the other one says', async () => {
  const { code, said } = await doctor(configure(`postgres://nobody@127.0.0.1:1,127.0.0.1:${server.port}/postgres`))
  assert.equal(code, 3)
  assert.match(said, /does not let this user in[\s\S]*Correct `store` in the configuration/)
})

test('a machine whose crash would lose tickets is refused by doctor, and told by every start', async t => {
  const quick = await startPostgres(['fsync=off'])
  t.after(() => quick.end())
  const config = configure(address('postgres', quick.port))
  const { code, refused, warnings } = await doctor(config)
  assert.deepEqual([code, refused, warnings], [3, ['fsync'], ['user']])
  const service = await startProgram(['serve', '--config', config], folder)
  const told = service
    .printed()
    .split('\n')
    .filter(line => line.includes('the database could be safer'))
  assert.deepEqual(
    told.map(line => JSON.parse(line)).map(({ level, subject }) => [level, subject]),
    [
      ['warn', 'fsync'],
      ['warn', 'user'],
    ],
  )
  assert.equal(await service.end('SIGTERM'), 0)
})

test('a Patroni is asked where one is named: before 3.1 it is refused, what is not strict is a warning', async (t: TestContext) => {
  const sound = await startPatroni(t, '4.0.7', soundSettings)
  assert.deepEqual(await doctor(relay, '--patroni', sound).then(({ code, warnings }) => [code, warnings]), [0, []])
  const lax = { ...soundSettings, synchronous_mode_strict: false, failsafe_mode: undefined, primary_start_timeout: 300 }
  const [old, loose] = [await startPatroni(t, '3.0.2', soundSettings), await startPatroni(t, '4.0.7', lax)]
  const both = await doctor(relay, '--patroni', old, '--patroni', loose)
  assert.deepEqual([both.code, both.refused], [3, ['patroni']])
  assert.deepEqual(both.warnings, ['synchronous_mode_strict', 'failsafe_mode', 'primary_start_timeout'])
  assert.match(both.said, /Patroni is version 3\.0\.2: [\s\S]*patronictl edit-config -s synchronous_mode_strict=true/)
  const silent = await doctor(relay, '--patroni', `http://127.0.0.1:${await freePort()}`)
  assert.deepEqual([silent.code, silent.warnings], [1, ['patroni']])
  assert.match(silent.said, /No Patroni answers at http:\S+: The connection was refused \(ECONNREFUSED\)\."/)
  const closed = await startPatroni(t, '4.0.7', {}, { status: 401, body: '{}' })
  const unread = await doctor(relay, '--patroni', closed)
  assert.deepEqual([unread.code, unread.refused, unread.warnings], [1, [], ['patroni']])
  assert.match(unread.said, /its configuration could not be read: status 401\. \(http:/)
  for (const wrong of ['db1:8008', 'http://me:hush@db1:8008']) {
    const { code, stdout, stderr } = await run(['doctor', '--config', relay, '--patroni', wrong])
    assert.deepEqual([code, stdout, stderr.startsWith('--patroni takes the http')], [2, '', true])
    assert.doesNotMatch(stderr, /hush/)
  }
})

test('a folder is looked at by each start itself', async () => {
  const config = configure(join(folder, 'data'))
  assert.equal((await run(['doctor', '--config', config, '--patroni', 'http://db1:8008'])).code, 2)
  const { code, stdout } = await run(['doctor', '--config', config])
  assert.equal(code, 0)
  assert.match(stdout, /^The folder \S+data, which each start looks at itself: nothing to object to\.$/m)
})
