import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { secretProblem, signedHeaders } from './standard-webhooks.ts'

const base64 = (length: number) => Buffer.alloc(length, 0xa5).toString('base64')

test('the signature is the one of the specification’s example', () => {
  const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_999, body: '{"test": 2432232314}' }
  assert.deepEqual(signedHeaders(content, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a key with its public half signs like the key alone', () => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const seed = Buffer.from(jwk.d ?? '', 'base64url')
  const both = Buffer.concat([seed, Buffer.from(jwk.x ?? '', 'base64url')])
  const content = { id: 'a', at: 0, body: '{}' }
  const [alone, withPublic] = [seed, both].map(key => `whsk_${key.toString('base64')}`)
  assert.equal(secretProblem(withPublic ?? ''), undefined)
  assert.deepEqual(signedHeaders(content, [alone ?? '']), signedHeaders(content, [withPublic ?? '']))
})

test('secrets of 24 to 64 bytes and ed25519 keys are taken, with or without padding', () => {
  for (const length of [24, 25, 32, 63, 64]) assert.equal(secretProblem(`whsec_${base64(length)}`), undefined)
  assert.equal(secretProblem(`whsec_${base64(25).replaceAll('=', '')}`), undefined)
  assert.equal(secretProblem(`whsk_${base64(32)}`), undefined)
})

test('what is no secret is refused in a sentence that does not repeat it', () => {
  const wrong = [
    '',
    'hunter2hunter2hunter2hunter2',
    `whpk_${base64(32)}`,
    `whsec_${base64(23)}`,
    `whsec_${base64(65)}`,
    'whsec_',
    'whsec_not base64 at all, but long enough',
    `whsk_${base64(31)}`,
    `whsk_${base64(64)}`,
  ]
  for (const value of wrong) {
    const problem = secretProblem(value)
    assert.match(problem ?? '', /\.$/, value)
    assert.ok(value.length < 12 || !problem?.includes(value.slice(6)))
  }
})
