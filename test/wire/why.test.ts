/** Every error code there is, brought about: the answer has the documented status, and its `why` is a sentence a person can use. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { type ErrorBody, type ErrorCode, errorCodes } from '../../src/api/errors.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { PLATFORM_CLAIMS } from '../../src/domain/principal.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import { StoreUnavailable } from '../../src/domain/store.ts'
import { makeCalls } from '../../src/http/call.ts'
import { createIntake } from '../../src/http/intake.ts'
import { configuredKey } from '../../src/http/keys.ts'
import { registerLoopbackOnly } from '../../src/http/loopback-only.ts'
import { createServer } from '../../src/http/server.ts'
import { registerSupport } from '../../src/http/support.ts'
import { tokenVerifier } from '../../src/http/token.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { configurationFor, post, SECRET, token } from '../support/service.ts'

type Answer = { status: number; headers: Headers; body: ErrorBody }

let at: InProcess
let withoutIssuer: InProcess
before(async () => {
  at = await startInProcess({
    configure: url => configurationFor(url, 'limits: { messageMaxLength: 100, ticketsPerUserPerHour: 2 }'),
  })
  withoutIssuer = await startInProcess({
    configure: url => configurationFor(url).replace(`sharedSecret: "${SECRET}"`, 'jwksUrl: "http://127.0.0.1:9/keys"'),
  })
})
after(() => Promise.all([at.stop(), withoutIssuer.stop()]))

const read = async (response: Response): Promise<Answer> => ({
  status: response.status,
  headers: response.headers,
  body: await response.json(),
})
const send = async (body: unknown, headers: Record<string, string> = {}) => read(await post(at.address, body, headers))
const get = async (path: string, claims: Record<string, unknown> = {}) =>
  read(await fetch(`${at.address}${path}`, { headers: { authorization: `Bearer ${token(claims)}` } }))

/** What came over a raw socket. */
const readRaw = (text: string): Answer => {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = new Headers(lines.map(line => line.split(/:\s*/, 2) as [string, string]))
  return { status: Number(first.split(' ')[1]), headers, body: JSON.parse(body) }
}

const bareServer = () =>
  createServer({
    messageMaxLength: 100,
    trustProxy: [],
    nextId: () => 'an-id',
    observer: { answered() {}, failed() {} },
  })

const inject = async (
  app: FastifyInstance,
  request: { method?: 'POST'; url: string; headers?: Record<string, string>; payload?: string },
): Promise<Answer> => {
  const answer = await app.inject(request)
  await app.close()
  return {
    status: answer.statusCode,
    headers: new Headers(answer.headers as Record<string, string>),
    body: answer.json(),
  }
}

/** The route over a store that cannot answer, which no test could make a real one be at will. */
const whileStoreFails = (outcome: 'not-written' | 'unknown'): Promise<Answer> => {
  const app = bareServer()
  const fails = () => Promise.reject(new StoreUnavailable(outcome, 'a disk that is gone'))
  const references = referenceCode(new Uint8Array(16))
  const calls = makeCalls(app, {
    verify: tokenVerifier(
      { issuer: 'cloud.sdu.dk', audience: null, claims: PLATFORM_CLAIMS },
      configuredKey({ kind: 'secret', secret: SECRET }),
      systemClock,
    ),
    sessionOf: async () => undefined,
  })
  registerSupport(app, calls, {
    store: { ticket: fails },
    references,
    intake: createIntake({
      store: { accept: fails },
      clock: systemClock,
      nextId: () => '0199aaaa-bbbb-7000-8000-000000000001',
      references,
      routes: [{ when: null, to: ['support'] }],
      limits: { ticketsPerUserPerHour: 10, messageMaxLength: 100 },
      onAccepted() {},
      onRefused() {},
      onStoreTrouble() {},
    }),
  })
  return inject(app, {
    method: 'POST',
    url: '/api/support/ticket',
    headers: { authorization: `Bearer ${token()}` },
    payload: '{"message":"m"}',
  })
}

const slowly = async (): Promise<Answer> => {
  const app = bareServer()
  // Node looks once a second; the time itself is cut short here.
  app.server.headersTimeout = 1
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  let answer = ''
  socket.on('data', chunk => (answer += chunk))
  socket.write('POST / HTTP/1.1\r\nHost: x\r\n')
  await once(socket, 'close')
  await app.close()
  return readRaw(answer)
}

const broken = (): Promise<Answer> => {
  const app = bareServer()
  app.get('/', async () => {
    throw new Error('a mistake of ours')
  })
  return inject(app, { url: '/' })
}

const misdirected = (): Promise<Answer> => {
  const app = bareServer()
  registerLoopbackOnly(app)
  return inject(app, { url: '/', headers: { host: 'evil.example' } })
}

