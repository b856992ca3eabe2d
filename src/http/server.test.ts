/** What the server does with requests of every shape, byte by byte on real sockets. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { configurationFor, token } from '../../test/support/service.ts'
import { createServer } from './server.ts'

const LIMIT = 2_000
const BODY_LIMIT = 6 * LIMIT + 64 * 1024
let at: InProcess
before(async () => {
  at = await startInProcess({
    configure: url => configurationFor(url, `limits: { ticketsPerUserPerHour: 1000, messageMaxLength: ${LIMIT} }`),
  })
})
after(() => at.stop())

const BODY = '{"message":"m"}'
/** The head of a POST of a ticket; `more` are header lines. */
const head = (more: string, bearer = token()) =>
  `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bearer}\r\n${more}\r\n\r\n`
const ticket = (more: string, body = BODY) => head(`${more}\r\nContent-Length: ${body.length}`) + body
const END_OF_JSON = /\r\n\r\n[\s\S]*\}$/

/** Every answer on a raw socket: its status, and that it is JSON with an id. */
const answerTo = async (bytes: string, enough = END_OF_JSON) => {
  const answer = await at.raw(bytes, enough)
  assert.match(answer, /^job-id: \S+\r$/im)
  assert.match(answer, /^x-content-type-options: nosniff\r$/im)
  assert.match(answer, /^content-type: application\/json; charset=utf-8\r$/im)
  return { status: Number(answer.slice(9, 12)), answer }
}

test('bytes behind a whole request do not take its answer: the ticket is stored, and the answer says so', async () => {
  for (const behind of ['x', 'garbage\r\n\r\n', '}\r\nGET / HTTP/1.1\r\n\r\n']) {
    // No pattern to wait for: the connection ends after the answer.
    const answer = await at.raw(ticket('Job-Id: first') + behind)
    assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*job-id: first\r\n[\s\S]*\r\n\r\n\{\}$/)
  }
})

test('bytes behind a body that is not whole are refused: nothing was stored', async () => {
  const { status, answer } = await answerTo(`${head('Transfer-Encoding: chunked')}zz\r\n`)
  assert.equal(status, 400)
  assert.match(answer, /nothing was stored/)
})

test('two requests in one packet get two answers, in order', async () => {
  const answers = await at.raw(ticket('Job-Id: one') + ticket('Job-Id: two'), /\{\}[\s\S]*\{\}/)
  assert.deepEqual(
    [...answers.matchAll(/job-id: (\S+)/g)].map(([, id]) => id),
    ['one', 'two'],
  )
})

test('who sends too much and reads only afterwards still gets the 413, on a connection that stays usable', async () => {
  const tooLong = 'x'.repeat(4_000_000)
  const next = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'
  for (const bytes of [
    head(`Content-Length: ${tooLong.length}`) + tooLong,
    `${head('Transfer-Encoding: chunked')}${tooLong.length.toString(16)}\r\n${tooLong}\r\n0\r\n\r\n`,
  ]) {
    const answers = await at.raw(bytes + next, /BODY_TOO_LARGE[\s\S]*\{\}$/)
    assert.deepEqual(
      [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
      ['413', '200'],
    )
  }
})

test('the form’s page for a message that is much too long reaches the browser that is still sending it', async () => {
  const size = 200_000
  const form = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${size}\r\n\r\n`
  const answers = await at.raw(`${form}${'x'.repeat(size)}GET /livez HTTP/1.1\r\nHost: x\r\n\r\n`, /\{\}$/)
  assert.match(answers, /^HTTP\/1\.1 413 [\s\S]*Your message is much too long[\s\S]*HTTP\/1\.1 200 /)
})

test('the body limit is six times the message and 64 KiB, to the byte', async () => {
  const fits = await answerTo(head(`Content-Length: ${BODY_LIMIT}`) + ' '.repeat(BODY_LIMIT - BODY.length) + BODY)
  const above = await answerTo(head(`Content-Length: ${BODY_LIMIT + 1}`), /BODY_TOO_LARGE/)
  assert.deepEqual([fits.status, above.status], [200, 413])
})

test('who asks is decided before the length of the body', async () => {
  assert.equal((await answerTo(head('Content-Length: 999999999', 'nonsense'))).status, 401)
  assert.equal((await answerTo(head('Content-Length: 999999999', token({ role: 'SERVICE' })))).status, 403)
})

test('a content type that is a form’s, well or ill written, is read as JSON on the API', async () => {
  for (const type of [
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded garbage',
    'application/x-www-form-urlencoded; charset=;;=',
    '',
  ]) {
    assert.equal((await answerTo(ticket(`Content-Type: ${type}`))).status, 200, type)
  }
  const latin = ticket('Content-Type: application/x-www-form-urlencoded; charset=latin1', '{"message":"Gr\xfc\xdfe"}')
  assert.equal((await answerTo(latin)).status, 200)
})

test('a request without a Host, with an expectation nobody knows, or of HTTP/1.0 is answered like any other', async () => {
  const noHost = await answerTo('GET /livez HTTP/1.1\r\n\r\n')
  assert.deepEqual([noHost.status, /"errorCode":"BAD_REQUEST"/.test(noHost.answer)], [400, true])
  assert.equal((await answerTo(ticket('Expect: a-cake'))).status, 200)
  assert.match(await at.raw(ticket('Expect: 100-continue'), END_OF_JSON), /^HTTP\/1\.1 100 [\s\S]*HTTP\/1\.1 200 /)
  assert.equal((await answerTo('GET /livez HTTP/1.0\r\n\r\n')).status, 200)
})

test('every other method is 405 and names those there are', async () => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const { status, answer } = await answerTo(`${method} //api/support//ticket?x=1 HTTP/1.1\r\nHost: x\r\n\r\n`)
    assert.deepEqual([method, status], [method, 405])
    assert.match(answer, /^allow: POST\r$/im)
    assert.match(answer, /"errorCode":"METHOD_NOT_ALLOWED"/)
  }
  const page = await answerTo('PUT / HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.match(page.answer, /^allow: GET, POST\r$/im)
})

for (const [what, request, status] of [
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00', 400],
  ['a method nobody knows', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a path that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a path like a route pattern', 'PUT /:a(^\\d+$)/* HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ['a length that is no number', head('Content-Length: many'), 400],
  ['two lengths that contradict', head('Content-Length: 2\r\nTransfer-Encoding: chunked'), 400],
  ['headers above 1 MiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_100_000)}\r\n\r\n`, 431],
] as const) {
  test(`${what}: ${status}, in JSON and with an id`, async () => {
    assert.equal((await answerTo(request)).status, status)
  })
}

test('the times are those documented, and who is slower gets 408 in JSON, with an id', async () => {
  const app = createServer({
    trustProxy: [],
    messageMaxLength: LIMIT,
    nextId: () => 'an-id',
    observer: { answered() {}, failed() {} },
  })
  app.post('/', async () => ({}))
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = app.server
  assert.deepEqual([headersTimeout, requestTimeout, keepAliveTimeout, timeout], [15_000, 60_000, 75_000, 65_000])

  // Node looks once a second; the times themselves are cut short here.
  Object.assign(app.server, { headersTimeout: 1, requestTimeout: 1 })
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  for (const slow of ['POST / HTTP/1.1\r\nHost: x\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{']) {
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
    let answer = ''
    socket.on('data', chunk => (answer += chunk))
    socket.write(slow)
    await once(socket, 'close')
    assert.match(
      answer,
      /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*job-id: an-id\r\n[\s\S]*"errorCode":"REQUEST_TIMEOUT"/,
    )
  }
  await app.close()
})
