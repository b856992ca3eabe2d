/** Requests through a real proxy: what it is asked for, and what becomes of its refusals. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { certificate, key } from '../../test/contracts/certificate.ts'
import { type ProxyOptions, startProxy } from '../../test/support/proxy.ts'
import { answered, failed, listening, post, SECRET, transportFor } from '../../test/support/transport-stage.ts'
import type { HttpTransportOptions } from './http.ts'

const BOUNDS = { timeoutMs: 5_000 }
const PASSWORD = 'correct-horse-battery'

const through = async (t: TestContext, proxy: ProxyOptions = {}, options: Partial<HttpTransportOptions> = {}) => {
  const { port, targets } = await startProxy(t, proxy)
  const transport = transportFor(t, {
    proxy: { host: '127.0.0.1', port, login: null },
    resolve: async () => ['127.0.0.1'],
    ca: certificate,
    ...options,
  })
  return { transport, targets, port }
}

const echo = (t: TestContext) =>
  listening(
    t,
    createServer(async (request, response) =>
      response.end(`${request.method} ${request.headers.host} ${await request.toArray()}`),
    ),
  )
const secure = (t: TestContext) =>
  listening(
    t,
    createTlsServer({ key, cert: certificate }, async (request, response) =>
      response.end(`${request.headers.host} ${await request.toArray()}`),
    ),
  )

test('http and https go through a tunnel, to the address that was checked, under their own name', async t => {
  const [plain, tls] = [await echo(t), await secure(t)]
  const { transport, targets } = await through(t)
  const sent = answered(await transport.send(post(`http://receiver.test:${plain}/hook`, 'hello'), BOUNDS))
  assert.equal(sent.body, `POST receiver.test:${plain} hello`)
  const over = answered(await transport.send(post(`https://receiver.test:${tls}/hook`, 'hello'), BOUNDS))
  assert.equal(over.body, `receiver.test:${tls} hello`)
  assert.deepEqual(targets, [`127.0.0.1:${plain}`, `127.0.0.1:${tls}`])
})

test('a tunnel is used again', async t => {
  const plain = await echo(t)
  const { transport, targets } = await through(t)
  for (let i = 0; i < 10; i += 1) answered(await transport.send(post(`http://receiver.test:${plain}/`), BOUNDS))
  assert.ok(targets.length <= 2, `${targets.length} tunnels`)
})

test('the certificate is checked against the name, within the tunnel', async t => {
  const tls = await secure(t)
  const { transport } = await through(t)
  failed(await transport.send(post(`https://elsewhere.test:${tls}/hook/${SECRET}`), BOUNDS), 'certificate')
})

test('a host that is allowed by its name is asked for by that name, and is not looked up here', async t => {
  const plain = await echo(t)
  const resolve = () => assert.fail('it was looked up')
  const { transport, targets } = await through(t, {}, { allow: ['receiver.test'], resolve })
  answered(await transport.send(post(`http://receiver.test:${plain}/`), BOUNDS))
  assert.deepEqual(targets, [`receiver.test:${plain}`])
})

test('the proxy gets its name and password; without them, or with wrong ones, it is named', async t => {
  const plain = await echo(t)
  const options = { login: `relay:${PASSWORD}` }
  const { port, transport } = await through(t, options)
  const url = `http://receiver.test:${plain}/hook/${SECRET}`
  assert.match(failed(await transport.send(post(url), BOUNDS), 'proxy'), /network\.proxy has \(407\)/)
  const withLogin = async (password: string) => {
    const proxy = { host: '127.0.0.1', port, login: { username: 'relay', password } }
    return transportFor(t, { proxy, resolve: async () => ['127.0.0.1'] }).send(post(url), BOUNDS)
  }
  answered(await withLogin(PASSWORD))
  assert.ok(!failed(await withLogin('wrong-horse-battery'), 'proxy').includes('horse'))
})

const page = (status: string) =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: 30\r\n\r\n<!DOCTYPE html><p>/hook?user</p`

for (const [what, route, failure, sentence] of [
  ['403 with a page', page('403 Forbidden'), 'proxy', /does not let us through to the host \(403\)/],
  ['407', page('407 Proxy Authentication Required'), 'proxy', /another name or password/],
  ['302 to a login', page('302 Found\r\nLocation: http://login.example/'), 'proxy', /\(302\)/],
  ['405', page('405 Method Not Allowed'), 'proxy', /\(405\)/],
  ['502 with a page', page('502 Bad Gateway'), 'unreachable', /does not reach the host \(502\)/],
  ['503', page('503 Service Unavailable'), 'unreachable', /\(503\)/],
  ['504', page('504 Gateway Timeout'), 'unreachable', /\(504\)/],
  ['what is no HTTP', '220 mail.example ESMTP\r\n', 'unreachable', /not as a proxy/],
  ['nothing, and closes', null, 'unreachable', /The proxy of network\.proxy does not answer/],
  ['nothing at all', undefined, 'timeout', /no answer in time/],
] as const) {
  test(`a proxy that answers ${what}: ${failure}`, async t => {
    const { transport, targets } = await through(t, { route: () => route })
    const told = failed(await transport.send(post(`https://receiver.test/hook/${SECRET}`), { timeoutMs: 400 }), failure)
    assert.match(told, sentence)
    assert.deepEqual(targets, ['127.0.0.1:443'])
  })
}

test('a proxy that is not there', async t => {
  const closed = createTcpServer()
  const port = await listening(t, closed)
  closed.close()
  const transport = transportFor(t, { proxy: { host: '127.0.0.1', port, login: null } })
  const told = failed(await transport.send(post('https://127.0.0.2/hook'), { timeoutMs: 2_000 }), 'refused')
  assert.match(told, /refused/, 'loopback goes past the proxy')
  const named = transportFor(t, { proxy: { host: '127.0.0.1', port, login: null }, allow: ['a.test'] })
  assert.match(failed(await named.send(post('https://a.test/hook'), BOUNDS), 'unreachable'), /proxy.*\(ECONNREFUSED\)/)
})

test('a tunnel that breaks off within TLS is no answer', async t => {
  const port = await listening(
    t,
    createTcpServer(socket => socket.once('data', () => socket.destroy())),
  )
  const { transport } = await through(t, { route: () => port })
  failed(await transport.send(post('https://receiver.test/hook'), BOUNDS), 'reset')
})

test('where the proxy cannot reach one family, the other is asked for', async t => {
  const plain = await echo(t)
  const resolve = async () => ['2001:db8::1', '127.0.0.2', '127.0.0.1']
  const allow = ['127.0.0.0/8', '2001:db8::/32']
  const route = (target: string) => (target.startsWith('127.0.0.1') ? plain : page('502 Bad Gateway'))
  const { transport, targets } = await through(t, { route }, { resolve, allow })
  answered(await transport.send(post('http://receiver.test/'), BOUNDS))
  assert.deepEqual(targets, ['127.0.0.2:80', '127.0.0.1:80'])
  const only6 = await through(
    t,
    { route: target => (target.startsWith('[') ? plain : page('504 Gateway Timeout')) },
    { resolve, allow },
  )
  answered(await only6.transport.send(post('http://receiver.test/'), BOUNDS))
  assert.deepEqual(only6.targets, ['127.0.0.2:80', '127.0.0.1:80', '[2001:db8::1]:80'])
})

test('NO_PROXY, and this machine, are reached without it', async t => {
  const plain = await echo(t)
  const { transport, targets } = await through(t, {}, { noProxy: '*.direct.test, 10.0.0.0/8' })
  for (const host of ['a.direct.test', 'direct.test', '127.0.0.1', 'localhost'])
    answered(await transport.send(post(`http://${host}:${plain}/`), BOUNDS))
  assert.deepEqual(targets, [])
  answered(await transport.send(post(`http://receiver.test:${plain}/`), BOUNDS))
  assert.equal(targets.length, 1)
})

test('closing cuts off what waits for the proxy', async t => {
  const { transport } = await through(t, { route: () => undefined })
  const sent = transport.send(post('https://receiver.test/hook'), { timeoutMs: 60_000 })
  setTimeout(() => void transport.close(), 50)
  failed(await sent, 'cut-off')
})
