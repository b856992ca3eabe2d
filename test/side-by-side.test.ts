/** Two versions of the program on one database, as an upgrade without an interruption has them: the next one changes the schema while this one
 *  serves. The next one is a copy of this one with a further migration (decision 0011). */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import pg from 'pg'
import { migrations } from '../src/store/postgres/migrate.ts'
import { nextVersion } from './support/next-version.ts'
import { freshDatabase } from './support/postgres.ts'
import { freePort } from './support/postgres-server.ts'
import { startReceiver } from './support/receiver.ts'
import { launch, MAIN, post, token } from './support/service.ts'
import { twoHooks } from './support/two-hooks.ts'

const OURS = migrations().length
const ADDS = `-- A column that this version knows nothing of, and an index.
alter table support.tickets add column further text;
create index tickets_by_further on support.tickets (further);
`

const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
const receiver = await startReceiver()
after(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true })
})

const stage = async (t: TestContext, sql: string) => {
  const database = await freshDatabase()
  const next = nextVersion(sql)
  const config = join(folder, `${database.address.database}.yaml`)
  writeFileSync(config, `${twoHooks(receiver.url)}store: "${database.url}"\n`)
  const running = new Set<ReturnType<typeof launch>>()
  t.after(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGKILL')
      await ended
    }
    next.dispose()
    await database.dispose()
  })
  const start = (main: string, port = 0) => {
    const one = launch(main, ['serve', '--config', config, '--port', `${port}`], folder)
    running.add(one)
    return one
  }
  return {
    ours: () => start(MAIN),
    next: (port?: number) => start(next.main, port),
    async asked(statement: string) {
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      try {
        return (await client.query(statement)).rows
      } finally {
        await client.end()
      }
    },
  }
}

const stop = async ({ child, ended }: ReturnType<typeof launch>) => {
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
}

/** How one ends that is refused, and what it says. */
const refusal = async (one: ReturnType<typeof launch>) => {
  await assert.rejects(one.listening)
  return { code: await one.ended, said: one.printed() }
}

test('the next version changes the schema while this one takes tickets; both serve, each delivery arrives once, and this one starts again', async t => {
  const { ours, next, asked } = await stage(t, ADDS)
  const here = ours()
  const address = await here.listening
  const before = receiver.received.length
  let sent = 0
  const send = async (to: string) => {
    sent += 1
    assert.equal((await post(to, { subject: `Number ${sent}`, message: 'Hello' })).status, 200)
  }
  const look = async (to: string) => {
    const headers = { authorization: `Bearer ${token()}` }
    assert.equal((await fetch(`${to}/api/support/browse?itemsPerPage=10`, { headers })).status, 200)
  }
  const there = next()
  let nextAddress = ''
  void there.listening.then(
    found => (nextAddress = found),
    () => (nextAddress = 'it ended'),
  )
  while (nextAddress === '') await Promise.all([send(address), send(address), look(address), look(address)])
  assert.deepEqual(await asked('select version, oldest from support.schema_version'), [
    { version: OURS + 1, oldest: 1 },
  ])
  const holders = 'select distinct lease_engine from support.destinations where lease_engine is not null'
  while ((await asked(holders)).length < 2) await send(address)
  for (const to of [address, nextAddress, address, nextAddress]) await send(to)

  await stop(here)
  const again = ours()
  await send(await again.listening)
  await stop(there)
  await send(await again.listening)
  await receiver.seen(before + 2 * sent)
  await stop(again)
  const ids = receiver.received.slice(before).map(({ headers }) => headers['webhook-id'])
  assert.deepEqual([ids.length, new Set(ids).size], [2 * sent, 2 * sent])
})

test('where the next version takes something away it says who may go on, and this one refuses to start', async t => {
  const { ours, next } = await stage(t, `${ADDS}update support.schema_version set oldest = ${OURS + 1};\n`)
  const there = next()
  await there.listening
  const { code, said } = await refusal(ours())
  assert.equal(code, 3)
  assert.match(said, new RegExp(`made by a newer version .*\\(schema ${OURS + 1}\\).*this one is of schema ${OURS}\\.`))
  await stop(there)
})

test('a step that fails leaves nothing behind: 3, a sentence that names it, and this version serves on', async t => {
  const { ours, next, asked } = await stage(t, `${ADDS}insert into support.tickets (number) values ('its words');\n`)
  const here = ours()
  await here.listening
  const { code, said } = await refusal(next())
  assert.equal(code, 3)
  assert.match(said, /The step 9999-further cannot be applied .*SQLSTATE 22P02.* Nothing was changed\.$/m)
  assert.doesNotMatch(said, /its words/)
  const columns = "select 1 from information_schema.columns where table_schema = 'support' and column_name = 'further'"
  assert.deepEqual(await asked(columns), [])
  assert.equal((await post(await here.listening, { subject: 'Still', message: 'Hello' })).status, 200)
  await stop(here)
  const again = ours()
  await again.listening
  await stop(again)
})

test('a step that takes long is said at the address of whoever takes it, others serve meanwhile, and a signal gives it up', async t => {
  const waits =
    'do $$ begin loop perform pg_sleep(0.01); exit when exists (select from public.is_told); end loop; end $$'
  const { ours, next, asked } = await stage(t, `${waits};\n`)
  await asked('create table public.is_told ()')
  const here = ours()
  const address = await here.listening
  const port = await freePort()
  const there = next(port)
  const status = async (): Promise<string> =>
    fetch(`http://127.0.0.1:${port}/status`).then(
      answer => answer.text(),
      () => status(),
    )
  assert.match(await status(), /Tickets cannot be taken yet: the schema of the database is being changed\./)
  assert.equal((await post(address, { subject: 'Meanwhile', message: 'Hello' })).status, 200)
  there.child.kill('SIGTERM')
  await assert.rejects(there.listening)
  assert.equal(await there.ended, 0)
  assert.deepEqual(await asked('select version from support.schema_version'), [{ version: OURS }])
  await stop(here)
})
