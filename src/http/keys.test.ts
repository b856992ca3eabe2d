/** Keys that an issuer publishes: when they are asked for, and what is said while they cannot be had. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import test from 'node:test'
import { type JWK, SignJWT } from 'jose'
import { FakeClock } from '../../test/support/fake-clock.ts'
import type { Answer } from '../domain/outcome.ts'
import { parseJws } from './jws.ts'
import { COOL_DOWN_MS, LOOK_AGAIN_MS, publishedKeys } from './keys.ts'

const pair = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } }
}
const [old, fresh] = [pair('old'), pair('fresh')]
const signed = async ({ kid, privateKey }: { kid?: string; privateKey: typeof old.privateKey }, claims = {}) => {
  const header = { alg: 'ES256', ...(kid !== undefined && { kid }) }
  const jws = parseJws(await new SignJWT(claims).setProtectedHeader(header).sign(privateKey))
  assert.ok(jws)
  return jws
}
const set = (...keys: (JsonWebKey | JWK)[]): Answer => answer(200, JSON.stringify({ keys }))
const answer = (status: number, body: string): Answer => ({ kind: 'answer', status, headers: {}, body })
const SILENT: Answer = { kind: 'no-answer', failure: 'refused', detail: 'The connection was refused.' }

/** An issuer whose answer a test changes, and everything that was told meanwhile. */
const stage = (first: Answer) => {
  const clock = new FakeClock()
  const issuer = { answer: first, asked: 0 }
  const told: string[] = []
  const keys = publishedKeys({
    fetch: async () => {
      issuer.asked += 1
      return issuer.answer
    },
    clock,
    observer: { keySkipped: ({ kid, why }) => told.push(`${kid}: ${why}`), keysNotFetched: why => told.push(why) },
  })
  return { clock, issuer, told, keys }
}

test('keys are asked for at once, and a known one costs nothing more', async () => {
  const { issuer, keys } = stage(set(old.jwk))
  for (let i = 0; i < 3; i += 1) assert.equal(await keys.check(await signed(old)), 'sound')
  assert.equal(issuer.asked, 1)
})

test('a key that is not known costs one question for all who bring one, then none for 30 s', async () => {
  const { clock, issuer, keys } = stage(set(old.jwk))
  await keys.check(await signed(old))
  issuer.answer = set(fresh.jwk)
  const both = [signed(fresh), signed(fresh)]
  assert.deepEqual(await Promise.all(both.map(async jws => keys.check(await jws))), ['sound', 'sound'])
  for (let i = 0; i < 20; i += 1) assert.equal(await keys.check(await signed(pair(`made up ${i}`))), 'forged')
  assert.equal(issuer.asked, 2)
  await clock.advance(COOL_DOWN_MS - 1)
  assert.equal(await keys.check(await signed(old)), 'forged')
  assert.equal(issuer.asked, 2)
  await clock.advance(1)
  issuer.answer = set(old.jwk)
  assert.equal(await keys.check(await signed(old)), 'sound', 'rolled back')
  assert.equal(issuer.asked, 3)
})

test('within the 30 s a token that is newer than the last look cannot be told yet; an older one is refused', async () => {
  const { clock, issuer, keys } = stage(set(old.jwk))
  await keys.check(await signed(pair('made up')))
  await clock.advance(10_000)
  issuer.answer = set(fresh.jwk)
  const iat = (ms: number) => ({ iat: ms / 1_000 })
  assert.deepEqual(await keys.check(await signed(fresh, iat(clock.now()))), { retryAfterSeconds: 20 })
  assert.equal(await keys.check(await signed(fresh, iat(clock.now() - 10_000))), 'forged')
  assert.equal(await keys.check(await signed(fresh)), 'forged')
  assert.equal(issuer.asked, 2)
  await clock.advance(20_000)
  assert.equal(await keys.check(await signed(fresh, iat(clock.now()))), 'sound')
})

test('known keys outlive an outage; an unknown one cannot be told then, and is told when to ask again', async () => {
  const { clock, issuer, told, keys } = stage(set(old.jwk))
  await keys.check(await signed(old))
  for (const outage of [
    SILENT,
    answer(500, ''),
    answer(200, '<html>'),
    set(),
    answer(302, ''),
    answer(200, '{"keys":[null]}'),
  ]) {
    issuer.answer = outage
    await clock.advance(COOL_DOWN_MS)
    assert.deepEqual(await keys.check(await signed(fresh)), { retryAfterSeconds: 30 })
    await clock.advance(10_500)
    assert.deepEqual(await keys.check(await signed(fresh)), { retryAfterSeconds: 20 })
    assert.equal(await keys.check(await signed(old)), 'sound')
  }
  assert.equal(
    await keys.check(await signed({ ...fresh, kid: 'old' })),
    'forged',
    'a known name is judged all the same',
  )
  assert.deepEqual(told, [
    'The connection was refused.',
    'The answer has the status 500.',
    'The answer is no key set, too long for one, or holds no key that can be used.',
    'The answer is no key set, too long for one, or holds no key that can be used.',
    'The answer has the status 302.',
    'null: it is no object',
    'The answer is no key set, too long for one, or holds no key that can be used.',
  ])
})

test('without any key the issuer is asked again every 5 s', async () => {
  const { clock, issuer, keys } = stage(SILENT)
  assert.deepEqual(await keys.check(await signed(old)), { retryAfterSeconds: 5 })
  issuer.answer = set(old.jwk)
  await clock.advance(5_000)
  assert.equal(await keys.check(await signed(old)), 'sound')
})

test('after ten minutes the keys are compared with the issuer’s, and what a withdrawn one had signed counts no more', async () => {
  const { clock, issuer, keys } = stage(set(old.jwk, fresh.jwk))
  await keys.check(await signed(old))
  const before = keys.version()
  issuer.answer = set(fresh.jwk)
  await clock.advance(LOOK_AGAIN_MS - 1)
  assert.equal(keys.version(), before)
  await clock.advance(1)
  keys.version()
  await clock.settle()
  assert.notEqual(keys.version(), before)
  assert.equal(await keys.check(await signed(old)), 'forged')
  assert.equal(await keys.check(await signed(fresh)), 'sound')
})

test('an unchanged set changes nothing, so that checked tokens stay known', async () => {
  const { clock, keys } = stage(set(old.jwk))
  await keys.check(await signed(old))
  const before = keys.version()
  await clock.advance(LOOK_AGAIN_MS)
  keys.version()
  await clock.settle()
  assert.equal(keys.version(), before)
})

test('a token that names no key is tried with each', async () => {
  const { keys } = stage(set(old.jwk, fresh.jwk))
  for (const { privateKey } of [old, fresh]) assert.equal(await keys.check(await signed({ privateKey })), 'sound')
  assert.equal(await keys.check(await signed({ privateKey: pair('x').privateKey })), 'forged')
})

test('an algorithm that no published key has is refused without a question', async () => {
  const { issuer, keys } = stage(SILENT)
  for (const alg of ['none', 'HS512', 'HS256', 'RSA-OAEP', 'constructor'])
    assert.equal(await keys.check({ alg, kid: 'new', signed: 'a.b', signature: Buffer.of(1) }), 'forged')
  assert.equal(issuer.asked, 1)
})
