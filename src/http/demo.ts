/** What the evaluation mode hands out so that a newcomer can begin: a token of the demo user, and sign-in links. */
import { createHmac } from 'node:crypto'
import type { Role } from '../api/ticket.ts'
import { LOGIN_LINK_LIFETIME_MAX_MS, makeLoginLink, NONCE_BYTES } from './login-link.ts'

const TOKEN_LIFETIME_MS = 7 * 24 * 3_600_000

/** Who a token stands for. */
export type TokenClaims = {
  readonly sub: string
  readonly role: Role
  readonly firstNames: string | null
  readonly lastName: string | null
  readonly email: string | null
}
type Signing = { readonly issuer: string; readonly secret: string }

/** A token of the demo user; good for a week. */
export const demoToken = (auth: Signing, now: number): string => {
  const demo = { sub: 'demo', role: 'USER', firstNames: 'Demo', lastName: 'User', email: 'demo@example.org' } as const
  return developmentToken(auth, demo, { now, lifetimeMs: TOKEN_LIFETIME_MS })
}

/** A token shaped as UCloud's are (HS512). */
export const developmentToken = (
  auth: Signing,
  who: TokenClaims,
  { now, lifetimeMs }: { readonly now: number; readonly lifetimeMs: number },
): string => {
  const claims = {
    ...who,
    orgId: null,
    principalType: 'password',
    extendedByChain: [],
    aud: ['all:write'],
    iss: auth.issuer,
    iat: Math.floor(now / 1_000),
    exp: Math.floor((now + lifetimeMs) / 1_000),
  }
  const signed = `${base64url({ alg: 'HS512', typ: 'JWT' })}.${base64url(claims)}`
  return `${signed}.${createHmac('sha512', auth.secret).update(signed).digest('base64url')}`
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The address of a one-time sign-in link below `address`, good for as long as a link may be. */
export const loginUrl = (
  address: string,
  link: {
    readonly secret: Uint8Array
    readonly role: Role
    readonly now: number
    readonly randomBytes: (count: number) => Uint8Array
  },
): string => {
  const { secret, role, now, randomBytes } = link
  return `${address}/sign-in/${makeLoginLink(secret, { role, expiresAt: now + LOGIN_LINK_LIFETIME_MAX_MS, nonce: randomBytes(NONCE_BYTES) })}`
}
