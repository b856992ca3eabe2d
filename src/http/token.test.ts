/** Tokens, signed by a library that is not the one that verifies them. */
import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import jwt from 'jsonwebtoken'
import { rsaKey } from '../../test/contracts/rsa-certificate.ts'
import { PLATFORM_CLAIMS } from '../domain/principal.ts'
import { configuredKey, type KeySource } from './keys.ts'
import { tokenVerifier } from './token.ts'

const NOW = 1_764_028_800
const clock = { at: NOW * 1_000, now: () => clock.at }
const SECRET = '0123456789abcdef'.repeat(4)
const rules = { issuer: 'cloud.sdu.dk', audience: null, claims: PLATFORM_CLAIMS }
const secret = configuredKey({ kind: 'secret', secret: SECRET })
const verify = tokenVerifier(rules, secret, clock)
const SCOPE = 'support.createTicket:write'
const claims = { sub: 'Ada#1234', role: 'USER', iss: 'cloud.sdu.dk', aud: ['all:write'], iat: NOW - 10, exp: NOW + 600 }
const sign = (
  changes: Record<string, unknown> = {},
  secret = SECRET,
  options: jwt.SignOptions = { algorithm: 'HS512' },
) => {
  const payload = Object.fromEntries(
    Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== undefined),
  )
  return jwt.sign(payload, secret, { ...options, noTimestamp: !('iat' in payload) })
}
const outcome = async (authorization: string | undefined, verifier = verify) => {
  const result = await verifier(authorization, SCOPE)
  return 'code' in result ? result.code : result.username
}

test('a sound token names its principal', async () => {
  assert.equal(await outcome(`Bearer ${sign()}`), 'Ada#1234')
})

test('the word before the token may be written anyhow, or be missing', async () => {
  for (const header of [`bearer ${sign()}`, `BEARER  ${sign()} `, sign()])
    assert.equal(await outcome(header), 'Ada#1234')
})

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** With claims that the library would not sign. */
const raw = (changes: Record<string, unknown>): string => {
  const signed = `${b64({ alg: 'HS512', typ: 'JWT' })}.${b64({ ...claims, ...changes })}`
  return `${signed}.${createHmac('sha512', SECRET).update(signed).digest('base64url')}`
}
test('a token made by hand is taken as well, so that those refused below are refused for what they say', async () => {
  assert.equal(await outcome(`Bearer ${raw({})}`), 'Ada#1234')
})
const refused: [string, string | undefined][] = [
  ['no header', undefined],
  ['an empty one', ''],
  ['only the word', 'Bearer'],
  ['no token', 'Bearer nonsense'],
  ['an API token', 'Bearer uc1f-0123456789abcdef'],
  ['another secret', `Bearer ${sign({}, 'x'.repeat(64))}`],
  ['another algorithm of the same key', `Bearer ${sign({}, SECRET, { algorithm: 'HS256' })}`],
  ['algorithm none', `Bearer ${b64({ alg: 'none' })}.${b64(claims)}.`],
  ['another issuer', `Bearer ${sign({ iss: 'evil' })}`],
  ['no issuer', `Bearer ${sign({ iss: undefined })}`],
  ['no expiry', `Bearer ${sign({ exp: undefined })}`],
  ['an expiry that is no number', `Bearer ${raw({ exp: 'tomorrow' })}`],
  ['an issue time that is no number', `Bearer ${raw({ iat: '2025' })}`],
  ['a subject that is no text', `Bearer ${raw({ sub: 7 })}`],
  ['no subject', `Bearer ${sign({ sub: undefined })}`],
  ['an empty subject', `Bearer ${sign({ sub: '' })}`],
  ['expired beyond the leeway', `Bearer ${sign({ exp: NOW - 61 })}`],
  ['not yet valid beyond the leeway', `Bearer ${sign({ nbf: NOW + 61 })}`],
  ['issued in the future beyond the leeway', `Bearer ${sign({ iat: NOW + 61 })}`],
  ['a changed payload', `Bearer ${sign().replace(/\.[^.]+\./, `.${b64({ ...claims, role: 'ADMIN' })}.`)}`],
  [
    'a critical header nobody knows',
    `Bearer ${sign({}, SECRET, { algorithm: 'HS512', header: { alg: 'HS512', crit: ['x'], x: 1 } as jwt.JwtHeader })}`,
  ],
]
for (const [what, header] of refused) {
  test(`${what}: 401`, async () => assert.equal(await outcome(header), 'UNAUTHORIZED'))
}

