import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOGIN_LINK_LIFETIME_MAX_MS, makeLoginLink, readLoginLink } from './login-link.ts'

const secret = new Uint8Array(32).fill(1)
const nonce = new Uint8Array(12).fill(9)
const now = Date.UTC(2026, 10, 25, 12)
const made = (role: 'USER' | 'ADMIN' = 'USER', expiresAt = now + 60_000) =>
  makeLoginLink(secret, { role, expiresAt, nonce })

test('a link says whom it signs in and what makes it count once', () => {
  assert.deepEqual(readLoginLink(secret, made('USER'), now), { role: 'USER', link: nonce })
  assert.deepEqual(readLoginLink(secret, made('ADMIN'), now), { role: 'ADMIN', link: nonce })
})

test('a link is URL-safe and far longer than 20 characters', () => {
  assert.match(made(), /^[A-Za-z0-9_-]{44}$/)
})

test('a link has run out at its second, not before', () => {
  assert.notEqual(readLoginLink(secret, made(), now + 59_999), 'expired')
  assert.equal(readLoginLink(secret, made(), now + 60_000), 'expired')
})

test('a link that would outlive the session it opens is not accepted, as the store would forget that it was used', () => {
  assert.equal(readLoginLink(secret, made('USER', now + LOGIN_LINK_LIFETIME_MAX_MS + 1_000), now), 'invalid')
})

test('a changed character, another secret, another spelling and garbage are invalid', () => {
  const text = made()
  for (let at = 0; at < text.length; at++) {
    const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    assert.equal(readLoginLink(secret, changed, now), 'invalid', `position ${at}`)
  }
  assert.equal(readLoginLink(new Uint8Array(32).fill(2), text, now), 'invalid')
  for (const other of ['', 'x', `${text}=`, ` ${text}`, `${text}A`, text.slice(1), text.repeat(2)]) {
    assert.equal(readLoginLink(secret, other, now), 'invalid', other)
  }
})

test('a role cannot be raised without the secret', () => {
  const bytes = Buffer.from(made('USER'), 'base64url')
  bytes.writeUInt8(2, 0)
  assert.equal(readLoginLink(secret, bytes.toString('base64url'), now), 'invalid')
})
