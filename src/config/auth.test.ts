/** Whose tokens are accepted: exactly one key, and none that opens the door. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'
import { PLATFORM_CLAIMS } from '../domain/principal.ts'
import type { LoadOptions } from './load.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const read = (auth: string, options: Partial<LoadOptions> = {}) => {
  const loaded = loadChanged(text => text.replace(/auth: .*/, `auth: { ${auth} }`), options)
  const told = ('problems' in loaded ? loaded.problems : loaded.warnings).map(
    ({ key, what, fix }) => `${key}: ${what} ${fix}`,
  )
  return { auth: 'config' in loaded ? loaded.config.auth : undefined, told }
}
const long = 's'.repeat(64)

test('a shared secret is kept as it is, and an audience is read', () => {
  const { auth, told } = read(`issuer: i, sharedSecret: ${long}, audience: support`)
  assert.deepEqual(auth, {
    issuer: 'i',
    key: { kind: 'secret', secret: long },
    audience: 'support',
    claims: PLATFORM_CLAIMS,
  })
  assert.deepEqual(told, [])
})

test('a certificate from the environment is kept as it is written', () => {
  const { auth, told } = read('issuer: i, certificate: "${PEM}"', { env: { PEM: pem } })
  assert.deepEqual(auth?.key, { kind: 'certificate', certificate: pem })
  assert.deepEqual(told, [])
})

const wrong: [string, string, RegExp, Record<string, string>?][] = [
  [
    'both keys',
    `issuer: i, sharedSecret: ${long}, certificate: "\${PEM}"`,
    /"sharedSecret" and "certificate"\. Keep one/,
  ],
  ['neither key', 'issuer: i', /auth: There is no key/],
  ['a key with nothing behind it', 'issuer: i, sharedSecret: ', /auth: There is no key/],
  // Otherwise whoever knows the public key could make tokens of any user.
  ['a public key as the shared secret', 'issuer: i, sharedSecret: "${PEM}"', /auth\.sharedSecret: .*Use `certificate`/],
  [
    'a private key',
    'issuer: i, certificate: "${PEM}"',
    /auth\.certificate: This is a private key/,
    {
      PEM: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  ],
  ['no key at all in the certificate', 'issuer: i, certificate: hello', /auth\.certificate: This is no certificate/],
  ['no issuer', `sharedSecret: ${long}`, /auth\.issuer: "issuer" is missing.*issuer: cloud\.sdu\.dk/],
]
for (const [what, auth, expected, env] of wrong) {
  test(`tokens cannot be checked with ${what}`, () => {
    const result = read(auth, { env: env ?? { PEM: pem } })
    assert.equal(result.auth, undefined)
    assert.equal(result.told.length, 1, result.told.join('\n'))
    assert.match(result.told[0] ?? '', expected)
  })
}

test('a wrong key and a missing issuer are told together', () => {
  assert.equal(read(`sharedSecret: ${long}, certificate: hello`).told.length, 3)
})

test('a short secret is a warning that does not show it', () => {
  const { auth, told } = read('issuer: i, sharedSecret: tiny')
  assert.ok(auth)
  assert.match(told.join(), /short: 4 bytes/)
  assert.doesNotMatch(told.join(), /tiny/)
})

const published = 'issuer: https://login.example.org, audience: support, jwksUrl: https://login.example.org/keys'

test("an issuer's published keys are asked for at their address, and need name no role", () => {
  const { auth, told } = read(published)
  assert.deepEqual(auth?.key, { kind: 'published', url: 'https://login.example.org/keys' })
  assert.deepEqual([auth?.claims, told], [{ ...PLATFORM_CLAIMS, isRoleOptional: true }, []])
})

test('published keys without an audience, or over plain http from elsewhere, are a warning', () => {
  assert.match(read(published.replace(', audience: support', '')).told.join(), /no `audience`.*Write the `aud`/)
  assert.match(read(published.replace('jwksUrl: https', 'jwksUrl: http')).told.join(), /plain http.*Write https/)
  for (const host of ['localhost:1', '127.0.0.1:1', '[::1]:1'])
    assert.deepEqual(
      read(published.replace('jwksUrl: https://login.example.org', `jwksUrl: "http://${host}`).concat('"')).told,
      [],
    )
})

test('the address of the discovery document, where the keys should be, is a warning', () => {
  const { told } = read(published.replace('/keys', '/.well-known/openid-configuration'))
  assert.match(told.join(), /discovery document.*`jwks_uri`/)
})

test('names of claims and the meaning of roles are read; the rest keeps its name', () => {
  const { auth, told } = read(
    `${published}, claims: { username: preferred_username, role: groups, roles: { staff: ADMIN } }`,
  )
  const claims = { username: 'preferred_username', role: 'groups', roles: { staff: 'ADMIN' }, isRoleOptional: true }
  assert.deepEqual([auth?.claims, told], [{ ...PLATFORM_CLAIMS, ...claims }, []])
})

for (const [what, claims, expected] of [
  ['a claim that is not known', 'user: sub', /"user" is not a known key.*Known: username, name/],
  ['a role that there is not', 'roles: { staff: BOSS }', /BOSS.*one of USER, ADMIN/],
  ['a meaning of no role at all', 'roles: {}', /No role is named here, so nobody could be staff/],
  ['roles as a list', 'roles: [staff]', /A group of keys must stand here, not a list/],
  ['a name that is none', 'username: [a]', /the name of a claim/],
] as const) {
  test(`${what} is refused`, () => {
    const { auth, told } = read(`${published}, claims: { ${claims} }`)
    assert.equal(auth, undefined)
    assert.match(told.join(), expected)
  })
}