test('a clock may be off by a minute', async () => {
  for (const changes of [{ exp: NOW - 59 }, { nbf: NOW + 59 }, { iat: NOW + 59 }]) {
    assert.equal(await outcome(`Bearer ${sign(changes)}`), 'Ada#1234', JSON.stringify(changes))
  }
})

test('a known token is refused once it runs out, and only then', async () => {
  const header = `Bearer ${sign({ exp: NOW + 5 })}`
  assert.equal(await outcome(header), 'Ada#1234')
  clock.at += 64_000
  assert.equal(await outcome(header), 'Ada#1234')
  clock.at += 2_000
  assert.equal(await outcome(header), 'UNAUTHORIZED')
  clock.at = NOW * 1_000
})

/** A verifier, and how many signatures it had to check. */
const counting = () => {
  const counted = { checks: 0 }
  const keys: KeySource = {
    ...secret,
    check(jws) {
      counted.checks += 1
      return secret.check(jws)
    },
  }
  return { counted, verify: tokenVerifier(rules, keys, clock) }
}

test('a token is checked once; the oldest of too many is forgotten, and so is the oldest of too large ones', async () => {
  for (const [count, size] of [
    [20_000, 0],
    [47, 700_000],
  ] as const) {
    const { counted, verify } = counting()
    const padding = 'x'.repeat(size)
    const nth = (n: number) => `Bearer ${raw({ sub: `User#${n}`, padding })}`
    for (let n = 0; n < count; n += 1) await outcome(nth(n), verify)
    for (const n of [0, 1, count - 1]) await outcome(nth(n), verify)
    // Of the large ones 35 fit into 32 Mi characters.
    assert.equal(counted.checks, size === 0 ? count : count + 2, `${size}`)
    await outcome(nth(count), verify)
    await outcome(nth(count - 1), verify)
    await outcome(nth(2), verify)
    assert.equal(counted.checks, size === 0 ? count + 1 : count + 4, `${size}`)
  }
})

test('services and providers are known and not allowed: 403', async () => {
  for (const role of ['SERVICE', 'PROVIDER', 'GUEST', undefined])
    assert.equal(await outcome(`Bearer ${sign({ role })}`), 'FORBIDDEN')
})

test('a token of narrower scope is 403; an audience as text, absent or empty is read as UCloud does', async () => {
  assert.equal(await outcome(`Bearer ${sign({ aud: ['files:write'] })}`), 'FORBIDDEN')
  for (const aud of ['all:write', ['support.createTicket:write'], undefined, []]) {
    assert.equal(await outcome(`Bearer ${sign({ aud })}`), 'Ada#1234', JSON.stringify(aud))
  }
})

test('where an audience is configured the token must hold it', async () => {
  const strict = tokenVerifier({ ...rules, audience: 'support' }, secret, clock)
  assert.equal(await outcome(`Bearer ${sign({ aud: ['other', 'support'] })}`, strict), 'Ada#1234')
  for (const aud of [['all:write'], undefined, []])
    assert.equal(await outcome(`Bearer ${sign({ aud })}`, strict), 'UNAUTHORIZED')
})

const certificate = createPublicKey(rsaKey).export({ type: 'spki', format: 'pem' }).toString()
const byCertificate = tokenVerifier(rules, configuredKey({ kind: 'certificate', certificate }), clock)

test('RS256 with the configured key, and nothing else', async () => {
  const rs256 = (key: string) => `Bearer ${jwt.sign(claims, key, { algorithm: 'RS256' })}`
  assert.equal(await outcome(rs256(rsaKey), byCertificate), 'Ada#1234')
  const other = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
  const forged = rs256(other.export({ type: 'pkcs8', format: 'pem' }).toString())
  assert.equal(await outcome(forged, byCertificate), 'UNAUTHORIZED')
  for (const algorithm of ['RS384', 'PS256'] as const) {
    const token = jwt.sign(claims, rsaKey, { algorithm })
    assert.equal(await outcome(`Bearer ${token}`, byCertificate), 'UNAUTHORIZED')
  }
})

test('a token signed with the public key as if it were a secret is refused', async () => {
  const head = b64({ alg: 'HS512' })
  const signature = createHmac('sha512', certificate)
    .update(`${head}.${b64(claims)}`)
    .digest('base64url')
  assert.equal(await outcome(`Bearer ${head}.${b64(claims)}.${signature}`, byCertificate), 'UNAUTHORIZED')
})
