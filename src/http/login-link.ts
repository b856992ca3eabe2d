/** One-time sign-in links of the evaluation mode: nothing is stored until one is used, so making one needs no running service.
 *
 *  role (1 byte) | runs out at, s (4) | nonce (12) | HMAC-SHA256 of all before it, cut to 16 bytes; as base64url: 44 characters. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Role } from '../api/ticket.ts'
import type { Principal } from '../domain/principal.ts'
import { SESSION_LIFETIME_MS } from './sessions.ts'

export const NONCE_BYTES = 12
/** The store forgets a used link together with the session that it opened, so a link must not outlive one. */
export const LOGIN_LINK_LIFETIME_MAX_MS = SESSION_LIFETIME_MS

const MAC_BYTES = 16
const SIGNED_BYTES = 1 + 4 + NONCE_BYTES
const ROLE_BYTES: Readonly<Record<Role, number>> = { USER: 1, ADMIN: 2 }

export type NewLoginLink = {
  readonly role: Role
  /** Milliseconds; cut to whole seconds. At most LOGIN_LINK_LIFETIME_MAX_MS from now, else the link is not accepted. */
  readonly expiresAt: number
  /** 12 fresh random bytes. */
  readonly nonce: Uint8Array
}

/** The secret part of a link: what stands after `/sign-in/`. */
export const makeLoginLink = (secret: Uint8Array, { role, expiresAt, nonce }: NewLoginLink): string => {
  if (nonce.length !== NONCE_BYTES) throw new Error(`a nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`)
  const signed = Buffer.alloc(SIGNED_BYTES)
  signed.writeUInt8(ROLE_BYTES[role], 0)
  signed.writeUInt32BE(Math.floor(expiresAt / 1_000), 1)
  signed.set(nonce, 5)
  return Buffer.concat([signed, macOf(secret, signed)]).toString('base64url')
}

/** Whom a link signs in, and what makes it count once. `invalid`: not made with this secret, or not whole. */
export const readLoginLink = (
  secret: Uint8Array,
  text: string,
  now: number,
): { role: Role; link: Uint8Array } | 'invalid' | 'expired' => {
  const bytes = Buffer.from(text, 'base64url')
  // Buffer skips what is no base64url: only the one true spelling counts.
  if (bytes.length !== SIGNED_BYTES + MAC_BYTES || bytes.toString('base64url') !== text) return 'invalid'
  const signed = bytes.subarray(0, SIGNED_BYTES)
  if (!timingSafeEqual(bytes.subarray(SIGNED_BYTES), macOf(secret, signed))) return 'invalid'
  const role = bytes.readUInt8(0) === ROLE_BYTES.ADMIN ? 'ADMIN' : 'USER'
  const expiresAt = bytes.readUInt32BE(1) * 1_000
  if (expiresAt <= now) return 'expired'
  if (expiresAt > now + LOGIN_LINK_LIFETIME_MAX_MS) return 'invalid'
  return { role, link: new Uint8Array(bytes.subarray(5, SIGNED_BYTES)) }
}

const macOf = (secret: Uint8Array, signed: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(signed).digest().subarray(0, MAC_BYTES)

/** Whom the links of the evaluation mode stand for. */
export const demoPrincipal = (role: Role): Principal => ({
  username: role === 'ADMIN' ? 'demo-staff' : 'demo',
  role,
  name: role === 'ADMIN' ? 'Demo Staff' : 'Demo User',
  email: role === 'ADMIN' ? 'demo-staff@example.org' : 'demo@example.org',
  organization: null,
  mailDomain: 'example.org',
  projects: [],
})
