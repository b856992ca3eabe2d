import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { certificate, expiredCertificate, key } from '../../test/contracts/certificate.ts'
import { answered, blocked, failed, listening, post, SECRET, transportFor } from '../../test/support/transport-stage.ts'
import { BODY_MAX_BYTES } from './http.ts'

const serve = async (t: TestContext, listener: RequestListener) =>
  `http://127.0.0.1:${await listening(t, createServer(listener))}`

const serveRaw = async (t: TestContext, onSocket: (socket: Socket) => void) =>
  `http://127.0.0.1:${await listening(t, createTcpServer(onSocket))}`
test('the body arrives as its exact UTF-8 bytes, with the headers given and nothing that asks for compression', async t => {
  const body = JSON.stringify({ text: 'ñ 👩‍👩‍👧 </script> \u2028 "\\"' })
  const url = await serve(t, async (request, response) => {
    const received = Buffer.concat(await request.toArray())
    assert.deepEqual(received, Buffer.from(body))
    assert.equal(request.headers['content-length'], String(received.length))
    assert.equal(request.headers['accept-encoding'], undefined)
    assert.equal(request.headers['x-extra'], '1')
    assert.equal(`${request.method} ${request.url}`, `POST /hook/${SECRET}?a=b`)
    response.setHeader('X-Twice', ['a', 'b']).writeHead(201).end('ok')
  })
  const step = { ...post(`${url}/hook/${SECRET}?a=b`, body), headers: { 'x-extra': '1' } }
  const answer = answered(await transportFor(t).send(step, { timeoutMs: 5_000 }))
  assert.deepEqual([answer.status, answer.body, answer.headers['x-twice']], [201, 'ok', 'a, b'])
})

test('a redirect is an answer, and is not followed', async t => {
  const paths: (string | undefined)[] = []
  const url = await serve(t, (request, response) => {
    paths.push(request.url)
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  assert.equal(answered(await transportFor(t).send(post(`${url}/hook`), { timeoutMs: 5_000 })).status, 302)
  assert.deepEqual(paths, ['/hook'])
})

test('connections are used again', async t => {
  const ports = new Set<number | undefined>()
  const url = await serve(t, (request, response) => {
    ports.add(request.socket.remotePort)
    response.end('ok')
  })
  const transport = transportFor(t)
  for (let i = 0; i < 10; i += 1) answered(await transport.send(post(url), { timeoutMs: 5_000 }))
  // Two, not one: undici lets go of a connection a moment after its answer has been read.
  assert.ok(ports.size <= 2, `${ports.size} connections`)
})

test('of a big body the first 64 KiB are read, then the connection is closed', async t => {
  let sent = 0
  const url = await serve(t, (_request, response) => {
    const more = () => {
      while (!response.destroyed && sent < 500_000_000) {
        sent += 65_536
        if (!response.write(Buffer.alloc(65_536, 'x'))) return
      }
    }
    response.on('drain', more)
    more()
  })
  const answer = answered(await transportFor(t).send(post(url), { timeoutMs: 5_000 }))
  assert.equal(answer.body.length, BODY_MAX_BYTES)
  assert.ok(sent < 50_000_000, `${sent} bytes taken in`)
})

test('a compressed answer is not inflated, and half a character at the end is left out', async t => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  const zipped = await serve(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  )
  const transport = transportFor(t)
  const answer = answered(await transport.send(post(zipped), { timeoutMs: 5_000 }))
  assert.ok(answer.body.length <= BODY_MAX_BYTES)

  const broken = await serve(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'br' }).end('nonsense'),
  )
  assert.equal(answered(await transport.send(post(broken), { timeoutMs: 5_000 })).body, 'nonsense')

  const text = await serve(t, (_request, response) => response.end(`a${'ü'.repeat(50_000)}`))
  assert.equal(answered(await transport.send(post(text), { timeoutMs: 5_000 })).body, `a${'ü'.repeat(32_767)}`)
})

