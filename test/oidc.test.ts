/** Tokens of a real OpenID Connect provider: by the keys it publishes, through rotation, roll-back and outage. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type Configuration, Provider } from 'oidc-provider'
import { type Clock, systemClock } from '../src/domain/clock.ts'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { configurationFor, SECRET } from './support/service.ts'

const AUDIENCE = 'https://support.example.org'
const privateJwk = (kid: string) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
})
const [old, fresh] = [privateJwk('old'), privateJwk('fresh')]

/** Whoever signs in here is a client of the provider; what their tokens say of them stands in this table. */
const people: Record<string, Record<string, string | string[]>> = {
  ada: { preferred_username: 'ada', name: 'Ada Lovelace', email: 'ada@sdu.dk', groups: ['everyone'] },
  grace: { preferred_username: 'grace', groups: ['everyone', 'support-staff'] },
}

let handle: RequestListener
let keysAsked = 0
let isAway = false
const server = createServer((request, response) => {
  if (request.url === '/jwks') keysAsked += 1
  if (isAway) request.socket.destroy()
  else handle(request, response)
})
let issuer: string
let at: InProcess
let skippedMs = 0
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skippedMs }

const runProvider = (...keys: ReturnType<typeof privateJwk>[]): void => {
  const configuration: Configuration = {
    jwks: { keys },
    clients: Object.keys(people).map(client_id => ({
      client_id,
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    extraTokenClaims: (_context, token) => people[token.clientId ?? ''],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }
  handle = new Provider(issuer, configuration).callback()
}

const tokenOf = async (who: string, resource = AUDIENCE): Promise<string> => {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${who}:secret`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
  })
  return (await answer.json()).access_token
}

const send = (token: string) =>
  fetch(`${at.address}/api/support/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, prefer: 'return=representation' },
    body: '{"message":"m"}',
  })

before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on TCP
  runProvider(old)
  const auth = `issuer: "${issuer}", jwksUrl: "${issuer}/jwks", audience: "${AUDIENCE}", claims: { username: preferred_username, role: groups, roles: { support-staff: ADMIN } }`
  at = await startInProcess({
    clock,
    configure: url => configurationFor(url).replace(`issuer: cloud.sdu.dk, sharedSecret: "${SECRET}"`, auth),
  })
})
after(async () => {
  await at.stop()
  server.closeAllConnections()
  server.close()
})

test('whoever signs in at the provider can write, under their name there, with the role of their groups', async () => {
  const [ada, grace] = await Promise.all(['ada', 'grace'].map(async who => (await send(await tokenOf(who))).json()))
  assert.deepEqual(ada.user, {
    username: 'ada',
    role: 'USER',
    name: 'Ada Lovelace',
    email: 'ada@sdu.dk',
    organization: null,
  })
  assert.deepEqual([grace.user.username, grace.user.role], ['grace', 'ADMIN'])
})

test('a token of the same provider for another service is 401', async () => {
  const answer = await send(await tokenOf('ada', 'https://files.example.org'))
  assert.deepEqual([answer.status, (await answer.json()).errorCode], [401, 'UNAUTHORIZED'])
})

test('a rotated key is known at once, a rolled-back one after 30 s at most, and old tokens stay valid while their key is published', async () => {
  const before = await tokenOf('ada')
  const asked = keysAsked
  runProvider(fresh, old)
  const rotated = await tokenOf('ada')
  assert.deepEqual([(await send(rotated)).status, (await send(before)).status], [200, 200])
  assert.equal(keysAsked, asked + 1)

  skippedMs += 10 * 60_000
  runProvider(old)
  assert.equal((await send(before)).status, 200)
  // The look at the provider's keys goes on beside the requests, so one of the next finds the key gone.
  let withdrawn = await send(rotated)
  for (let i = 0; i < 100 && withdrawn.status === 200; i += 1) withdrawn = await send(rotated)
  assert.deepEqual([withdrawn.status, (await withdrawn.json()).errorCode], [401, 'UNAUTHORIZED'])
  assert.equal((await send(await tokenOf('ada'))).status, 200)
})

test('while the provider is away known keys serve on, and what cannot be checked is 503 with a time, not 401', async () => {
  skippedMs += 30_000
  const known = await tokenOf('grace')
  runProvider(privateJwk('newest'))
  const unknown = await tokenOf('grace')
  isAway = true
  assert.equal((await send(known)).status, 200)
  const answer = await send(unknown)
  assert.deepEqual([answer.status, (await answer.json()).errorCode], [503, 'SIGN_IN_UNCHECKED'])
  assert.match(answer.headers.get('retry-after') ?? '', /^([1-9]|[12]\d|30)$/)
  isAway = false
  skippedMs += 30_000
  assert.equal((await send(unknown)).status, 200)
})

test('a hundred tokens with made-up keys cost the provider one question', async () => {
  skippedMs += 30_000
  const asked = keysAsked
  const token = await tokenOf('ada')
  const [, payload, signature] = token.split('.')
  for (let i = 0; i < 100; i += 1) {
    const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `made up ${i}` })).toString('base64url')
    assert.equal((await send(`${head}.${payload}.${signature}`)).status, 401)
  }
  assert.equal(keysAsked, asked + 1)
})
