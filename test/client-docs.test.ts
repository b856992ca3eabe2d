/** docs/client.md: each of its examples is strict TypeScript, and does what the page says. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { promisify } from 'node:util'
import { verifyWebhook } from '../src/client/index.ts'
import { signedHeaders } from '../src/destinations/standard-webhooks.ts'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { compile, type EmptyProject, installPacked } from './support/packed-client.ts'
import { HOOK_SECRET, token } from './support/service.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'client.md'), 'utf8')
/** By the name in their first line. */
const examples = Object.fromEntries(
  [...page.matchAll(/```ts\n\/\/ ([a-z-]+\.ts)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
)
const [, fromReadme = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
const wanted = ['send.ts', 'settle.ts', 'list.ts', 'webhook.ts', 'public-key.ts']

let project: EmptyProject
let service: InProcess
before(async () => {
  project = installPacked({ byNpm: false })
  project.write({ 'package.json': '{ "type": "module" }', ...examples, 'readme.ts': fromReadme })
  service = await startInProcess()
})
after(async () => {
  project.dispose()
  await service.stop()
})

const printed = async (file: string, more: Record<string, string> = {}): Promise<string> => {
  const env = { ...process.env, SUPPORT_URL: service.address, SUPPORT_TOKEN: token({ sub: file }), ...more }
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: project.folder, env })
  return stdout
}

test('the page has these examples, and no code that is not one of them', () => {
  assert.deepEqual(Object.keys(examples), wanted)
  assert.equal([...page.matchAll(/```(?!bash)[a-z]/g)].length, wanted.length)
})

test('all are strict TypeScript', () => {
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node']
  const options = ['--module', 'nodenext', '--lib', 'es2024', ...types]
  assert.equal(compile(project, options, [...wanted, 'readme.ts']), '')
})

test('send.ts prints the reference', async () => {
  assert.match(await printed('send.ts'), /^We have your message\. Its reference is SUP-/)
})

test('the example of the README prints it too', async () => {
  project.write({ 'readme.ts': fromReadme.replace('http://127.0.0.1:8080', service.address) })
  assert.match(await printed('readme.ts', { TOKEN: token() }), /^SUP-/)
})

test('send.ts prints why a ticket was rejected', async () => {
  const lines = await printed('send.ts', { SUPPORT_TOKEN: token({ exp: 1 }) })
  assert.match(lines, /^Your sign-in has run out\./)
})

test('settle.ts has one ticket in the end', async () => {
  assert.equal(await printed('settle.ts'), 'received true\n')
})

test('list.ts lists', async () => {
  assert.equal(await printed('list.ts'), '0 received\n')
  await printed('send.ts', { SUPPORT_TOKEN: token({ sub: 'list.ts' }) })
  assert.equal(await printed('list.ts'), '1 received\n')
})

test('webhook.ts takes what is genuine, once', async () => {
  const body =
    '{"type":"ticket.created","timestamp":"2026-11-25T14:03:11.000Z","data":{"ticket":{"reference":"SUP-7K3F-Q2MX"}}}'
  const headers = signedHeaders({ id: 'd1', at: Date.now(), body }, [HOOK_SECRET])
  project.write({
    'receive.ts': `
      import { receive } from './webhook.ts'
      for (const body of ${JSON.stringify([body, body, '{}'])}) {
        const request = new Request('http://here/', { method: 'POST', headers: ${JSON.stringify(headers)}, body })
        const response = await receive(request)
        console.log(response.status, await response.text())
      }`,
  })
  const lines = await printed('receive.ts', { ARCHIVE_SECRET: HOOK_SECRET })
  assert.equal(lines, 'SUP-7K3F-Q2MX\n200 ok\n200 seen\n401 signature\n')
})

test('public-key.ts prints what verifies the signatures of the key', async () => {
  const { d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const signing = `whsk_${Buffer.from(d, 'base64url').toString('base64')}`
  const secret = (await printed('public-key.ts', { SIGNING_KEY: signing })).trim()
  const body = '{"type":"support.test","data":{}}'
  const headers = signedHeaders({ id: 'd1', at: Date.now(), body }, [signing])
  assert.partialDeepStrictEqual(await verifyWebhook({ headers, body, secret }), { ok: true })
})
