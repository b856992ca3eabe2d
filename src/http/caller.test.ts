/** Who may send a ticket: tokens and sessions over HTTP, and what is said when the store cannot tell. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import jwt from 'jsonwebtoken'
import { rsaCertificate, rsaKey } from '../../test/contracts/rsa-certificate.ts'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { configurationFor, post, SECRET, token } from '../../test/support/service.ts'
import { systemClock, systemRandom } from '../domain/clock.ts'
import { idMaker } from '../domain/id.ts'
import { PLATFORM_CLAIMS, type Principal } from '../domain/principal.ts'
import { referenceCode } from '../domain/reference.ts'
import { openThreadedStore } from '../store/sqlite/threaded.ts'
import { makeCalls } from './call.ts'
import { createIntake } from './intake.ts'
import { configuredKey } from './keys.ts'
import { createServer } from './server.ts'
import { makeSessions, SESSION_COOKIE } from './sessions.ts'
import { registerSupport } from './support.ts'
import { tokenVerifier } from './token.ts'

let hs: InProcess
let rs: InProcess
before(async () => {
  hs = await startInProcess()
  const oneLine = rsaCertificate.trim().replaceAll('\n', '\\n')
  rs = await startInProcess({
    configure: url => configurationFor(url).replace(`sharedSecret: "${SECRET}"`, `certificate: "${oneLine}"`),
  })
})
after(() => Promise.all([hs.stop(), rs.stop()]))

const seconds = () => Math.floor(Date.now() / 1_000)
const claims = () => ({ sub: 'Ada#1234', role: 'USER', iss: 'cloud.sdu.dk', aud: ['all:write'], exp: seconds() + 600 })
const rs256 = (key = rsaKey, changes: object = {}) =>
  jwt.sign({ ...claims(), ...changes }, key, { algorithm: 'RS256', keyid: 'any' })
const unsigned = () => jwt.sign(claims(), null, { algorithm: 'none' })

const outcome = async (at: InProcess, authorization: string, body: unknown = { message: 'm' }) => {
  const answer = await post(at.address, body, { authorization })
  assert.ok(answer.headers.get('job-id'))
  const { why, errorCode, statusCode } = await answer.json()
  if (answer.status !== 200) assert.deepEqual([statusCode, /^[A-Z].*\.$/.test(why)], [answer.status, true])
  return [answer.status, errorCode ?? null]
}

const cases: [what: string, at: () => InProcess, header: () => string, status: number, code: string | null][] = [
  ['HS512 where that is configured', () => hs, () => `Bearer ${token()}`, 200, null],
  ['RS256 where a certificate is configured', () => rs, () => `Bearer ${rs256()}`, 200, null],
  ['an administrator', () => hs, () => `Bearer ${token({ role: 'ADMIN' })}`, 200, null],
  ['RS256 where a secret is configured', () => hs, () => `Bearer ${rs256()}`, 401, 'UNAUTHORIZED'],
  ['HS512 where a certificate is configured', () => rs, () => `Bearer ${token()}`, 401, 'UNAUTHORIZED'],
  ['no algorithm, secret', () => hs, () => `Bearer ${unsigned()}`, 401, 'UNAUTHORIZED'],
  ['no algorithm, certificate', () => rs, () => `Bearer ${unsigned()}`, 401, 'UNAUTHORIZED'],
  ['no token', () => hs, () => '', 401, 'UNAUTHORIZED'],
  ['a password', () => hs, () => `Basic ${btoa('ada:secret')}`, 401, 'UNAUTHORIZED'],
  ['run out', () => rs, () => `Bearer ${rs256(rsaKey, { exp: seconds() - 120 })}`, 401, 'UNAUTHORIZED'],
  ['issued in the future', () => hs, () => `Bearer ${token({ iat: seconds() + 120 })}`, 401, 'UNAUTHORIZED'],
  ['issued at no number', () => hs, () => `Bearer ${token({}).replace(/\.[^.]+\./, '.e30.')}`, 401, 'UNAUTHORIZED'],
  ['a service', () => hs, () => `Bearer ${token({ role: 'SERVICE' })}`, 403, 'FORBIDDEN'],
  ['a provider', () => rs, () => `Bearer ${rs256(rsaKey, { role: 'PROVIDER' })}`, 403, 'FORBIDDEN'],
  ['a narrower scope', () => hs, () => `Bearer ${token({ aud: ['files:write'] })}`, 403, 'FORBIDDEN'],
]
for (const [what, at, header, status, code] of cases) {
  test(`a token of this kind is ${status}: ${what}`, async () => {
    assert.deepEqual(await outcome(at(), header()), [status, code])
    // Decided before the body is looked at: a body that is no JSON changes nothing for who is refused.
    assert.deepEqual(await outcome(at(), header(), 'garbage'), status === 200 ? [400, 'INVALID_BODY'] : [status, code])
  })
}

const principal: Principal = {
  username: 'Ada#1234',
  role: 'USER',
  name: 'Ada Lovelace',
  email: null,
  organization: null,
  mailDomain: null,
  projects: [],
}

/** The call over two real stores: one that takes tickets, and one that is asked who somebody is and what was stored. */
const withStores = async (use: (at: Awaited<ReturnType<typeof arrange>>) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const at = await arrange(folder)
  try {
    await use(at)
  } finally {
    await at.app.close()
    await Promise.all([at.taking.close(), at.asked.close()])
    rmSync(folder, { recursive: true })
  }
}
const arrange = async (folder: string) => {
  const open = (name: string) =>
    openThreadedStore(join(folder, name), { clock: systemClock, onFatal: error => assert.fail(error) })
  const [taking, asked] = [await open('taking'), await open('asked')]
  const nextId = idMaker(systemClock, systemRandom)
  const references = referenceCode(taking.keys.reference)
  const failures: unknown[] = []
  const app = createServer({
    messageMaxLength: 100,
    trustProxy: [],
    nextId,
    observer: { answered() {}, failed: (_id, error) => failures.push(error) },
  })
  const sessions = makeSessions({ store: asked, clock: systemClock, random: systemRandom })
  const intake = createIntake({
    store: taking,
    clock: systemClock,
    nextId,
    references,
    routes: [{ when: null, to: ['support'] }],
    limits: { ticketsPerUserPerHour: 100, messageMaxLength: 100 },
    onAccepted() {},
    onRefused() {},
    onStoreTrouble() {},
  })
  const verify = tokenVerifier(
    { issuer: 'cloud.sdu.dk', audience: null, claims: PLATFORM_CLAIMS },
    configuredKey({ kind: 'secret', secret: SECRET }),
    systemClock,
  )
  app.post('/sign-in', async (request, reply) => {
    await sessions.open(request, reply, { principal, link: randomBytes(32) })
    return reply.send()
  })
  const calls = makeCalls(app, { verify, sessionOf: request => sessions.sessionOf(request) })
  registerSupport(app, calls, { intake, store: asked, references })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const signIn = async () => {
    const cookie = (await fetch(`${address}/sign-in`, { method: 'POST' })).headers.get('set-cookie') ?? ''
    assert.match(cookie, new RegExp(`^${SESSION_COOKIE}=.*HttpOnly; SameSite=Lax`))
    return cookie.split(';')[0] ?? ''
  }
  const send = (headers: Record<string, string>) =>
    fetch(`${address}/api/support/ticket`, { method: 'POST', headers, body: '{"message":"m"}' })
  return { app, taking, asked, failures, address, signIn, send }
}

