/** Which published keys can be used, and what is said of the others. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import test from 'node:test'
import { readKeySet } from './json-web-key.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const jwk = (key: { export(options: { format: 'jwk' }): JsonWebKey }) => key.export({ format: 'jwk' })
const RSA = jwk(rsa.publicKey)
const EC = jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
const read = (key: unknown) => readKeySet(JSON.stringify({ keys: [key] }))

for (const [what, key, algorithms] of [
  ['an RSA key', RSA, 'RS256 RS384 RS512 PS256 PS384 PS512'],
  ['an RSA key for one algorithm', { ...RSA, alg: 'PS256', use: 'sig', key_ops: ['verify'] }, 'PS256'],
  ['a P-256 key', EC, 'ES256'],
  ['a P-384 key', jwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), 'ES384'],
  ['a P-521 key', jwk(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey), 'ES512'],
  ['an Ed25519 key', jwk(generateKeyPairSync('ed25519').publicKey), 'EdDSA'],
  [
    'a key with a broken certificate beside it',
    { ...RSA, x5c: ['x'], x5u: 'http://127.0.0.1:9' },
    'RS256 RS384 RS512 PS256 PS384 PS512',
  ],
] as const) {
  test(`${what} is used with ${algorithms}`, () => {
    const set = read({ ...key, kid: 'k' })
    assert.deepEqual(set?.skipped, [])
    assert.deepEqual([set?.keys[0]?.kid, set?.keys[0]?.algorithms.join(' ')], ['k', algorithms])
  })
}

for (const [what, key, why] of [
  ['a key for encryption', { ...RSA, use: 'enc' }, 'not for signatures'],
  ['a key for signing only', { ...RSA, key_ops: ['sign'] }, 'not for checking'],
  ['a private key', jwk(rsa.privateKey), 'private key'],
  ['a secret', { kty: 'oct', k: 'c2VjcmV0' }, 'not known'],
  ['a short RSA key', jwk(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey), '2048 bits'],
  ['a curve nobody uses', jwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), 'not known'],
  ['a curve named like a property', { kty: 'EC', crv: 'constructor' }, 'not known'],
  ['an RSA key for a secret’s algorithm', { ...RSA, alg: 'HS512' }, 'does not fit'],
  ['an EC key for an RSA algorithm', { ...EC, alg: 'RS256' }, 'does not fit'],
  ['half a key', { kty: 'RSA', n: RSA.n }, 'cannot be read'],
  ['a point off the curve', { ...EC, x: EC.y }, 'cannot be read'],
  ['nothing', null, 'no object'],
  ['a text', 'key', 'no object'],
] as const) {
  test(`${what} is skipped, and named`, () => {
    const set = read(key !== null && typeof key === 'object' ? { ...key, kid: 'k' } : key)
    assert.deepEqual(set?.keys, [])
    assert.equal(set?.skipped[0]?.kid, key !== null && typeof key === 'object' ? 'k' : null)
    assert.match(set?.skipped[0]?.why ?? '', new RegExp(why))
  })
}

test('what is no key set is none, and of a huge one only the first hundred are looked at', () => {
  for (const text of ['', '<html>', '[]', 'null', '{}', '{"keys":{}}', '{"keys":"k"}', '7'])
    assert.equal(readKeySet(text), undefined, text)
  assert.equal(readKeySet(JSON.stringify({ keys: Array.from({ length: 500 }, () => EC) }))?.keys.length, 100)
  assert.match(
    readKeySet(JSON.stringify({ keys: Array.from({ length: 101 }, () => EC) }))?.skipped[0]?.why ?? '',
    /more than 100/,
  )
})

test('a key whose name is no text is skipped: a token could not name it', () => {
  assert.deepEqual(read({ ...RSA, kid: 5 }), { keys: [], skipped: [{ kid: null, why: 'its name (kid) is no text' }] })
})
