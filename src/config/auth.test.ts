/** Whose tokens are accepted: exactly one key, and none that opens the door. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'
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
  assert.deepEqual(auth, { issuer: 'i', key: { kind: 'secret', secret: long }, audience: 'support' })
  assert.deepEqual(told, [])
})

test('a certificate from the environment is kept as it is written', () => {
  const { auth, told } = read('issuer: i, certificate: "${PEM}"', { env: { PEM: pem } })
  assert.deepEqual(auth, { issuer: 'i', key: { kind: 'certificate', certificate: pem }, audience: null })
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

test('claims of other issuers are accepted, with a warning', () => {
  assert.match(read(`issuer: i, sharedSecret: ${long}, claims: { username: sub }`).told.join(), /nothing follows/)
})