test('a session counts for requests of our own pages only, and never beside a token', () =>
  withStores(async ({ address, signIn, send }) => {
    const cookie = await signIn()
    for (const [headers, status] of [
      [{ cookie, 'sec-fetch-site': 'same-origin' }, 200],
      [{ cookie, origin: address }, 200],
      [{ cookie, 'sec-fetch-site': 'cross-site' }, 401],
      [{ cookie, 'sec-fetch-site': 'same-site' }, 401],
      [{ cookie, 'sec-fetch-site': 'none' }, 401],
      [{ cookie, origin: 'https://evil.example' }, 401],
      [{ cookie }, 401],
      [{ 'sec-fetch-site': 'same-origin' }, 401],
      [{ cookie, 'sec-fetch-site': 'same-origin', authorization: 'Bearer nonsense' }, 401],
    ] as const) {
      assert.equal((await send(headers)).status, status, JSON.stringify(headers))
    }
  }))

test('while the store cannot tell whose session it is, the answer is 503 and when to come back', () =>
  withStores(async ({ asked, signIn, send, failures }) => {
    const cookie = await signIn()
    await asked.close()
    const answer = await send({ cookie, 'sec-fetch-site': 'same-origin' })
    const { errorCode, why } = await answer.json()
    assert.deepEqual([answer.status, errorCode, answer.headers.get('retry-after')], [503, 'STORE_UNAVAILABLE', '5'])
    assert.match(why, /was not sent/)
    // A token needs no store to be recognised.
    assert.equal((await send({ authorization: `Bearer ${token()}` })).status, 200)
    assert.deepEqual(failures, [])
  }))

test('a ticket that is stored and cannot be read back is answered 200: an error would be untrue', () =>
  withStores(async ({ asked, taking, send, failures }) => {
    await asked.close()
    const answer = await send({ authorization: `Bearer ${token()}`, prefer: 'return=representation' })
    assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
    const id = answer.headers.get('ticket-id') ?? ''
    assert.equal((await taking.ticket({ id }))?.message, 'm')
    assert.deepEqual(failures, [])
  }))
