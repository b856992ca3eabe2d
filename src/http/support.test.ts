/** The rules of intake, over real sockets. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { configurationFor, post, token } from '../../test/support/service.ts'

const LIMIT = 2_000
let at: InProcess
before(async () => {
  at = await startInProcess({
    configure: url => configurationFor(url, `limits: { ticketsPerUserPerHour: 1000, messageMaxLength: ${LIMIT} }`),
  })
})
after(() => at.stop())

const bytes = (text: string, encoding: BufferEncoding) => new Uint8Array(Buffer.from(text, encoding))
/** The ticket as it was stored, by way of the answer. */
const stored = async (body: unknown, headers: Record<string, string> = {}) => {
  const answer = await post(at.address, body, { prefer: 'return=representation', ...headers })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return JSON.parse(text)
}
const refusal = async (body: unknown, headers: Record<string, string> = {}) => {
  const answer = await post(at.address, body, headers)
  const problem = await answer.json()
  assert.equal(problem.statusCode, answer.status)
  assert.match(problem.why, /^[A-Z].*\.$/)
  assert.ok(answer.headers.get('job-id'))
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  return { status: answer.status, code: problem.errorCode, why: problem.why, headers: answer.headers }
}

test('a ticket is answered 200 {} with its reference and id in the headers', async () => {
  const answer = await post(at.address, { subject: 's', message: 'm' })
  assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  assert.match(answer.headers.get('ticket-id') ?? '', /^[0-9a-f-]{36}$/)
  assert.match(answer.headers.get('ticket-reference') ?? '', /^SUP-/)
})

test('who prefers it gets the ticket', async () => {
  const ticket = await stored(
    { subject: ' My subject ', message: 'm', type: 'QUESTION', context: { page: '/x' } },
    { project: 'project-1', 'user-agent': 'UA' },
  )
  const { id, reference, createdAt, technical, ...rest } = ticket
  assert.ok(id && reference && Number.isInteger(createdAt) && technical.requestId)
  assert.equal(technical.userAgent, 'UA')
  assert.deepEqual(rest, {
    status: 'RECEIVED',
    type: 'QUESTION',
    subject: 'My subject',
    message: 'm',
    user: { username: 'Ada#1234', role: 'USER', name: 'Ada Lovelace', email: 'ada@sdu.dk', organization: 'sdu.dk' },
    project: { id: 'project-1', listed: true },
    context: { page: '/x' },
  })
})

for (const type of [
  'content-type: application/json; charset=utf-8',
  'text/plain',
  'nonsense',
  'application/xml',
  'multipart/form-data',
]) {
  test(`the body is read as JSON under the content type "${type}"`, async () => {
    assert.equal((await stored({ message: 'm' }, { 'content-type': type })).message, 'm')
  })
}

test('a byte order mark, white space, unknown fields and duplicate keys are taken; of duplicates the last counts', async () => {
  assert.equal((await stored(bytes('\ufeff \n{"message":"first","x":{},"message":"last"}\n', 'utf8'))).message, 'last')
})

test('UTF-16 with its mark, and Latin-1 that says so, are read; the text is exact', async () => {
  const body = JSON.stringify({ subject: 'Prüfung', message: 'Grüße, naïve' })
  assert.equal((await stored(bytes(`\ufeff${body}`, 'utf16le'))).message, 'Grüße, naïve')
  assert.equal(
    (await stored(bytes(body, 'latin1'), { 'content-type': 'application/json; charset=iso-8859-1' })).subject,
    'Prüfung',
  )
})

test('bytes that are no text of a known encoding are refused, never garbled', async () => {
  for (const body of [
    bytes(JSON.stringify({ message: 'Grüße' }), 'latin1'),
    bytes('{"message":"ü', 'utf8').subarray(0, 13),
  ]) {
    const { status, code, why } = await refusal(body)
    assert.deepEqual([status, code], [400, 'NOT_UTF8'])
    assert.match(why, /UTF-8/)
  }
})

const badBodies: [string, unknown, number, string][] = [
  ['nothing', '', 400, 'INVALID_BODY'],
  ['white space', ' \n', 400, 'INVALID_BODY'],
  ['malformed JSON', '{"message":', 400, 'INVALID_BODY'],
  ['null', 'null', 400, 'INVALID_BODY'],
  ['a list', '[]', 400, 'INVALID_BODY'],
  ['a text', '"m"', 400, 'INVALID_BODY'],
  ['very deep JSON', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 400, 'INVALID_BODY'],
  ['no message', '{"subject":"s"}', 400, 'MESSAGE_REQUIRED'],
  ['a blank message', '{"message":" "}', 400, 'MESSAGE_REQUIRED'],
  ['a number as message', '{"message":5}', 400, 'INVALID_FIELD'],
  ['a type of another value', '{"message":"m","type":"X"}', 400, 'INVALID_FIELD'],
  ['a message above the limit', JSON.stringify({ message: 'x'.repeat(LIMIT + 1) }), 413, 'MESSAGE_TOO_LONG'],
]
for (const [what, body, status, code] of badBodies) {
  test(`a body that is ${what} is ${status} ${code}`, async () => {
    const answer = await refusal(body)
    assert.deepEqual([answer.status, answer.code], [status, code])
  })
}

test('a message at the limit is taken however much JSON escapes make of it', async () => {
  const body = `{"message":"${'\\u0061'.repeat(LIMIT)}"}`
  assert.equal((await stored(body)).message, 'a'.repeat(LIMIT))
})

test('a body above the limit is refused by its length, before it is read', async () => {
  const head = `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\nContent-Length: 999999999\r\n\r\n`
  const answer = await at.raw(head, /BODY_TOO_LARGE/)
  assert.match(answer, /^HTTP\/1\.1 413 /)
})

