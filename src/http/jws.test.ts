/** Signatures: what our own reading takes and refuses, held against two libraries. */
import assert from 'node:assert/strict'
import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { CompactSign, compactVerify } from 'jose'
import jwt from 'jsonwebtoken'
import { claimsIn, isSignedBy, parseJws, type VerifyKey } from './jws.ts'

const SECRET = '0123456789abcdef'.repeat(4)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const ed25519 = generateKeyPairSync('ed25519')
const secret = createSecretKey(SECRET, 'utf8')

const keys: Record<string, { privateKey: KeyObject; publicKey: KeyObject }> = {
  HS512: { privateKey: secret, publicKey: secret },
  ...Object.fromEntries(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map(alg => [alg, rsa])),
  ES256: ec('P-256'),
  ES384: ec('P-384'),
  ES512: ec('P-521'),
  EdDSA: ed25519,
}
const verifyKey = (alg: string, algorithms = [alg]): VerifyKey => {
  const key = keys[alg]?.publicKey
  assert.ok(key)
  return { kid: null, algorithms, key }
}
const isSound = (token: string, key: VerifyKey) => {
  const jws = parseJws(token)
  return jws !== undefined && isSignedBy(jws, key)
}

for (const [alg, { privateKey, publicKey }] of Object.entries(keys)) {
  const sign = (text: string) =>
    new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg, kid: 'k' }).sign(privateKey)

  test(`${alg}: a signature of another library holds, also over a long text, and its claims are read`, async () => {
    for (const claims of [{}, { sub: 'Ada#1234', text: 'æ👩‍👩‍👧" \\ {}[]:,' }, { long: 'x'.repeat(700_000) }]) {
      const jws = parseJws(await sign(JSON.stringify(claims)))
      assert.ok(jws && isSignedBy(jws, verifyKey(alg)))
      assert.deepEqual([claimsIn(jws), jws.kid], [claims, 'k'])
    }
  })

  test(`${alg}: a key for other algorithms does not check it`, async () => {
    const token = await sign('{}')
    for (const other of Object.keys(keys).filter(name => name !== alg))
      assert.equal(isSound(token, verifyKey(alg, [other])), false, other)
  })

  test(`${alg}: whatever one changed character does, both libraries and ours agree`, async () => {
    const token = await sign(JSON.stringify({ sub: 'Ada#1234', exp: 1 }))
    const alphabet = 'ABab01-_.= +/\u00e4'
    const change = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...alphabet))
    await fc.assert(
      fc.asyncProperty(change, async ([at, letter]) => {
        const changed = token.slice(0, at) + letter + token.slice(at + 1)
        const theirs = await compactVerify(changed, publicKey, { algorithms: [alg] }).then(
          () => true,
          () => false,
        )
        const ours = isSound(changed, verifyKey(alg))
        // Where the last character's idle bits differ, jose takes the same signature in another spelling; we do not.
        assert.ok(ours === theirs || (!ours && at === token.length - 1), changed)
      }),
      { seed: 4, numRuns: 150 },
    )
  })
}

test('a signature of jsonwebtoken holds too', () => {
  assert.ok(isSound(jwt.sign({ sub: 'x' }, SECRET, { algorithm: 'HS512' }), verifyKey('HS512')))
  const pem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  assert.ok(isSound(jwt.sign({ sub: 'x' }, pem, { algorithm: 'RS256' }), verifyKey('RS256')))
})

