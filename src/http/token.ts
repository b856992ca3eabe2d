/** Bearer tokens: verified once, then known by their hash until they run out. Algorithms come from our configuration only. */
import { hash } from 'node:crypto'
import type { Problem } from '../api/errors.ts'
import type { Clock } from '../domain/clock.ts'
import type { ClaimNames, Claims, Principal } from '../domain/principal.ts'
import { isInScope, principalFrom } from '../domain/principal.ts'
import { claimsIn, parseJws } from './jws.ts'
import type { KeySource } from './keys.ts'

export type TokenRules = {
  readonly issuer: string
  /** When set, the token's audience must hold it; else the audience is read as scopes. */
  readonly audience: string | null
  readonly claims: ClaimNames
}

/** Seconds a clock may be off, for `exp`, `nbf` and `iat`. */
const LEEWAY_SECONDS = 60
/** Known tokens are forgotten, oldest first, above this many, or above this much: what is kept of a token grows with its projects. */
const KNOWN_MAX = 20_000
const KNOWN_MAX_CHARS = 32 * 1024 * 1024

type Known = {
  readonly principal: Principal | Problem
  readonly expiresAt: number
  readonly audience: unknown
  readonly keysVersion: number
  /** The length of the token. */
  readonly chars: number
}

export type Verifier = (authorization: string | undefined, scope: string) => Promise<Principal | Problem>

export const tokenVerifier = (rules: TokenRules, keys: KeySource, clock: Pick<Clock, 'now'>): Verifier => {
  const known = new Map<string, Known>()
  let knownChars = 0

  return async (authorization, scope) => {
    const token = tokenIn(authorization)
    if (token === '') return UNAUTHORIZED.missing
    const digest = hash('sha256', token, 'base64')
    const cached = known.get(digest)
    const keysVersion = keys.version()
    if (cached && cached.keysVersion === keysVersion && clock.now() < cached.expiresAt) return inScope(cached, scope)
    if (cached) forget(digest, cached)

    const verified = await verify(token)
    if (!('expiresAt' in verified)) return verified
    remember(digest, verified)
    return inScope(verified, scope)
  }

  function remember(digest: string, one: Known): void {
    // Two requests may have brought the same new token at once.
    const before = known.get(digest)
    if (before) forget(digest, before)
    known.set(digest, one)
    knownChars += one.chars
    for (const [oldest, { chars }] of known) {
      if (known.size <= KNOWN_MAX && knownChars <= KNOWN_MAX_CHARS) return
      forget(oldest, { chars })
    }
  }

  function forget(digest: string, { chars }: Pick<Known, 'chars'>): void {
    known.delete(digest)
    knownChars -= chars
  }

  async function verify(token: string): Promise<Known | Problem> {
    const jws = parseJws(token)
    if (!jws) return API_TOKEN.test(token) ? UNAUTHORIZED.apiToken : invalid('no-signed-token')
    const verdict = keys.check(jws)
    const settled = verdict instanceof Promise ? await verdict : verdict
    if (settled === 'forged') return invalid('signature-key-or-algorithm')
    if (settled !== 'sound') return cannotCheck(settled.retryAfterSeconds)

    const claims = claimsIn(jws)
    if (!claims) return invalid('claims')
    const fault = faultIn(claims, rules, clock.now() / 1_000)
    if (fault) return fault
    const principal = principalFrom(claims, rules.claims)
    if (principal === 'no-subject') return invalid('no-subject-or-username')
    return {
      principal: principal === 'role' ? FORBIDDEN.role : principal,
      expiresAt: (Number(claims.exp) + LEEWAY_SECONDS) * 1_000,
      audience: rules.audience === null ? claims.aud : [],
      keysVersion: keys.version(),
      chars: token.length,
    }
  }
}

/** What is wrong with the claims of a token whose signature holds (RFC 7519, 4.1). Instants are in seconds, fractions allowed. */
const faultIn = (claims: Claims, { issuer, audience }: TokenRules, now: number): Problem | undefined => {
  if (claims.iss !== issuer) return invalid('issuer')
  if (audience !== null && !audiences(claims.aud).includes(audience)) return UNAUTHORIZED.audience
  const { exp, iat, nbf } = claims
  if (!isFiniteNumber(exp)) return invalid('exp')
  if (exp + LEEWAY_SECONDS <= now) return UNAUTHORIZED.expired
  // Neither must be there; UCloud refuses an `iat` in the future, as others do only with `nbf`.
  for (const start of [iat, nbf]) {
    if (start === undefined) continue
    if (!isFiniteNumber(start)) return invalid('iat-or-nbf')
    if (start > now + LEEWAY_SECONDS) return UNAUTHORIZED.notYet
  }
  return undefined
}

const audiences = (aud: unknown): readonly unknown[] => (Array.isArray(aud) ? aud : [aud])

const inScope = ({ principal, audience }: Known, scope: string): Principal | Problem =>
  isInScope(audience, scope) ? principal : FORBIDDEN.scope

/** The part after `Bearer`, in any case; a bare token passes as well, as UCloud lets it. */
const tokenIn = (authorization = ''): string => authorization.trim().replace(/^bearer(\s+|$)/i, '')

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** UCloud's API tokens: only its own database can tell whose they are. */
const API_TOKEN = /^uc[0-9a-f]+-[0-9a-f]+$/i

const unauthorized = (why: string): Problem => ({ code: 'UNAUTHORIZED', why })
const forbidden = (why: string): Problem => ({ code: 'FORBIDDEN', why })

const UNAUTHORIZED = {
  missing: unauthorized('You are not signed in: the request has no token. Sign in and try again; nothing was sent.'),
  expired: unauthorized('Your sign-in has run out. Sign in again and try again; nothing was sent.'),
  notYet: unauthorized('Your sign-in is not valid yet: a clock is wrong somewhere. Sign in again; nothing was sent.'),
  audience: unauthorized(
    'Your sign-in is meant for another service. Sign in where you write to support and try again; nothing was sent.',
  ),
  apiToken: unauthorized(
    'API tokens cannot be checked here. Try again with the token of a signed-in user; nothing was sent.',
  ),
}

/** The caller is told no more: what exactly was wrong helps those who try. The log says it. */
const invalid = (reason: string): Problem => ({
  ...unauthorized('Your sign-in is not valid here. Sign in again and try again; nothing was sent.'),
  reason,
})

const FORBIDDEN = {
  role: forbidden(
    'Only people with the role USER or ADMIN can use support; this token has another role or none. Nothing was sent: sign in as yourself and send again.',
  ),
  scope: forbidden(
    'This token is limited to other things, so nothing was sent. Send again with one that allows this call.',
  ),
}

const cannotCheck = (retryAfterSeconds: number): Problem => ({
  code: 'SIGN_IN_UNCHECKED',
  why: 'Your sign-in cannot be checked just now, because the service that vouches for it cannot be asked, so nothing was sent. Keep your text and send it again in a moment.',
  retryAfterSeconds,
})
