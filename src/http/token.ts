/** Bearer tokens: verified once, then known by their hash until they run out. Algorithms come from our configuration only. */
import { createPublicKey, createSecretKey, hash, type KeyObject, X509Certificate } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify } from 'jose'
import type { Problem } from '../api/errors.ts'
import type { Clock } from '../domain/clock.ts'
import type { Claims, Principal } from '../domain/principal.ts'
import { isInScope, principalFrom } from '../domain/principal.ts'

export type AuthSettings = {
  readonly issuer: string
  readonly key:
    | { readonly kind: 'secret'; readonly secret: string }
    | { readonly kind: 'certificate'; readonly certificate: string }
  /** When set, the token's audience must hold it; else the audience is read as scopes. */
  readonly audience: string | null
}

/** Seconds a clock may be off, for `exp`, `nbf` and `iat`. */
const LEEWAY_SECONDS = 60
const CACHE_MAX = 20_000

type Known = { readonly principal: Principal | Problem; readonly expiresAt: number; readonly audience: unknown }

export type Verifier = (authorization: string | undefined, scope: string) => Promise<Principal | Problem>

/** @throws when the key cannot be used: the configuration was checked before */
export const tokenVerifier = (auth: AuthSettings, clock: Pick<Clock, 'now'>): Verifier => {
  const key = keyOf(auth)
  const algorithms = [auth.key.kind === 'secret' ? 'HS512' : 'RS256']
  const known = new Map<string, Known>()

  return async (authorization, scope) => {
    const token = tokenIn(authorization)
    if (token === '') return UNAUTHORIZED.missing
    const digest = hash('sha256', token, 'base64')
    const cached = known.get(digest)
    if (cached && clock.now() < cached.expiresAt) return inScope(cached, scope)
    if (cached) known.delete(digest)

    const verified = await verify(token)
    if (!('expiresAt' in verified)) return verified
    if (known.size >= CACHE_MAX) known.delete(known.keys().next().value ?? '')
    known.set(digest, verified)
    return inScope(verified, scope)
  }

  async function verify(token: string): Promise<Known | Problem> {
    const now = clock.now()
    let claims: JWTPayload
    try {
      const options = {
        algorithms,
        issuer: auth.issuer,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(now),
        requiredClaims: ['exp', 'sub'],
        ...(auth.audience === null ? {} : { audience: auth.audience }),
      }
      claims = (await jwtVerify(token, key, options)).payload
    } catch (error) {
      return error instanceof errors.JWTExpired ? UNAUTHORIZED.expired : UNAUTHORIZED.invalid
    }
    if (!isFiniteNumber(claims.exp)) return UNAUTHORIZED.invalid
    // jose looks at `iat` only together with a maximum age; UCloud refuses one that lies in the future.
    if (
      claims.iat !== undefined &&
      (!isFiniteNumber(claims.iat) || claims.iat * 1_000 > now + LEEWAY_SECONDS * 1_000)
    ) {
      return UNAUTHORIZED.notYet
    }
    const principal = principalFrom(claims satisfies Claims)
    if (principal === 'no-subject') return UNAUTHORIZED.invalid
    return {
      principal: principal === 'role' ? FORBIDDEN.role : principal,
      expiresAt: (claims.exp + LEEWAY_SECONDS) * 1_000,
      audience: auth.audience === null ? claims.aud : [],
    }
  }
}

const inScope = ({ principal, audience }: Known, scope: string): Principal | Problem =>
  isInScope(audience, scope) ? principal : FORBIDDEN.scope

/** The part after `Bearer`, in any case; a bare token passes as well, as UCloud lets it. */
const tokenIn = (authorization = ''): string => authorization.trim().replace(/^bearer(\s+|$)/i, '')

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const keyOf = ({ key }: AuthSettings): KeyObject =>
  key.kind === 'secret' ? createSecretKey(key.secret, 'utf8') : publicKeyOf(key.certificate)

/** A PEM certificate or public key, on one line or several, or the bare base64 of either. */
export const publicKeyOf = (certificate: string): KeyObject => {
  const base64 = certificate.replace(/-----(BEGIN|END) [A-Z0-9 ]+-----/g, '').replace(/\\n|\s/g, '')
  const der = Buffer.from(base64, 'base64')
  try {
    return new X509Certificate(der).publicKey
  } catch {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  }
}

const UNAUTHORIZED = {
  missing: problem(
    'UNAUTHORIZED',
    'You are not signed in: the request has no token. Sign in and send again; your text was not sent.',
  ),
  expired: problem('UNAUTHORIZED', 'Your sign-in has run out. Sign in again and send again; your text was not sent.'),
  notYet: problem(
    'UNAUTHORIZED',
    'Your sign-in is not valid yet: a clock is wrong somewhere. Sign in again; your text was not sent.',
  ),
  invalid: problem(
    'UNAUTHORIZED',
    'Your sign-in is not valid here. Sign in again and send again; your text was not sent.',
  ),
}

const FORBIDDEN = {
  role: problem('FORBIDDEN', 'Only people can write to support: this token belongs to a service.'),
  scope: problem('FORBIDDEN', 'This token is limited to other things and does not allow writing to support.'),
}

function problem(code: Problem['code'], why: string): Problem {
  return { code, why }
}
