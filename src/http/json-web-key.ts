/** Keys that an issuer publishes (JSON Web Keys, RFC 7517), and which of them can check a signature. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { VerifyKey } from './jws.ts'

/** More than any issuer publishes: a bound for what an unknown token may cost. */
const KEYS_MAX = 100
const RSA_MIN_BITS = 2048

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const OF_CURVE: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA'],
  Ed448: ['EdDSA'],
}

/** What a published key may be used with. Never a symmetric algorithm: a published secret is none. */
export const PUBLISHED_ALGORITHMS: ReadonlySet<string> = new Set([...RSA, ...Object.values(OF_CURVE).flat()])

export type Skipped = { readonly kid: string | null; readonly why: string }
export type PublishedKeys = { readonly keys: readonly VerifyKey[]; readonly skipped: readonly Skipped[] }

/** The keys of a published set, and those that cannot be used, each with why. Undefined when the text is no key set. */
export const readKeySet = (text: string): PublishedKeys | undefined => {
  const published = keysIn(text)
  if (published === undefined) return undefined
  const keys: VerifyKey[] = []
  const skipped: Skipped[] = []
  if (published.length > KEYS_MAX)
    skipped.push({ kid: null, why: `it is one of more than ${KEYS_MAX}; those behind are not looked at` })
  for (const jwk of published.slice(0, KEYS_MAX)) {
    const kid = typeof jwk?.kid === 'string' ? jwk.kid : null
    const read = typeof jwk === 'object' && jwk !== null ? readKey(jwk) : 'it is no object'
    if (typeof read === 'string') skipped.push({ kid, why: read })
    else keys.push({ kid, ...read })
  }
  return { keys, skipped }
}

const keysIn = (text: string): (JsonWebKey | null)[] | undefined => {
  try {
    const { keys } = JSON.parse(text)
    return Array.isArray(keys) ? keys : undefined
  } catch {
    return undefined
  }
}

const readKey = (jwk: JsonWebKey): { algorithms: readonly string[]; key: KeyObject } | string => {
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') return 'its name (kid) is no text'
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'it is not for signatures'
  if (Array.isArray(jwk.key_ops) && !jwk.key_ops.includes('verify')) return 'it is not for checking signatures'
  if (jwk.d !== undefined) return 'it is a private key, which nobody must publish'
  const possible = algorithmsOf(jwk)
  if (possible === undefined) return 'its type or curve is not known here'
  const algorithms = jwk.alg === undefined ? possible : possible.filter(algorithm => algorithm === jwk.alg)
  if (algorithms.length === 0) return 'its algorithm is not known here, or does not fit its type'
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const bits = key.asymmetricKeyDetails?.modulusLength
    return bits !== undefined && bits < RSA_MIN_BITS ? 'it has fewer than 2048 bits' : { algorithms, key }
  } catch {
    return 'it cannot be read'
  }
}

const algorithmsOf = ({ kty, crv }: JsonWebKey): readonly string[] | undefined => {
  if (kty === 'RSA') return RSA
  return (kty === 'EC' || kty === 'OKP') && typeof crv === 'string' && Object.hasOwn(OF_CURVE, crv)
    ? OF_CURVE[crv]
    : undefined
}
