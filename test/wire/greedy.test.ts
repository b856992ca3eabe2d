/** One client that wants it all: what it costs is bounded, and nobody else waits. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/domain/clock.ts'
import { PLATFORM_CLAIMS } from '../../src/domain/principal.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import { makeCalls } from '../../src/http/call.ts'
import { configuredKey } from '../../src/http/keys.ts'
import { pageTokens } from '../../src/http/page-token.ts'
import { createServer } from '../../src/http/server.ts'
import { registerTickets } from '../../src/http/tickets.ts'
import { tokenVerifier } from '../../src/http/token.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { post, SECRET, token } from '../support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess()
})
after(() => at.stop())

test('of requests sent in one packet each is looked at when the answer before it has left', async () => {
  const app = createServer({
    trustProxy: [],
    messageMaxLength: 100,
    nextId: () => 'an-id',
    observer: { answered() {}, failed() {} },
  })
  const begun: string[] = []
  const gate = Promise.withResolvers<void>()
  app.get('/:name', async ({ url }) => {
    begun.push(url)
    if (url === '/first') await gate.promise
    return { url }
  })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = new URL(address)
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  const closed = Promise.withResolvers<string>()
  let answers = ''
  socket.on('data', chunk => (answers += chunk)).on('close', () => closed.resolve(answers))
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`
  socket.write(get('/first') + get('/second') + get('/third', 'Connection: close\r\n'))
  while (begun.length === 0) await fetch(`${address}/other`)
  await fetch(`${address}/other`)
  assert.deepEqual(new Set(begun), new Set(['/first', '/other']))
  gate.resolve()
  assert.match(await closed.promise, /"\/first"[\s\S]*"\/second"[\s\S]*"\/third"/)
  await app.close()
})

test('a user may have four lists under way at once; others, and a fifth later, are served', async () => {
  const app = createServer({
    trustProxy: [],
    messageMaxLength: 100,
    nextId: () => 'an-id',
    observer: { answered() {}, failed() {} },
  })
  const gate = Promise.withResolvers<void>()
  let asked = 0
  const unasked = () => Promise.reject(new Error('not asked for here'))
  const calls = makeCalls(app, {
    verify: tokenVerifier(
      { issuer: 'cloud.sdu.dk', audience: null, claims: PLATFORM_CLAIMS },
      configuredKey({ kind: 'secret', secret: SECRET }),
      systemClock,
    ),
    sessionOf: async () => undefined,
  })
  registerTickets(calls, {
    store: {
      ticket: unasked,
      events: unasked,
      deliveries: unasked,
      async tickets() {
        asked += 1
        await gate.promise
        return { tickets: [], next: null }
      },
    },
    references: referenceCode(new Uint8Array(16)),
    pageTokens: pageTokens(new Uint8Array(16)),
    destinations: [],
  })
  const browse = (sub: string) =>
    app.inject({ url: '/api/support/browse', headers: { authorization: `Bearer ${token({ sub })}` } })
  const four = Array.from({ length: 4 }, () => browse('greedy'))
  while (asked < 4) await new Promise(resolve => setImmediate(resolve))
  const fifth = await browse('greedy')
  assert.deepEqual([fifth.statusCode, fifth.json().errorCode, fifth.headers['retry-after']], [429, 'BUSY', '2'])
  const other = browse('modest')
  gate.resolve()
  assert.deepEqual(
    (await Promise.all([...four, other])).map(({ statusCode }) => statusCode),
    [200, 200, 200, 200, 200],
  )
  assert.equal((await browse('greedy')).statusCode, 200)
  await app.close()
})

test('an Accept-Encoding without end asks for nothing', async () => {
  const answer = await at.raw(
    `GET /api/support/browse HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token({ sub: 'greedy' })}\r\nAccept-Encoding: gzip${','.repeat(500_000)}\r\nConnection: close\r\n\r\n`,
  )
  assert.match(answer, /^HTTP\/1\.1 200/)
  assert.doesNotMatch(answer.slice(0, 1_000), /content-encoding/i)
})

test('a token whose header has no end is refused unread', async () => {
  const head = Buffer.from(`{"alg":"HS512","x":${'['.repeat(300_000)}${']'.repeat(300_000)}}`).toString('base64url')
  const answer = await at.raw(
    `GET /api/support/browse HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${head}.e30.AAAA\r\nConnection: close\r\n\r\n`,
  )
  assert.match(answer, /^HTTP\/1\.1 401[\s\S]*www-authenticate: Bearer/)
})

test('the log says why a token was refused, and the answer does not', async () => {
  const reasonOf = async (authorization: string) => {
    const answer = await post(at.address, { message: 'm' }, { authorization })
    assert.match((await answer.json()).why, /not valid here/)
    return JSON.parse(at.log.at(-1) ?? '{}').reason
  }
  assert.equal(await reasonOf(`Bearer ${token({ iss: 'other' })}`), 'issuer')
  assert.equal(await reasonOf(`Bearer ${token().slice(0, -4)}AAAA`), 'signature-key-or-algorithm')
  assert.equal(await reasonOf(`Bearer ${token({ sub: '' })}`), 'no-subject-or-username')
  assert.equal(await reasonOf('Bearer x'), 'no-signed-token')
})
