/** The whole program on a PostgreSQL: alone, as one of two, and while the database is away. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { asked, freshDatabase } from './support/postgres.ts'
import { freePort, startPostgres } from './support/postgres-server.ts'
import { startReceiver } from './support/receiver.ts'
import { launch, MAIN, post, type Running, run, startProgram } from './support/service.ts'
import { HOOKS, twoHooks } from './support/two-hooks.ts'

const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
const receiver = await startReceiver()
const running: Running[] = []
after(async () => {
  for (const { child, end } of running) if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
  await receiver.close()
  rmSync(folder, { recursive: true })
})

let configured = 0
const configure = (url: string, server = 'server: { port: 0 }', edited = (text: string) => text): string => {
  configured += 1
  const config = join(folder, `${configured}.yaml`)
  const text = `${twoHooks(receiver.url).replace('server: { port: 0 }', server)}store: "${url}"\n`
  writeFileSync(config, edited(text))
  return config
}

const start = async (config: string): Promise<Running> => {
  const one = await startProgram(['serve', '--config', config], folder)
  running.push(one)
  return one
}

/** Asks until the answer is the one that is waited for. */
const until = async (what: string, ask: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 40_000
  while (!(await ask())) {
    assert.ok(performance.now() < deadline, `waited in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

test('two services on one database: each has its share, whoever takes a ticket; what one leaves the other serves', async () => {
  const database = await freshDatabase()
  const config = configure(database.url)
  const one = await start(config)
  const two = await start(config)
  const holders = () =>
    asked(database.url, 'select distinct lease_engine from support.destinations where lease_engine is not null')
  await until('each serves one of two destinations', async () => (await holders()).length === 2)

  const before = receiver.received.length
  for (const [i, { address }] of [one, two, one, two].entries())
    assert.equal((await post(address, { subject: `Number ${i}`, message: 'Hello' })).status, 200)
  await receiver.seen(before + 8)
  const ids = receiver.received.slice(before).map(({ headers }) => headers['webhook-id'])
  assert.equal(new Set(ids).size, 8)

  assert.equal(await one.end('SIGTERM'), 0)
  await post(two.address, { subject: 'The last', message: 'Hello' })
  await receiver.seen(before + 10)
  assert.equal((await holders()).length, 1)
  assert.equal((await asked(database.url, 'select 1 from support.engines')).length, 1)

  const [, team] = HOOKS
  const other = configure(database.url, 'server: { port: 0 }', text => text.replaceAll(team, 'elsewhere'))
  const known = await run(['destinations', 'list', '--config', other, '--json'])
  const states = JSON.parse(known.stdout).items.map(({ name, state }: Record<string, string>) => `${name} ${state}`)
  assert.deepEqual(
    states,
    HOOKS.map(name => `${name} OK`),
    'also where another configuration does not name it',
  )

  const listed = await run(['tickets', '--config', config, '--json'])
  assert.equal(JSON.parse(listed.stdout).items.length, 5)
  const backup = await run(['backup', join(folder, 'copy'), '--config', config])
  assert.equal(backup.code, 2)
  assert.match(backup.stderr, /pg_dump/)
  await two.end('SIGTERM')
  assert.deepEqual(
    readdirSync(folder).filter(name => !name.endsWith('.yaml')),
    [],
    'nothing is written to the disk',
  )
  await database.dispose()
})

test('a lease that ran out is taken by another service, and whoever comes back settles nothing under it', async () => {
  const database = await freshDatabase()
  const one = await start(configure(database.url))
  await until('it serves both', async () => {
    const rows = await asked(database.url, 'select 1 from support.destinations where lease_engine is not null')
    return rows.length === HOOKS.length
  })
  one.child.kill('SIGSTOP')
  await asked(database.url, 'update support.destinations set lease_until = 0')
  await asked(database.url, 'update support.engines set alive_until = 0')
  const two = await start(configure(database.url))
  const before = receiver.received.length
  assert.equal((await post(two.address, { subject: 'Meanwhile', message: 'Hello' })).status, 200)
  await receiver.seen(before + 2)
  one.child.kill('SIGCONT')
  assert.equal(await one.end('SIGTERM'), 0)
  assert.equal(await two.end('SIGTERM'), 0)
  const rows = await asked(database.url, "select count(*)::int as n from support.attempts where outcome = 'DELIVERED'")
  assert.deepEqual(rows, [{ n: 2 }])
  await database.dispose()
})

test('while the database is away tickets are refused, and nothing needs a restart when it is back', async () => {
  const server = await startPostgres()
  const service = await start(configure(`postgres://postgres@127.0.0.1:${server.port}/postgres`))
  const before = receiver.received.length
  const send = async (subject: string) => (await post(service.address, { subject, message: 'Hello' })).status
  assert.equal(await send('Before'), 200)
  await receiver.seen(before + 2)
  await server.kill()
  assert.equal(await send('Meanwhile'), 503)
  assert.equal((await fetch(`${service.address}/livez`)).status, 200)
  assert.equal((await fetch(`${service.address}/status`)).status, 503)
  await server.start()
  await until('it takes tickets again', async () => (await send('Afterwards')) === 200)
  await receiver.seen(before + 4)
  assert.equal(await service.end('SIGTERM'), 0)
  await server.end()
})

test('a database that is not up yet is waited for, and the service says so at its address', async () => {
  const server = await startPostgres()
  await server.stop()
  const port = await freePort()
  const config = configure(`postgres://postgres@127.0.0.1:${server.port}/postgres`, `server: { port: ${port} }`)
  const starting = launch(MAIN, ['serve', '--config', config], folder)
  const address = `http://127.0.0.1:${port}`
  const statusOf = (path: string) =>
    fetch(address + path).then(
      answer => answer.status,
      () => 0,
    )
  await until('it is alive', async () => (await statusOf('/livez')) === 200)
  const status = await fetch(`${address}/status`)
  assert.equal(status.status, 503)
  assert.match(await status.text(), /cannot be taken yet: the database (has not answered yet|cannot be reached)/)
  const why = async () => (await fetch(`${address}/status`)).text()
  await until('it says why', async () => /the database cannot be reached/.test(await why()))
  assert.equal((await post(address, { subject: 'Early', message: 'Hello' })).status, 503)
  await server.start()
  assert.equal(await starting.listening, address)
  const before = receiver.received.length
  assert.equal((await post(address, { subject: 'In time', message: 'Hello' })).status, 200)
  await receiver.seen(before + 2)
  starting.child.kill('SIGTERM')
  assert.equal(await starting.ended, 0)
  await server.stop()
  const waiting = launch(MAIN, ['serve', '--config', config], folder)
  await until('it is alive once more', async () => (await statusOf('/livez')) === 200)
  waiting.child.kill('SIGTERM')
  await assert.rejects(waiting.listening)
  assert.notEqual(await waiting.ended, 'SIGKILL')
  await server.end()
})

test('a database that cannot be used ends the start with 3, in one sentence without the password', async () => {
  const database = await freshDatabase()
  await asked(database.url, "create role nobody_knows login password 'secret-of-theirs'")
  const url = new URL(database.url)
  const elsewhere = new URL(url)
  elsewhere.pathname = '/not-there'
  url.username = 'nobody_knows'
  url.password = 'secret-of-theirs'
  for (const [address, why] of [
    [elsewhere.href, /no database of this name/],
    [url.href, /permission|right|grant/i],
    [`postgres://nobody:secret-of-theirs@127.0.0.1:1,${url.host}/postgres`, /does not let this user in/],
    [`postgres://nobody:secret-of-theirs@${url.host},127.0.0.1:1/postgres`, /does not let this user in/],
    [`${database.url}?sslmode=require`, /does not speak TLS.*`sslmode=disable`/],
  ] as const) {
    const ended = await run(['serve', '--config', configure(address)])
    assert.equal(ended.code, 3, ended.stderr)
    assert.match(ended.stderr, why)
    assert.doesNotMatch(ended.stderr + ended.stdout, /secret-of-theirs/)
  }
  await asked(database.url, 'drop owned by nobody_knows; drop role nobody_knows')
  await database.dispose()
})
