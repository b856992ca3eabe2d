/** Mail through the proxy: to the address that was checked, with TLS under the server's own name, and never less guarded than without. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { certificate, key } from '../../test/contracts/certificate.ts'
import { answered, failed, mail, PASSWORD, scripted, send, serve, transportFor } from '../../test/support/mail-stage.ts'
import { type ProxyOptions, startProxy } from '../../test/support/proxy.ts'
import type { SmtpTransportOptions } from './smtp.ts'

const WITH_TLS: SMTPServerOptions = { disabledCommands: [], key, cert: certificate, allowInsecureAuth: true }
const to = (host: string, port: number, scheme = 'smtp') => mail(port, { url: `${scheme}://${host}:${port}` })

/** A proxy, and what a transport needs to go through it; `receiver.test` is this machine. */
const closed = async (
  t: TestContext,
  options: ProxyOptions = {},
  login: { username: string; password: string } | null = null,
) => {
  const { port, targets } = await startProxy(t, options)
  const way: Partial<SmtpTransportOptions> = {
    proxy: { host: '127.0.0.1', port, login },
    resolve: async () => ['127.0.0.1'],
    ca: certificate,
  }
  return { targets, way }
}

test('mail goes through a tunnel to the address that was checked, by STARTTLS or TLS under the name of the server', async t => {
  const [upgraded, first] = [await serve(t, WITH_TLS), await serve(t, { ...WITH_TLS, secure: true })]
  const { targets, way } = await closed(t)
  const required = {
    ...to('receiver.test', upgraded.port),
    needsTls: true,
    login: { username: 'relay', password: PASSWORD },
  }
  answered(await send(t, required, way), 250, 'MESSAGE')
  answered(await send(t, to('receiver.test', first.port, 'smtps'), way), 250, 'MESSAGE')
  assert.deepEqual(targets, [`127.0.0.1:${upgraded.port}`, `127.0.0.1:${first.port}`])
  const [{ isSecure, user, mail: read } = assert.fail()] = upgraded.received
  assert.deepEqual([isSecure, user, read.text?.trim(), first.received.length], [true, 'relay', 'It broke.', 1])
})

test('the certificate is checked against the name, within the tunnel', async t => {
  const server = await serve(t, { ...WITH_TLS, secure: true })
  const { way } = await closed(t)
  failed(await send(t, to('elsewhere.test', server.port, 'smtps'), way), 'certificate')
  assert.equal(server.received.length, 0)
})

test('a proxy on this machine opens nothing: without TLS nothing goes to a server that is not allowed', async t => {
  const server = await serve(t)
  const { targets, way } = await closed(t, { route: () => server.port })
  const outside = { ...way, resolve: async () => ['1.1.1.1', '2606:4700:4700::1111'] }
  assert.match(answered(await send(t, to('mail.test', 25), outside), 500, 'STARTTLS'), /^TLS is required/)
  assert.deepEqual([targets, server.received.length], [['1.1.1.1:25'], 0])
})

test('inner addresses are not asked for, whatever the name says and whatever is written', async t => {
  const { targets, way } = await closed(t)
  for (const inner of [['10.0.0.1'], ['1.1.1.1', '169.254.169.254'], ['fd00::1'], ['::ffff:10.0.0.1']]) {
    failed(await send(t, to('mail.test', 25), { ...way, resolve: async () => inner }), 'blocked')
    failed(await send(t, to('mail.test', 465, 'smtps'), { ...way, resolve: async () => inner }), 'blocked')
  }
  for (const host of ['10.0.0.1', '169.254.169.254', '[fd00::1]']) failed(await send(t, to(host, 25), way), 'blocked')
  assert.deepEqual(targets, [])
})

test('a host that is allowed by its name is asked for by that name, and is not looked up here', async t => {
  const server = await serve(t)
  const { targets, way } = await closed(t)
  const named = { ...way, allow: ['mail.test'], resolve: () => assert.fail('it was looked up') }
  answered(await send(t, to('mail.test', server.port), named), 250, 'MESSAGE')
  assert.deepEqual(targets, [`mail.test:${server.port}`])
})

test('the proxy gets its name and password; without them, or with wrong ones, it is named', async t => {
  const server = await serve(t)
  const options = { login: `relay:${PASSWORD}` }
  const right = await closed(t, options, { username: 'relay', password: PASSWORD })
  answered(await send(t, to('receiver.test', server.port), right.way), 250, 'MESSAGE')
  for (const login of [null, { username: 'relay', password: 'wrong-horse' }]) {
    const { way } = await closed(t, options, login)
    const told = failed(await send(t, to('receiver.test', server.port), way), 'proxy')
    assert.match(told, /network\.proxy has \(407\)/)
    assert.ok(!told.includes('horse'))
  }
})

test('NO_PROXY, and this machine, are reached without it', async t => {
  const server = await serve(t)
  const { targets, way } = await closed(t)
  for (const host of ['mail.direct.test', '127.0.0.1', 'localhost'])
    answered(await send(t, to(host, server.port), { ...way, noProxy: '.direct.test' }), 250, 'MESSAGE')
  assert.deepEqual(targets, [])
})

for (const [what, route, failure, sentence] of [
  ['403', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'proxy', /does not let us through to the host \(403\)\.$/],
  ['502', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', 'unreachable', /does not reach the host \(502\)\.$/],
  ['nothing, and closes', null, 'unreachable', /network\.proxy does not answer/],
  ['nothing at all', undefined, 'timeout', /no answer in time\.$/],
] as const) {
  test(`a proxy that answers ${what}: ${failure}, and no word of ports`, async t => {
    const { way } = await closed(t, { route: () => route })
    assert.match(failed(await send(t, to('receiver.test', 25), way, 400), failure), sentence)
  })
}

test('a tunnel that breaks off, or leads to a port that begins with TLS, is told as without a proxy', async t => {
  const broken = await scripted(t, socket => socket.destroy())
  const { way } = await closed(t, { route: () => broken })
  failed(await send(t, to('receiver.test', 25), way), 'reset')
  const silent = await scripted(t, () => {})
  const quiet = await closed(t, { route: () => silent })
  assert.match(failed(await send(t, to('receiver.test', 25), quiet.way, 400), 'timeout'), /write smtps:\/\//)
})

test('closing cuts off what waits for the proxy', async t => {
  const { way } = await closed(t, { route: () => undefined })
  const transport = transportFor(t, way)
  const sent = transport.send(to('receiver.test', 25), { timeoutMs: 60_000 })
  setImmediate(() => void transport.close())
  failed(await sent, 'cut-off')
})