test('the deadline covers a receiver that says nothing, and one that stops in its head', async t => {
  const transport = transportFor(t)
  const silent = await serveRaw(t, () => {})
  failed(await transport.send(post(`${silent}/hook/${SECRET}`), { timeoutMs: 150 }), 'timeout')
  const slow = await serveRaw(t, socket => socket.write('HTTP/1.1 200 OK\r\nX-A: '))
  failed(await transport.send(post(slow), { timeoutMs: 150 }), 'timeout')
  failed(await transport.send(post(slow), { timeoutMs: 0 }), 'timeout')
})

test('the deadline covers a name server that says nothing', async t => {
  const transport = transportFor(t, { resolve: () => new Promise(() => {}) })
  failed(await transport.send(post(`https://receiver.test/hook/${SECRET}`), { timeoutMs: 150 }), 'timeout')
})

test('a status that was heard counts, though the body breaks off or never ends', async t => {
  const transport = transportFor(t)
  const hanging = await serveRaw(t, socket =>
    socket.write('HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 10\r\n\r\nhal'),
  )
  const late = answered(await transport.send(post(hanging), { timeoutMs: 200 }))
  assert.deepEqual([late.status, late.body, late.headers['retry-after']], [503, 'hal', '7'])
  const cut = await serveRaw(t, socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal'))
  assert.equal(answered(await transport.send(post(cut), { timeoutMs: 5_000 })).body, 'hal')
})

test('a connection that is refused or broken off, and an answer that is no HTTP, are told apart', async t => {
  const transport = transportFor(t)
  const port = await listening(t, createServer())
  const closed = createServer()
  closed.listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port: freePort } = closed.address() as AddressInfo // it listens on a port, not on a pipe
  await new Promise(resolve => closed.close(resolve))
  assert.notEqual(port, freePort)
  failed(await transport.send(post(`http://127.0.0.1:${freePort}/hook/${SECRET}`), { timeoutMs: 5_000 }), 'refused')

  const reset = await serveRaw(t, socket => socket.once('data', () => socket.resetAndDestroy()))
  failed(await transport.send(post(`${reset}/hook/${SECRET}`), { timeoutMs: 5_000 }), 'reset')
  const ended = await serveRaw(t, socket => socket.once('data', () => socket.end()))
  failed(await transport.send(post(ended), { timeoutMs: 5_000 }), 'reset')

  const smtp = await serveRaw(t, socket => socket.write('220 mail.example ESMTP\r\n'))
  failed(await transport.send(post(smtp), { timeoutMs: 5_000 }), 'protocol')
  const heads = await serve(t, (_request, response) =>
    response.writeHead(200, { 'x-big': 'x'.repeat(100_000) }).end('ok'),
  )
  failed(await transport.send(post(heads), { timeoutMs: 5_000 }), 'protocol')
})

test('the signal cuts a request off, before it starts and while it waits', async t => {
  const transport = transportFor(t)
  const silent = await serveRaw(t, () => {})
  failed(await transport.send(post(silent), { timeoutMs: 5_000, signal: AbortSignal.abort() }), 'cut-off')
  const stopping = new AbortController()
  const sent = transport.send(post(silent), { timeoutMs: 5_000, signal: stopping.signal })
  setTimeout(() => stopping.abort(), 50)
  failed(await sent, 'cut-off')
})

test('closing cuts off what is under way', async t => {
  const transport = transportFor(t)
  const silent = await serveRaw(t, () => {})
  const sent = transport.send(post(silent), { timeoutMs: 5_000 })
  setTimeout(() => void transport.close(), 50)
  failed(await sent, 'cut-off')
})

test('a certificate that is not trusted, not for this host, or run out is a certificate failure; plain text on the port is none', async t => {
  const tls = (cert: string) =>
    listening(
      t,
      createTlsServer({ key, cert }, (_request, response) => response.end('ok')),
    )
  const [good, old] = [await tls(certificate), await tls(expiredCertificate)]
  const resolve = async () => ['127.0.0.1']
  const trusting = transportFor(t, { ca: `${certificate}${expiredCertificate}`, resolve })
  const send = (url: string, transport = trusting) => transport.send(post(url), { timeoutMs: 5_000 })

  assert.equal(answered(await send(`https://127.0.0.1:${good}/hook/${SECRET}`)).body, 'ok')
  assert.equal(answered(await send(`https://receiver.test:${good}/hook/${SECRET}`)).body, 'ok')
  failed(await send(`https://elsewhere.test:${good}/hook/${SECRET}`), 'certificate')
  failed(await send(`https://127.0.0.1:${old}/hook/${SECRET}`), 'certificate')
  failed(await send(`https://127.0.0.1:${good}/hook/${SECRET}`, transportFor(t)), 'certificate')

  const plain = await listening(
    t,
    createServer((_request, response) => response.end('ok')),
  )
  failed(await send(`https://127.0.0.1:${plain}/hook/${SECRET}`), 'tls')
})

