import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import pg from 'pg'
import { administer, freshDatabase } from './support/postgres.ts'
import { startPostgres } from './support/postgres-server.ts'

test('each test has a database of its own, which is gone afterwards, also when somebody is connected', async () => {
  const [one, other] = await Promise.all([freshDatabase(), freshDatabase()])
  await administer(one.url, 'create table only_here ()')
  await assert.rejects(administer(other.url, 'select from only_here'), { code: '42P01' })
  const guest = new pg.Client({ connectionString: one.url })
  guest.on('error', () => {})
  await guest.connect()
  await one.dispose()
  await assert.rejects(administer(one.url, 'select'), { code: '3D000' })
  await other.dispose()
})

test('a database is made from another one, with what it holds', async () => {
  const pattern = await freshDatabase()
  await administer(pattern.url, 'create table copied ()')
  const copy = await freshDatabase(pattern.address.database)
  await administer(copy.url, 'select from copied')
  await copy.dispose()
  await pattern.dispose()
})

test('a server is stopped, killed, frozen, and comes back with what was written', async () => {
  const server = await startPostgres()
  const url = `postgres://postgres@127.0.0.1:${server.port}/postgres`
  await administer(url, 'create table kept ()')
  await server.stop()
  await assert.rejects(administer(url, 'select'), { code: 'ECONNREFUSED' })
  await server.start()
  await administer(url, 'checkpoint')
  await server.kill()
  await assert.rejects(administer(url, 'select'), { code: 'ECONNREFUSED' })
  await server.start()

  await server.freeze()
  const answer = administer(url, 'select from kept')
  const isHeard = await Promise.race([answer.then(() => true), once(connect(server.port, '127.0.0.1'), 'connect')])
  assert.notEqual(isHeard, true) // the kernel takes the connection, nobody answers
  await server.thaw()
  await answer
  await server.end()
  await assert.rejects(administer(url, 'select'), { code: 'ECONNREFUSED' })
})

test('a test that is killed leaves no server running and no folder', async () => {
  const source = `
    import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, 'support', 'postgres-server.ts'))}
    const server = await startPostgres()
    console.log(server.port)
    process.stdin.once('data', () => server.freeze().then(() => console.log('frozen')))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const url = `postgres://postgres@127.0.0.1:${(await lines.next()).value}/postgres`
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query<{ data_directory: string }>('show data_directory')
  const folder = dirname(rows[0]?.data_directory ?? '')
  const gone = new Promise<void>(resolve => {
    const watcher = watch(dirname(folder), () => {
      if (existsSync(folder)) return
      watcher.close()
      resolve()
    })
  })
  child.stdin.write('freeze\n')
  assert.equal((await lines.next()).value, 'frozen')
  child.kill('SIGKILL')
  await gone
  await assert.rejects(administer(url, 'select'), { code: 'ECONNREFUSED' })
})