const b64 = (text: string) => Buffer.from(text).toString('base64url')
const SIGNATURE = b64('signature')
for (const [what, token] of [
  ['nothing', ''],
  ['two parts', `${b64('{"alg":"HS512"}')}.${b64('{}')}`],
  ['four parts', `${b64('{"alg":"HS512"}')}.${b64('{}')}.${SIGNATURE}.x`],
  ['five, as encrypted tokens have', `${b64('{"alg":"RSA-OAEP"}')}.a.b.c.d`],
  ['no signature', `${b64('{"alg":"HS512"}')}.${b64('{}')}.`],
  ['a header that is no JSON', `${b64('alg')}.${b64('{}')}.${SIGNATURE}`],
  ['a header that is a list', `${b64('["HS512"]')}.${b64('{}')}.${SIGNATURE}`],
  ['a header that is null', `${b64('null')}.${b64('{}')}.${SIGNATURE}`],
  ['no algorithm', `${b64('{}')}.${b64('{}')}.${SIGNATURE}`],
  ['an algorithm that is a list', `${b64('{"alg":["HS512"]}')}.${b64('{}')}.${SIGNATURE}`],
  ['two algorithms', `${b64('{"alg":"none","alg":"HS512"}')}.${b64('{}')}.${SIGNATURE}`],
  ['two algorithms, one escaped', `${b64('{"\\u0061lg":"none","alg":"HS512"}')}.${b64('{}')}.${SIGNATURE}`],
  ['a key name that is a number', `${b64('{"alg":"HS512","kid":7}')}.${b64('{}')}.${SIGNATURE}`],
  ['something critical', `${b64('{"alg":"HS512","crit":["b64"],"b64":false}')}.${b64('{}')}.${SIGNATURE}`],
  ['an empty list of what is critical', `${b64('{"alg":"HS512","crit":[]}')}.${b64('{}')}.${SIGNATURE}`],
  ['padding', `${b64('{"alg":"HS512"}')}.${b64('{}')}.${SIGNATURE}=`],
  ['white space', `${b64('{"alg":"HS512"}')}.${b64('{}')}. ${SIGNATURE}`],
  ['a line break', `${b64('{"alg":"HS512"}')}.${b64('{}')}.${SIGNATURE}\n`],
  ['another base64', `${b64('{"alg":"HS512"}')}.${b64('{}')}.a+b/`],
  ['half a byte at the end', `${b64('{"alg":"HS512"}')}.${b64('{}')}.AAAAB`],
  [
    'a header that is not UTF-8',
    `${Buffer.from('7b22616c67223a22ff227d', 'hex').toString('base64url')}.${b64('{}')}.${SIGNATURE}`,
  ],
] as const) {
  test(`what has ${what} is no signed token`, () => assert.equal(parseJws(token), undefined))
}

const payload = (text: string | Uint8Array) =>
  claimsIn({ alg: 'HS512', kid: null, signed: `x.${Buffer.from(text).toString('base64url')}`, signature: Buffer.of() })

test('a payload that names a thing twice, or is no object, says nothing', () => {
  for (const text of [
    '{"sub":"a","sub":"b"}',
    '{"a":{"b":1},"\\u0061":2}',
    '[]',
    '"x"',
    '7',
    'null',
    '',
    '{"a":1',
    '\ufeff{}',
    '{"__proto__":1,"__proto__":2}',
  ])
    assert.equal(payload(text), undefined, text)
  assert.equal(payload(Buffer.from('7b2261223a22ff227d', 'hex')), undefined, 'not UTF-8')
})

test('the same name at different depths, in lists or in texts is no second one', () => {
  for (const text of [
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"\\":","b":"{[:\\\\"}',
    '{"":1," ":2}',
    '{}',
    '{"a":"\\\\\\""}',
    '{"__proto__":1}',
  ])
    assert.deepEqual(Object.entries(payload(text) ?? { not: 'read' }), Object.entries(JSON.parse(text)), text)
})

test('any object is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), object => {
      const text = JSON.stringify(object, null, 1)
      assert.deepEqual(Object.entries(payload(text) ?? { not: 'read' }), Object.entries(JSON.parse(text)))
    }),
    { seed: 4, numRuns: 500 },
  )
})

test('a public key that somebody uses as a secret checks nothing', () => {
  const pem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString()
  const forged = jwt.sign({ sub: 'x' }, createSecretKey(pem, 'utf8'), { algorithm: 'HS512' })
  assert.equal(isSound(forged, verifyKey('RS256')), false)
})