test('a name that cannot be resolved is a dns failure', async t => {
  for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL']) {
    const transport = transportFor(t, { resolve: () => Promise.reject(Object.assign(new Error(SECRET), { code })) })
    failed(await transport.send(post(`https://receiver.test/hook/${SECRET}`), { timeoutMs: 5_000 }), 'dns')
  }
})

test('nothing is sent to an address that is not allowed: not to a literal, not by a name, not over plain http', async t => {
  const asked: string[] = []
  const url = await serve(t, (request, response) => {
    asked.push(request.url ?? '')
    response.end('ok')
  })
  const { port } = new URL(url)
  const resolve = async () => ['1.1.1.1', '127.0.0.1']
  const strict = transportFor(t, { allow: [], resolve })
  const literals = [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '0.0.0.0',
  ]
  for (const host of [...literals, 'localhost', 'receiver.test', 'metadata.test']) {
    for (const protocol of ['http', 'https']) {
      blocked(await strict.send(post(`${protocol}://${host}:${port}/hook/${SECRET}`), { timeoutMs: 5_000 }))
    }
  }
  const other = transportFor(t, { allow: ['10.0.0.0/8'], resolve: async () => ['1.1.1.1'] })
  blocked(await other.send(post(`http://receiver.test:${port}/hook/${SECRET}`), { timeoutMs: 5_000 }))
  assert.deepEqual(asked, [])
})

test('an address with a user name, and one that is no web address, is not used', async t => {
  const transport = transportFor(t)
  const url = await serve(t, (_request, response) => response.end('ok'))
  const urls = [
    url.replace('//', `//user:${SECRET}@`),
    url.replace('//', '//user@'),
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'hook',
    '',
  ]
  for (const wrong of urls) blocked(await transport.send(post(wrong), { timeoutMs: 5_000 }))
})

test('a name is asked for once per connection, and only the checked address is used', async t => {
  const port = await listening(
    t,
    createServer((_request, response) => response.end('ok')),
  )
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  let count = 0
  const transport = transportFor(t, { resolve: async () => answers[count++] ?? [] })
  const sends = Array.from({ length: 2 }, () =>
    transport.send(post(`http://receiver.test:${port}/`), { timeoutMs: 5_000 }),
  )
  for (const sent of sends) assert.equal(answered(await sent).body, 'ok')
  assert.equal(count, 1, 'two connections at once share the question')
})

/** In a thread of its own: tells what arrives, and answers it 100 ms later. */
const PATIENT = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:http').createServer(({ url }, response) => {
    parentPort.postMessage(url)
    setTimeout(() => response.end('ok'), 100)
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`

test('an answer that came while the process was frozen past the deadline counts', async t => {
  const server = new Worker(PATIENT, { eval: true })
  t.after(() => server.terminate())
  const [port] = await once(server, 'message')
  const sent = transportFor(t).send(post(`http://127.0.0.1:${port}/`), { timeoutMs: 300 })
  await once(server, 'message')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  assert.equal(answered(await sent).status, 200)
})

test('what was not sent before the deadline is not sent after it, though the connection is ready only then', async t => {
  const server = new Worker(PATIENT, { eval: true })
  t.after(() => server.terminate())
  const [port] = await once(server, 'message')
  const arrived: unknown[] = []
  server.on('message', url => arrived.push(url))
  const transport = transportFor(t)
  const sent = transport.send(post(`http://127.0.0.1:${port}/late`), { timeoutMs: 300 })
  await new Promise(setImmediate) // it connects
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  failed(await sent, 'timeout')
  await transport.send(post(`http://127.0.0.1:${port}/next`), { timeoutMs: 5_000 })
  assert.deepEqual(arrived, ['/next'])
})
