/** Where the keys come from that tokens are checked with: one of the configuration, or those an issuer publishes. */
import { createPublicKey, createSecretKey } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import type { Answer } from '../domain/outcome.ts'
import { PUBLISHED_ALGORITHMS, readKeySet, type Skipped } from './json-web-key.ts'
import { claimsIn, isSignedBy, type Jws, type VerifyKey } from './jws.ts'

/** `forged`: none of our keys made the signature. A number of seconds: whether one did cannot be told now; ask again after them. */
export type Verdict = 'sound' | 'forged' | { readonly retryAfterSeconds: number }

export type KeySource = {
  check(jws: Jws): Verdict | Promise<Verdict>
  /** Changes when the keys do: a token that was checked before counts no more. Also the moment to see whether they are due for a look. */
  version(): number
}

export type ConfiguredKey =
  | { readonly kind: 'secret'; readonly secret: string }
  /** A public key as PEM. */
  | { readonly kind: 'certificate'; readonly certificate: string }

/** @throws when the key cannot be used: the configuration was checked before */
export const configuredKey = (configured: ConfiguredKey): KeySource => {
  const key: VerifyKey =
    configured.kind === 'secret'
      ? { kid: null, algorithms: ['HS512'], key: createSecretKey(configured.secret, 'utf8') }
      : { kid: null, algorithms: ['RS256'], key: createPublicKey(configured.certificate) }
  return { check: jws => (isSignedBy(jws, key) ? 'sound' : 'forged'), version: () => 0 }
}

/** A key that is not known is looked for at the issuer at most this often, however many tokens name one. */
export const COOL_DOWN_MS = 30_000
/** Known keys are compared with the issuer's this often while tokens come in, so that a withdrawn one ends. */
export const LOOK_AGAIN_MS = 10 * 60_000
/** Without a single key nobody can sign in: then we ask again sooner. */
const WITHOUT_KEYS_MS = 5_000

export type PublishedKeysDeps = {
  /** Asks the issuer for its keys; never rejects. */
  readonly fetch: () => Promise<Answer>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly observer: KeysObserver
}

export type KeysObserver = {
  keySkipped(skipped: Skipped): void
  /** The issuer did not answer with keys; the `known` ones stay in use. */
  keysNotFetched(why: string, known: number): void
}

/** The keys an issuer publishes, fetched at once and then as tokens need it: for one with a key that is not known, and to see now and
 *  then whether they are still the same. Keys that are known outlive any outage of the issuer. */
export const publishedKeys = ({ fetch, clock, observer }: PublishedKeysDeps): KeySource => {
  let keys: readonly VerifyKey[] = []
  let published: string | undefined
  let version = 0
  let lastFailed = true
  let askedAt = -Infinity
  /** The same moment by the wall clock, which tokens are dated by. */
  let lookedAt = 0
  let askedForUnknownAt = -Infinity
  let underWay: Promise<void> | undefined
  void ask()

  return {
    async check(jws) {
      if (!PUBLISHED_ALGORITHMS.has(jws.alg)) return 'forged'
      const known = verdictOf(jws, keys)
      if (known === 'sound') return known
      if (underWay) await underWay
      else if (clock.monotonic() - (lastFailed ? askedAt : askedForUnknownAt) >= coolDownMs()) {
        askedForUnknownAt = clock.monotonic()
        await ask()
      }
      const verdict = verdictOf(jws, keys)
      if (verdict !== 'unknown') return verdict
      if (lastFailed) return { retryAfterSeconds: secondsAfter(askedAt) }
      // Its key may have been published since we looked, and we do not look again yet.
      return isIssuedAfter(jws, lookedAt) ? { retryAfterSeconds: secondsAfter(askedForUnknownAt) } : 'forged'
    },
    version() {
      const age = clock.monotonic() - askedAt
      if (!underWay && age >= (lastFailed ? coolDownMs() : LOOK_AGAIN_MS)) void ask()
      return version
    },
  }

  function ask(): Promise<void> {
    askedAt = clock.monotonic()
    lookedAt = clock.now()
    underWay = fetch().then(answer => {
      underWay = undefined
      take(answer)
    })
    return underWay
  }

  function take(answer: Answer): void {
    const body = answer.kind === 'answer' && answer.status === 200 ? answer.body : undefined
    const read = body === undefined ? undefined : readKeySet(body)
    if (body !== published) for (const skipped of read?.skipped ?? []) observer.keySkipped(skipped)
    // A set without one usable key is a mistake there, not a wish that nobody signs in any more.
    lastFailed = read === undefined || read.keys.length === 0
    if (read === undefined || lastFailed) observer.keysNotFetched(whyNot(answer), keys.length)
    else if (body !== published) {
      published = body
      keys = read.keys
      version += 1
    }
  }

  function coolDownMs(): number {
    return keys.length > 0 ? COOL_DOWN_MS : WITHOUT_KEYS_MS
  }

  function secondsAfter(at: number): number {
    return Math.max(1, Math.ceil((at + coolDownMs() - clock.monotonic()) / 1_000))
  }
}

/** `unknown` where a fresh look at the issuer's keys could tell more: no key of this name, or no name. */
const verdictOf = (jws: Jws, keys: readonly VerifyKey[]): 'sound' | 'forged' | 'unknown' => {
  const named = jws.kid === null ? keys : keys.filter(({ kid }) => kid === jws.kid)
  if (named.some(key => isSignedBy(jws, key))) return 'sound'
  return jws.kid !== null && named.length > 0 ? 'forged' : 'unknown'
}

/** What nobody has vouched for is read only this far: parsing a megabyte of brackets would keep everybody waiting. */
const UNVERIFIED_MAX_CHARS = 65_536

/** By its own word, which is good enough to say "later" instead of "no". */
const isIssuedAfter = (jws: Jws, at: number): boolean => {
  const issuedAt = jws.signed.length <= UNVERIFIED_MAX_CHARS ? claimsIn(jws)?.iat : undefined
  return typeof issuedAt === 'number' && issuedAt * 1_000 > at
}

const whyNot = (answer: Answer): string => {
  if (answer.kind === 'no-answer') return answer.detail
  return answer.status === 200
    ? 'The answer is no key set, too long for one, or holds no key that can be used.'
    : `The answer has the status ${answer.status}.`
}