/** As many large bodies as one user may have under way, which never end, and one more. */
const tooMuchAtOnce = async (): Promise<Answer> => {
  const { hostname, port } = new URL(at.address)
  const head = `POST /api/support/ticket HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token({ sub: 'greedy' })}\r\ntransfer-encoding: chunked\r\n`
  const sockets = Array.from({ length: 8 }, () => connect(Number(port), hostname))
  // Who is given leave to send has been let in.
  await Promise.all(
    sockets.map(socket => {
      socket.write(`${head}expect: 100-continue\r\n\r\n`)
      return once(socket, 'data')
    }),
  )
  const answer = readRaw(await at.raw(`${head}connection: close\r\n\r\n0\r\n\r\n`))
  for (const socket of sockets) socket.destroy()
  return answer
}

const waysTo: Record<ErrorCode, () => Promise<Answer>> = {
  BUSY: tooMuchAtOnce,
  BAD_REQUEST: async () => readRaw(await at.raw('NONSENSE\r\n\r\n')),
  INVALID_BODY: () => send('[1]'),
  NOT_UTF8: () => send(Uint8Array.of(0x7b, 0xff, 0x7d)),
  MESSAGE_REQUIRED: () => send({ message: ' ' }),
  INVALID_FIELD: () => send({ message: 'm', type: 'IDEA' }),
  INVALID_PAGE_TOKEN: () => get('/api/support/browse?next=x'),
  INVALID_IDEMPOTENCY_KEY: () => send({ message: 'm' }, { 'idempotency-key': 'a b' }),
  UNAUTHORIZED: () => send({ message: 'm' }, { authorization: 'Bearer x' }),
  FORBIDDEN: () => get('/api/support/browseDestinations'),
  NOT_FOUND: () => get('/api/support/retrieve?id=SUP-0000-0000'),
  METHOD_NOT_ALLOWED: () => get('/api/support/ticket'),
  REQUEST_TIMEOUT: slowly,
  MESSAGE_TOO_LONG: () => send({ message: 'm'.repeat(101) }),
  BODY_TOO_LARGE: () => send('x'.repeat(70_000)),
  UNSUPPORTED_ENCODING: () => send({ message: 'm' }, { 'content-encoding': 'gzip' }),
  WRONG_HOST: misdirected,
  async KEY_REUSED() {
    const writer = { authorization: `Bearer ${token({ sub: 'again' })}`, 'idempotency-key': 'k' }
    await send({ message: 'one' }, writer)
    return send({ message: 'two' }, writer)
  },
  async RATE_LIMITED() {
    const writer = { authorization: `Bearer ${token({ sub: 'often' })}` }
    for (let i = 0; i < 2; i += 1) await send({ message: 'm' }, writer)
    return send({ message: 'm' }, writer)
  },
  HEADERS_TOO_LARGE: async () =>
    readRaw(await at.raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(1_100_000)}\r\n\r\n`)),
  INTERNAL: broken,
  SIGN_IN_UNCHECKED: async () => {
    const [, payload, signature] = token().split('.')
    const head = Buffer.from('{"alg":"RS256","kid":"k"}').toString('base64url')
    return read(
      await post(withoutIssuer.address, { message: 'm' }, { authorization: `Bearer ${head}.${payload}.${signature}` }),
    )
  },
  STORE_UNAVAILABLE: () => whileStoreFails('not-written'),
  OUTCOME_UNKNOWN: () => whileStoreFails('unknown'),
}

/** What is safe, or that nothing happened; and a thing to do. */
const SAFE = /\b(not|nothing|keep|cannot arrive twice)\b/i
const TO_DO = /\b(enter|correct|send|sign in|keep|check|shorten|say|ask|begin|open|write|try|choose)\b/i

for (const [code, bringAbout] of Object.entries(waysTo)) {
  test(`${code}: its status, and a why that says what happened, what is safe and what to do`, async () => {
    const { status, headers, body } = await bringAbout()
    assert.deepEqual([body.errorCode, body.statusCode], [code, status], body.why)
    assert.equal(status, errorCodes[code as ErrorCode].status)
    assert.deepEqual(Object.keys(body).sort(), ['errorCode', 'statusCode', 'why'])
    assert.match(body.why, /^[A-Z].{30,300}\.$/s)
    assert.match(body.why, SAFE)
    assert.match(body.why, TO_DO)
    assert.doesNotMatch(body.why, /undefined|null|Error:|FST_|[<>]/)
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.ok(headers.get('job-id'))
    assert.equal(headers.has('retry-after'), status === 503 || status === 429)
  })
}
