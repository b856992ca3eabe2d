/** `support-relay migrate` as an administrator runs it, and `serve` as a role that may not change the schema. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import pg from 'pg'
import { administer, freshDatabase } from './support/postgres.ts'
import { freePort } from './support/postgres-server.ts'
import { startReceiver } from './support/receiver.ts'
import { post, run, startProgram } from './support/service.ts'
import { twoHooks } from './support/two-hooks.ts'

const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
const receiver = await startReceiver()
after(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true })
})

const configure = (store: string): string => {
  const config = join(folder, `${randomUUID()}.yaml`)
  writeFileSync(config, `${twoHooks(receiver.url)}store: "${store}"\n`)
  return config
}
const migrate = (config: string, ...args: readonly string[]) => run(['migrate', '--config', config, ...args])

const stage = async (t: TestContext) => {
  const database = await freshDatabase()
  const role = `serves_${randomUUID()}`
  await administer(database.url, `create role "${role}" login password 'as-it-may'`)
  t.after(async () => {
    await administer(database.url, `drop owned by "${role}"; drop role "${role}"`)
    await database.dispose()
  })
  const url = new URL(database.url)
  url.username = role
  url.password = 'as-it-may'
  return { url: database.url, role, owner: configure(database.url), server: configure(url.href) }
}

const hasSchema = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query("select to_regnamespace('support') is not null as there")
  await client.end()
  return rows[0].there
}

test('--plan shows the steps and changes nothing; without it they are applied, once', async t => {
  const { url, owner } = await stage(t)
  const plan = await migrate(owner, '--plan')
  assert.equal(plan.code, 0, plan.stderr)
  assert.match(
    plan.stdout,
    /would be applied; nothing was changed\.\n +1 +0001-tickets-and-outbox +Tickets, their timeline/,
  )
  const { pending, ...rest } = JSON.parse((await migrate(owner, '--plan', '--json')).stdout)
  assert.deepEqual([Object.keys(pending[0]), rest], [['version', 'name', 'title'], { grants: [] }])
  assert.equal(await hasSchema(url), false)

  const applied = await migrate(owner)
  assert.equal(applied.code, 0, applied.stderr)
  assert.match(applied.stdout, new RegExp(`^Applied ${pending.length} steps\\.\n`))
  assert.match(applied.stderr, /^Applying 0001-tickets-and-outbox\n/)
  assert.deepEqual(JSON.parse((await migrate(owner, '--json')).stdout), { applied: [], grants: [] })
  assert.match((await migrate(owner, '--plan')).stdout, /^The schema is of this version: there is nothing to apply\.$/m)
})

test('a role that may not make the schema is told who may; with what --grant-to prints it serves', async t => {
  const { url, role, owner, server } = await stage(t)
  const refused = await run(['serve', '--config', server])
  assert.equal(refused.code, 3, refused.stderr)
  assert.ok(refused.stderr.includes(`Run "support-relay migrate --grant-to ${role}" as a role that has it`))
  assert.equal((await migrate(server)).code, 3)
  assert.equal(await hasSchema(url), false)

  const printed = await migrate(owner, '--grant-to', role)
  assert.match(printed.stderr, /^Applied \d+ steps\.$/m)
  assert.match(
    printed.stdout,
    /^(GRANT [A-Z, ]+ ON (?:SCHEMA|TABLE|SEQUENCE) support[\w., ]* TO "serves_[0-9a-f-]+";\n){3}$/,
  )
  const lacking = await run(['serve', '--config', server])
  assert.equal(lacking.code, 3)
  assert.match(
    lacking.stderr,
    /lacks rights in the schema "support"\. Run as its owner: GRANT USAGE ON SCHEMA support TO "serves_/,
  )
  await administer(url, printed.stdout)

  const service = await startProgram(['serve', '--config', server], folder)
  const before = receiver.received.length
  assert.equal((await post(service.address, { subject: 'As told', message: 'Hello' })).status, 200)
  await receiver.seen(before + 2)
  assert.equal(await service.end('SIGTERM'), 0)

  await administer(url, `revoke delete on support.sessions from "${role}"`)
  const revoked = await run(['serve', '--config', server])
  assert.equal(revoked.code, 3)
  assert.ok(revoked.stderr.includes(`Run as its owner: GRANT DELETE ON TABLE support.sessions TO "${role}"; Nothing`))

  // As the version before left it.
  await administer(url, 'update support.schema_version set version = version - 1')
  const older = await run(['serve', '--config', server])
  assert.equal(older.code, 3)
  assert.match(
    older.stderr,
    /"serves_[^"]+" may not change it\. Run "support-relay migrate" as the role that owns it, and start again\. Nothing was changed\./,
  )
})

test('where there is no database to migrate it says why, with the code for it', async () => {
  const inFolder = await migrate(configure(join(folder, 'data')))
  assert.equal(inFolder.code, 2)
  assert.match(inFolder.stderr, /each start of the service brings to its version by itself/)
  const away = await migrate(configure(`postgres://nobody@127.0.0.1:${await freePort()}/nowhere`), '--json')
  assert.equal(away.code, 3)
  assert.match(JSON.parse(away.stdout).why, /cannot be used now: the database cannot be reached\. Try again/)
})