test('a body of the wrong kind is 400, whichever field it is', async () => {
  for (const fields of [
    { message: ['m'] },
    { message: { text: 'm' } },
    { message: true },
    { message: 'm', subject: 7 },
    { message: 'm', subject: ['s'] },
    { message: 'm', type: 7 },
    { message: 'm', type: '' },
    { message: 'm', type: 'bug' },
    { message: 'm', context: 'page' },
    { message: 'm', context: ['page'] },
  ]) {
    const { status, code } = await refusal(fields)
    assert.deepEqual([status, code], [400, 'INVALID_FIELD'], JSON.stringify(fields))
  }
})

test('a message is measured in UTF-16 units', async () => {
  assert.equal((await stored({ message: '🙂'.repeat(LIMIT / 2) })).message.length, LIMIT)
  assert.equal((await refusal({ message: `${'🙂'.repeat(LIMIT / 2)}!` })).status, 413)
})

test('escaped lone surrogates become U+FFFD, NUL is removed, and nothing is normalised', async () => {
  const body = String.raw`{"subject":"\udc00\u0000s","message":"\ud83d\ude42 \ud800 e\u0301\u0000 \u00e9"}`
  const { subject, message } = await stored(body)
  assert.deepEqual([subject, message], ['\ufffds', '🙂 \ufffd e\u0301 \u00e9'])
})

test('the preference counts however it is written, and no other one does', async () => {
  for (const prefer of [
    'Return=Representation',
    'wait=5, return="representation"',
    'respond-async; return = representation',
  ])
    assert.equal((await stored({ message: 'm' }, { prefer })).message, 'm', prefer)
  for (const prefer of ['return=minimal', 'x-return=representation', 'return=representations', ''])
    assert.equal(await (await post(at.address, { message: 'm' }, { prefer })).text(), '{}', prefer)
})

test('of a header without end the ticket keeps a line that people can read', async () => {
  const headers = { 'user-agent': `UA ${'x'.repeat(200_000)}`, project: 'p'.repeat(200_000) }
  const { technical, project } = await stored({ message: 'm' }, headers)
  assert.deepEqual([technical.userAgent.length, technical.userAgent.startsWith('UA xxx')], [1_000, true])
  assert.deepEqual([project.id.length, project.listed], [255, false])
})

test('a compressed body is refused with how to send it; one that says it is not, is taken', async () => {
  assert.equal((await stored({ message: 'm' }, { 'content-encoding': 'identity' })).message, 'm')
  const { status, code } = await refusal('x', { 'content-encoding': 'gzip' })
  assert.deepEqual([status, code], [415, 'UNSUPPORTED_ENCODING'])
})

test('the request id is kept when it is sane, else replaced, and stands on the ticket and on every answer', async () => {
  assert.equal((await stored({ message: 'm' }, { 'job-id': 'a.B_c:1-2' })).technical.requestId, 'a.B_c:1-2')
  for (const bad of ['a b', 'x'.repeat(129), 'a/b']) {
    const { requestId } = (await stored({ message: 'm' }, { 'job-id': bad })).technical
    assert.match(requestId, /^[0-9a-f-]{36}$/)
  }
  for (const path of ['/nowhere', '/api/support/ticket'])
    assert.ok((await fetch(at.address + path)).headers.get('job-id'))
})

test('slashes collapse, another method is 405 and another path 404, all in JSON', async () => {
  const slashes = await fetch(`${at.address}//api///support/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token()}` },
    body: '{"message":"m"}',
  })
  assert.equal(slashes.status, 200)
  const method = await fetch(`${at.address}/api/support/ticket`, { method: 'PUT', body: '{}' })
  assert.deepEqual([method.status, (await method.json()).errorCode], [405, 'METHOD_NOT_ALLOWED'])
  const path = await fetch(`${at.address}/api/support/tickets`, { method: 'POST' })
  assert.deepEqual([path.status, (await path.json()).errorCode], [404, 'NOT_FOUND'])
})

test('a request that is no HTTP, and headers without end, are answered in JSON with an id', async () => {
  const garbage = await at.raw('GARBAGE\r\n\r\n')
  assert.match(garbage, /^HTTP\/1\.1 400 [\s\S]*job-id: [\s\S]*"errorCode":"BAD_REQUEST"/)
  const huge = await at.raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_100_000)}\r\n\r\n`, /HEADERS_TOO_LARGE/)
  assert.match(huge, /^HTTP\/1\.1 431 /)
})

test('who asks is decided before the body is looked at', async () => {
  const { status, code } = await refusal('garbage', { authorization: 'Bearer nonsense' })
  assert.deepEqual([status, code], [401, 'UNAUTHORIZED'])
})

test('a token of 700 kB passes', async () => {
  const groups = Object.fromEntries(
    Array.from({ length: 8_000 }, (_, i) => [`group-${i}-${'x'.repeat(40)}`, `project-${i}`]),
  )
  assert.equal((await post(at.address, { message: 'm' }, { authorization: `Bearer ${token({ groups })}` })).status, 200)
})

test('a stale project is kept and marked; without the header there is none', async () => {
  assert.deepEqual((await stored({ message: 'm' }, { project: 'gone' })).project, { id: 'gone', listed: false })
  assert.equal((await stored({ message: 'm' })).project, null)
})

test('a project is listed when the token lists it, wherever among many', async () => {
  const membership = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p-${i}`, 'USER']))
  const authorization = `Bearer ${token({ membership })}`
  assert.deepEqual((await stored({ message: 'm' }, { project: 'p-149', authorization })).project, {
    id: 'p-149',
    listed: true,
  })
})
