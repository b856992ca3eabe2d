/** `support-relay/client` as it is published: what installs the packed tarball into an empty project gets a client that works there. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import test, { after, before } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { signedHeaders } from '../src/destinations/standard-webhooks.ts'
import { received, TICKET } from './support/client-stage.ts'
import { compile, type EmptyProject, installPacked } from './support/packed-client.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { HOOK_SECRET } from './support/service.ts'
import { systemNode } from './support/system-node.ts'

const BYTES_MAX = 5_000

let project: EmptyProject
let server: Receiver
before(async () => {
  project = installPacked({ byNpm: true })
  server = await startReceiver()
  server.reply = received
})
after(async () => {
  project.dispose()
  await server.close()
})

const files = (folder: string, pattern: string) =>
  globSync(pattern, { cwd: join(project.installed, folder) }).map(file => join(project.installed, folder, file))

test('npm installs it into an empty project, with its command', t => {
  if (project.notByNpm !== null) return t.skip(project.notByNpm)
  const { dependencies } = JSON.parse(readFileSync(join(project.folder, 'package.json'), 'utf8'))
  assert.match(dependencies['support-relay'], /^file:support-relay-.*\.tgz$/)
  assert.deepEqual(files('../.bin', 'support-relay'), [join(project.installed, '../.bin/support-relay')])
})

const WORK = `
const main = async () => {
  const [url, webhook] = process.argv.slice(2)
  const sent = await createClient({ url, token: 'a-token' }).createTicket({ message: 'It broke.' })
  const verified = await verifyWebhook(JSON.parse(webhook))
  console.log(JSON.stringify({ sent, verified }))
}
main()
`
const SOURCES = {
  'consumer.mjs': `import { createClient, verifyWebhook } from 'support-relay/client'\n${WORK}`,
  'consumer.cjs': `const { createClient, verifyWebhook } = require('support-relay/client')\n${WORK}`,
}

const nodes = [
  { path: process.execPath, version: process.version, skip: false as const },
  ...(systemNode.major === Number.parseInt(process.version.slice(1), 10) ? [] : [systemNode]),
]
for (const { path, version, skip } of nodes) {
  for (const name of Object.keys(SOURCES)) {
    const how = name.endsWith('.mjs') ? 'imported' : 'required'
    test(`under Node ${version} it is ${how}, sends a ticket and verifies a webhook`, { skip }, async () => {
      project.write(SOURCES)
      const event = { type: 'support.test', timestamp: new Date().toISOString(), data: {} }
      const body = JSON.stringify(event)
      const webhook = {
        headers: signedHeaders({ id: 'w1', at: Date.now(), body }, [HOOK_SECRET]),
        body,
        secret: HOOK_SECRET,
      }
      const { stdout } = await promisify(execFile)(path, [name, server.url, JSON.stringify(webhook)], {
        cwd: project.folder,
      })
      const verified = { ok: true, id: 'w1', event }
      assert.deepEqual(JSON.parse(stdout), { sent: { outcome: 'received', ...TICKET }, verified })
    })
  }
}

const TYPED = `
import { createClient, verifyWebhook, type Client, type ErrorCode, type TicketOutcome, type WebhookEvent } from 'support-relay/client'

const client: Client = createClient({ url: 'https://example.org', token: async () => 'a-token', timeoutMs: 5_000, retries: 1 })

export const tell = (sent: TicketOutcome): string => {
  switch (sent.outcome) {
    case 'received':
      return sent.reference + sent.id
    case 'rejected': {
      const limited: ErrorCode = 'RATE_LIMITED'
      return sent.errorCode === limited ? String(sent.retryAfterMs) : sent.why
    }
    case 'unknown':
      return sent.key
    default:
      return sent satisfies never
  }
}
export const run = async (): Promise<void> => {
  const { signal } = new AbortController()
  tell(await client.createTicket({ message: 'x', type: 'BUG', context: { page: '/' } }, { signal, key: 'k' }))
  const page = await client.browse({ filterStatus: 'RECEIVED' }, { signal })
  if (page.ok) page.value.items.map(ticket => ticket.user.name?.length)
  else page.errorCode satisfies string | null
  const verified = await verifyWebhook({ headers: new Headers(), body: new Uint8Array(), secret: [] })
  if (verified.ok) handle(verified.event)
  // @ts-expect-error a ticket has a message
  await client.createTicket({ subject: 'x' })
  // @ts-expect-error there is no such type
  await client.createTicket({ message: 'x', type: 'PRAISE' })
  // @ts-expect-error there is no such status
  await client.updateStatus({ items: [{ id: 'x', status: 'DONE' }] })
  // @ts-expect-error whether there is a value is not known yet
  page.value
}
const handle = (event: WebhookEvent): string =>
  event.type === 'ticket.commented' ? event.data.event.kind + event.data.ticket.reference : event.type
`

/** Each way in which a project may look for types, as module (.mts) and as CommonJS (.cts). */
const compilers = [
  ['nodenext', ['--module', 'nodenext', '--lib', 'es2022,dom']],
  ['node16', ['--module', 'node16', '--lib', 'es2022,dom']],
  ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom']],
] as const
for (const [how, options] of compilers) {
  test(`strict TypeScript is content with it, looked up as by ${how}`, () => {
    project.write({ 'typed.mts': TYPED, 'typed.cts': TYPED })
    assert.equal(compile(project, options, ['typed.mts', 'typed.cts']), '')
  })
}

test('the compiler would tell of a type that is not there', () => {
  project.write({ 'wrong.mts': TYPED.replace("'RECEIVED'", "'LOST'") })
  assert.match(compile(project, compilers[0][1], ['wrong.mts']), /wrong\.mts.*LOST/)
})

test(`it is at most ${BYTES_MAX} bytes, gzipped, each file by itself`, () => {
  const bytes = files('dist/client', '*.js').reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
  assert.ok(bytes > 1_000 && bytes <= BYTES_MAX, `${bytes} bytes`)
})

test('its files import nothing but one another, and all that they import is there', () => {
  for (const [folder, pattern] of [
    ['dist/client', '*.js'],
    ['dist/cjs/client', '*.js'],
    ['dist', '{client,cjs/client}/*.d.ts'],
  ] as const) {
    const found = files(folder, pattern)
    assert.ok(found.length >= 4)
    for (const file of found) {
      const text = readFileSync(file, 'utf8')
      const targets = [...text.matchAll(/\b(?:from |import |import\(|require\()['"]([^'"]+)['"]/g)].map(
        ([, target = '']) => target,
      )
      for (const target of targets) {
        assert.match(target, /^\.\.?\/.*\.js$/, `${relative(project.installed, file)} → ${target}`)
        const there = resolve(file, '..', file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target)
        assert.doesNotThrow(() => readFileSync(there), `${relative(project.installed, file)} → ${target}`)
      }
      assert.doesNotMatch(text, /\bprocess\.|\bBuffer\b|node:/, relative(project.installed, file))
    }
  }
})

test('the package gives its client away, and nothing that lies beside it', async () => {
  project.write({ 'inside.mjs': "import('support-relay/dist/src/app.js').catch(({ code }) => console.log(code))" })
  const { stdout } = await promisify(execFile)(process.execPath, ['inside.mjs'], { cwd: project.folder })
  assert.equal(stdout.trim(), 'ERR_PACKAGE_PATH_NOT_EXPORTED')
})
