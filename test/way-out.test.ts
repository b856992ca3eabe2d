/** Tickets on their way out of a closed network: through a proxy with a password, to a host of one's own, with one's own authority. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { certificate, key } from './contracts/certificate.ts'
import { startInProcess } from './support/in-process.ts'
import { startMailServer } from './support/mail-server.ts'
import { startProxy } from './support/proxy.ts'
import { HOOK_SECRET, post, SECRET, token } from './support/service.ts'
import { listening } from './support/transport-stage.ts'

const caFile = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-ca-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'authority.pem')
  writeFileSync(file, certificate)
  return file
}

/** A receiver by TLS, behind a proxy that alone knows where `receiver.test` is. */
const closedNetwork = async (t: TestContext) => {
  const received: string[] = []
  const arrived = Promise.withResolvers<void>()
  const port = await listening(
    t,
    createServer({ key, cert: certificate }, async (request, response) => {
      received.push(`${request.url} ${Buffer.concat(await request.toArray())}`)
      response.end('ok')
      arrived.resolve()
    }),
  )
  const proxy = await startProxy(t, {
    login: 'relay:p@ss',
    route: target => (target === 'receiver.test:443' ? port : 'HTTP/1.1 403 No\r\n\r\n'),
  })
  return { received, arrived: arrived.promise, proxy }
}

const testOf = async (address: string, name: string): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${address}/api/support/testDestination`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token({ sub: 'grace', role: 'ADMIN' })}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  return (await answer.json()) as Record<string, unknown> // each test looks at what it reads
}

test('a ticket goes out through the proxy to a host that only it knows, by TLS of one’s own authority', {
  timeout: 30_000,
}, async t => {
  const { received, arrived, proxy } = await closedNetwork(t)
  const { address, stop, log } = await startInProcess({
    configure: () => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
  ours: { kind: webhook, url: https://receiver.test/ours, secret: "${HOOK_SECRET}", caFile: ${caFile(t)} }
  untrusting: { kind: webhook, url: https://receiver.test/untrusting, secret: "${HOOK_SECRET}" }
  elsewhere: { kind: webhook, url: https://other.test/elsewhere, secret: "${HOOK_SECRET}" }
routes: [{ to: [ours] }]
network: { allow: [receiver.test, other.test], proxy: "http://relay:p@ss@127.0.0.1:${proxy.port}" }
metrics: { port: 0 }
`,
  })
  t.after(() => stop())
  await post(address, { message: 'it broke' })
  await arrived
  assert.match(received[0] ?? '', /^\/ours .*it broke/)

  const untrusted = await testOf(address, 'untrusting')
  assert.deepEqual([untrusted.outcome, untrusted.status], ['UNAVAILABLE', null])
  assert.match(String(untrusted.excerpt), /signed by nobody who is trusted.*caFile of the destination/)

  const refused = await testOf(address, 'elsewhere')
  assert.match(String(refused.excerpt), /The proxy does not let us through to the host \(403\)/)

  assert.deepEqual(await testOf(address, 'ours'), { outcome: 'DELIVERED', status: 200, excerpt: 'ok' })
  assert.equal(received.length, 2)
  assert.ok(!log.join('\n').includes('p@ss'))
})

test('mail goes out through the same proxy', { timeout: 30_000 }, async t => {
  const server = await startMailServer()
  t.after(() => server.close())
  const route = (target: string) => (target === 'mail.test:587' ? server.port : 'HTTP/1.1 403 No\r\n\r\n')
  const proxy = await startProxy(t, { login: 'relay:p@ss', route })
  const { address, stop } = await startInProcess({
    configure: () => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
  helpdesk: { kind: email, smtp: "smtp://mail.test:587", from: support@example.org, to: desk@example.org }
  elsewhere: { kind: email, smtp: "smtp://other.test:587", from: support@example.org, to: desk@example.org }
routes: [{ to: [helpdesk] }]
network: { allow: [mail.test, other.test], proxy: "http://relay:p@ss@127.0.0.1:${proxy.port}" }
metrics: { port: 0 }
`,
  })
  t.after(() => stop())
  await post(address, { message: 'it broke' })
  await server.seen(1)
  assert.match(server.received[0]?.mail.text ?? '', /it broke/)
  const refused = await testOf(address, 'elsewhere')
  assert.match(String(refused.excerpt), /The proxy does not let us through to the host \(403\)/)
})
