/** `Expect: 100-continue`: leave to send a body is given when the rest has been decided, and HTTP/1.0 knows nothing of it. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import type { InProcess } from '../support/in-process.ts'
import { token } from '../support/service.ts'
import { answersIn, assertDecent, BEARER, body, get, LAST, startTarget, ticket } from './wire.ts'

let at: InProcess
before(async () => {
  at = await startTarget()
})
after(() => at.stop())

const TEXT = body('m')
const SIZED = `Content-Length: ${TEXT.length}\r\n`
const EXPECT = 'Expect: 100-continue\r\n'
const head = (more: string, bearer = BEARER) =>
  `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\n${bearer}${EXPECT}${more}\r\n`

/** Sends the head, the rest once "100 Continue" is there, and reads until the server ends the connection. */
const afterLeave = (first: string, rest: string): Promise<string> =>
  new Promise(resolve => {
    const { hostname, port } = new URL(at.address)
    const socket = connect(Number(port), hostname).setEncoding('latin1')
    let received = ''
    socket.on('data', chunk => {
      if (received === '' && String(chunk).startsWith('HTTP/1.1 100 ')) socket.write(rest)
      received += chunk
    })
    socket.once('close', () => resolve(received))
    socket.write(first)
  })
const statusesOf = (received: string) => {
  const answers = answersIn(received)
  for (const answer of answers) if (answer.status !== 100) assertDecent(answer, received)
  return answers.map(({ status }) => status)
}

for (const [what, request, status] of [
  ['no token', head(SIZED, ''), 401],
  ['a token of a service', head(SIZED, `Authorization: Bearer ${token({ role: 'SERVICE' })}\r\n`), 403],
  ['a body that is too large', head('Content-Length: 30000000\r\n'), 413],
  ['a body that is compressed', head(`Content-Encoding: gzip\r\n${SIZED}`), 415],
  ['no Host', head(SIZED).replace('Host: x\r\n', ''), 400],
  ['a path that cannot be decoded', head(SIZED).replace('/ticket', '/%zz'), 400],
] as const) {
  // The body may never come, and what came in its place would be read as the body.
  test(`with ${what} no leave is given: ${status} alone, and the connection ends`, async () => {
    const answers = await afterLeave(request, TEXT + LAST)
    assert.deepEqual(statusesOf(answers), [status])
    assert.equal(answersIn(answers)[0]?.headers.connection, 'close', 'and says so')
  })
}

test('leave is given once, to a ticket that may be sent, and the connection stays usable', async () => {
  assert.deepEqual(statusesOf(await afterLeave(head(SIZED), TEXT + LAST)), [100, 200, 200])
  const chunks = `${TEXT.length.toString(16)}\r\n${TEXT}\r\n0\r\n\r\n${LAST}`
  assert.deepEqual(statusesOf(await afterLeave(head('Transfer-Encoding: chunked\r\n'), chunks)), [100, 200, 200])
  const mixed = head(SIZED).replace('100-continue', '100-CONTINUE')
  assert.deepEqual(statusesOf(await afterLeave(mixed, TEXT + LAST)), [100, 200, 200])
})

test('leave is given on a connection that is to end, or for which an upgrade is asked, and it ends', async () => {
  for (const more of ['Connection: close\r\n', 'Connection: Upgrade\r\nUpgrade: h2c\r\n']) {
    const answers = await afterLeave(head(SIZED + more), TEXT)
    assert.deepEqual(statusesOf(answers), [100, 200])
    assert.equal(answersIn(answers)[1]?.headers.connection, 'close', 'and says so')
  }
})

test('chunks that turn out too large are answered with 413 after the leave', async () => {
  const size = 4_000_000
  const chunks = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n${LAST}`
  assert.deepEqual(statusesOf(await afterLeave(head('Transfer-Encoding: chunked\r\n'), chunks)), [100, 413, 200])
})

test('who does not wait for the leave is answered as well', async () => {
  assert.deepEqual(statusesOf(await afterLeave(head(SIZED) + TEXT + LAST, '')), [100, 200, 200])
  assert.deepEqual(statusesOf(await afterLeave(head(SIZED, '') + TEXT, '')), [401])
})

test('in HTTP/1.0 no leave is given, and the connection stays only for who asks for that', async () => {
  assert.deepEqual(statusesOf(await at.raw(ticket(EXPECT + SIZED, TEXT, '1.0'))), [200])
  assert.deepEqual(statusesOf(await at.raw(ticket(SIZED, TEXT, '1.0'))), [200])
  const kept = await at.raw(ticket(`Connection: keep-alive\r\n${SIZED}`, TEXT, '1.0') + get('GET /livez HTTP/1.0'))
  assert.deepEqual(statusesOf(kept), [200, 200])
  assert.deepEqual(
    answersIn(kept).map(({ headers }) => headers.connection),
    ['keep-alive', 'close'],
  )
  // A body without a length is none.
  assert.deepEqual(statusesOf(await at.raw(ticket('', TEXT, '1.0'))), [400])
})
