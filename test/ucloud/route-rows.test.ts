/** Contract 1.1, the route: how its path may be written, what other methods and paths get, and how a body may arrive. */
import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer } from '../../src/http/server.ts'
import { bearer, errorOf, type Stage, startStage, TICKET_PATH } from './stage.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const post = (path: string) => at.call(path, { method: 'POST', headers: bearer(), body: '{"message":"m"}' })

test('1.1, Path tolerance: runs of slashes collapse, a query is ignored', async () => {
  for (const path of [TICKET_PATH, '/api//support/ticket', '///api/support///ticket', `${TICKET_PATH}?a=b&c`])
    assert.equal((await post(path)).status, 200, path)
})

for (const path of [
  `${TICKET_PATH}/`,
  '/api/support/tickets',
  '/api/support/Ticket',
  '/API/support/ticket',
  '/api/support/ticket%2f',
  '/api/support',
  '/api',
  '/ucloud/api/support/ticket',
  '/nothing?at=all',
]) {
  test(`1.1, Path tolerance: ${path} is 404 in JSON, and nothing is stored`, async () => {
    const storedBefore = at.count()
    const answer = await post(path)
    assert.deepEqual([answer.status, errorOf(answer).code], [404, 'NOT_FOUND'])
    assert.equal(at.count(), storedBefore)
  })
}

test('1.1, Wrong method on the path: each that Node lets through is 405 in JSON; elsewhere it is 404', async () => {
  for (const method of METHODS.filter(known => !['POST', 'HEAD', 'CONNECT'].includes(known))) {
    const answer = await at.call(TICKET_PATH, { method, headers: bearer() })
    const { code, why } = errorOf(answer)
    const { allow } = answer.headers
    assert.deepEqual([method, answer.status, code, allow], [method, 405, 'METHOD_NOT_ALLOWED', 'POST'])
    assert.match(why, /POST only/)
    const elsewhere = await at.call('/api/support/nothing', { method })
    assert.deepEqual([method, elsewhere.status, errorOf(elsewhere).code], [method, 404, 'NOT_FOUND'])
  }
})

test('1.1, Wrong method on the path: HEAD is 405 with the headers of JSON, and has no body', async () => {
  for (const [path, status] of [
    [TICKET_PATH, 405],
    ['/api/nothing', 404],
  ] as const) {
    const { headers, text, ...answer } = await at.call(path, { method: 'HEAD' })
    assert.deepEqual([answer.status, headers['content-type'], text], [status, 'application/json; charset=utf-8', ''])
    assert.ok(headers['job-id'])
  }
})

test('1.1, Wrong method on the path: one that HTTP does not know is 400 in JSON, and CONNECT is no tunnel', async () => {
  const answer = await at.raw(`POTS ${TICKET_PATH} HTTP/1.1\r\nHost: x\r\n\r\n`)
  assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*job-id: [\s\S]*"errorCode":"BAD_REQUEST"/)
  // Node ends the connection; no answer can be read as a yes.
  assert.ok(!(await at.raw('CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n')).startsWith('HTTP/1.1 2'))
})

test('1.1, CORS: none; a preflight of another origin is allowed nothing', async () => {
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
  for (const method of ['OPTIONS', 'POST']) {
    const answer = await at.call(TICKET_PATH, { method, headers })
    assert.deepEqual(
      Object.keys(answer.headers).filter(name => name.startsWith('access-control')),
      [],
    )
  }
})

test('1.1, Response content type and other headers: JSON in UTF-8, a date, an id, and nothing about the software', async () => {
  const { headers } = await post(TICKET_PATH)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.ok(headers.date && headers['job-id'])
  assert.deepEqual([headers.server, headers['x-powered-by']], [undefined, undefined])
})

/** The head of a ticket whose body comes in chunks, on a connection of its own. */
const chunked = () => {
  const { hostname, port } = new URL(at.address)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  const head = `POST ${TICKET_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer().authorization}\r\n`
  socket.write(`${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`)
  let answer = ''
  socket.on('data', chunk => (answer += chunk))
  const whole = new Promise<string>((resolve, reject) => {
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
  })
  return { whole, chunk: (text: string) => socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`) }
}

test('1.1, Content-Length: chunked bodies work, also when others are served between two chunks', async () => {
  const { whole, chunk } = chunked()
  chunk('{"mess')
  assert.equal((await post(TICKET_PATH)).status, 200)
  chunk('age":"in chunks: ü"}')
  chunk('')
  assert.match(await whole, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n\{\}$/)
})

test('1.2, body slower than 5 s: read for up to a minute, then 408 in JSON; Go had 400', async () => {
  const app = createServer({
    trustProxy: [],
    messageMaxLength: 100,
    nextId: () => 'an-id',
    observer: { answered() {}, failed() {} },
  })
  app.post(TICKET_PATH, async () => assert.fail('no handler sees a body that is not whole'))
  try {
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
    assert.equal(app.server.requestTimeout, 60_000)
    // Node looks once a second; the minute itself is cut short here.
    Object.assign(app.server, { headersTimeout: 1, requestTimeout: 1 })
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
    socket.write(`POST ${TICKET_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n{"mess`)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    assert.match(answer, /^HTTP\/1\.1 408 [\s\S]*"errorCode":"REQUEST_TIMEOUT"/)
    assert.match(answer, /took too long to arrive, so nothing was stored\. Send it again\./)
  } finally {
    await app.close()
  }
})
