/** Whose tokens are accepted: an issuer, and exactly one key to check them with. */
import type { ClaimNames } from '../domain/principal.ts'
import { type CertificateFault, certificateFault, publicKeyPem } from './certificate.ts'
import { claimNames, claims } from './claims.ts'
import type { Found } from './document.ts'
import { isEmpty, optional, type Read, readKeys, required, type Type } from './keys.ts'
import type { Findings } from './problem.ts'
import { secret, text, webUrl } from './types.ts'

export type AuthKey =
  | { readonly kind: 'secret'; readonly secret: string }
  /** The public key as PEM (SPKI), whatever form it was written in. */
  | { readonly kind: 'certificate'; readonly certificate: string }
  /** The address where the issuer publishes its keys (JWKS). */
  | { readonly kind: 'published'; readonly url: string }

export type Auth = {
  readonly issuer: string
  readonly key: AuthKey
  readonly audience: string | null
  readonly claims: ClaimNames
}

/** A secret below this is found by trying (RFC 7518 asks for 64 bytes; the platform's own has as many). */
const SECRET_SHORT_BYTES = 32

const sharedSecret: Type<string> = {
  form: 'a secret text',
  read(found, findings) {
    const value = secret().read(found, findings)
    if (value === undefined) return undefined
    if (value.includes('-----BEGIN ') || certificateFault(value) !== 'unreadable') {
      // Taken as a secret, a public key would let everybody who knows it make tokens.
      findings.problem(
        found.place,
        'This is a key or certificate, not a shared secret.',
        'Use `certificate` for it instead.',
      )
      return undefined
    }
    if (Buffer.byteLength(value) < SECRET_SHORT_BYTES) {
      const what = `The secret is short: ${Buffer.byteLength(value)} bytes. Whoever guesses it can write tokens of any user.`
      findings.warning(found.place, what, 'Use at least 64 random bytes, on the platform as well.')
    }
    return value
  },
}

const certificateFaults: Readonly<Record<CertificateFault, { readonly what: string; readonly fix: string }>> = {
  private: {
    what: 'This is a private key.',
    fix: "Write the public key or certificate; the private one stays with the tokens' issuer.",
  },
  unreadable: {
    what: 'This is no certificate and no public key.',
    fix: 'Write PEM (-----BEGIN CERTIFICATE----- or -----BEGIN PUBLIC KEY-----), or its bare base64.',
  },
  'not-rsa': {
    what: 'The key is not an RSA key; tokens are checked as RS256.',
    fix: 'Write the RSA key of the issuer.',
  },
  'too-short': { what: 'The RSA key has fewer than 2048 bits.', fix: 'Let the issuer use a longer key.' },
}

const certificate: Type<string> = {
  form: 'a certificate or public key',
  read(found, findings) {
    const value = secret(certificate.form, { isBlock: true }).read(found, findings)
    const fault = value === undefined ? undefined : certificateFault(value)
    if (fault === undefined) return value && publicKeyPem(value)
    findings.problem(found.place, certificateFaults[fault].what, certificateFaults[fault].fix)
    return undefined
  },
}

export const authKeys = {
  issuer: required(text(), { meaning: 'The `iss` that tokens must have.', example: 'cloud.sdu.dk' }),
  sharedSecret: optional(sharedSecret, null, {
    meaning:
      'HS512: the secret shared with the platform, used as its UTF-8 bytes. Exactly one of this, `certificate` and `jwksUrl`.',
    example: '$' + '{JWT_SECRET}',
  }),
  certificate: optional(certificate, null, {
    meaning: 'RS256: the certificate or public key of the platform, as PEM, as PEM on one line, or as bare base64.',
    example: '$' + '{file:/etc/support-relay/platform.pem}',
  }),
  audience: optional(text(), null, {
    meaning:
      'The `aud` that tokens must hold. Without it `aud` is read as a list of scopes, as the platform writes it.',
  }),
  jwksUrl: optional(webUrl("the http:// or https:// address of the issuer's keys"), null, {
    meaning:
      'Any OIDC issuer: where it publishes its keys (`jwks_uri` in its discovery document). RSA, EC and Ed25519 keys; a new one is found within 30 s, a withdrawn one ends within 10 min. Asked for at most 5 s; up to 100 keys and 512 KiB; redirects are not followed.',
    example: 'https://login.example.org/realms/main/protocol/openid-connect/certs',
  }),
  claims: optional(claims, null, {
    meaning: 'Names of claims, where they are not those of UCloud.',
    shown: "UCloud's",
  }),
}

export const auth: Type<Auth> & { readonly keys: typeof authKeys } = {
  form: 'a group with `issuer` and one of `sharedSecret`, `certificate` and `jwksUrl`',
  keys: authKeys,
  read(found, findings) {
    const values = readKeys(authKeys, found, findings)
    const isOne = tellUnlessOne(found, findings)
    if (values === undefined || !isOne) return undefined
    const key = keyOf(values)
    if (key === undefined) return undefined
    warnOfPublished(values, found, findings)
    const isPublished = key.kind === 'published'
    return { issuer: values.issuer, key, audience: values.audience, claims: claimNames(values.claims, isPublished) }
  },
}

const keyOf = (values: Read<typeof authKeys>): AuthKey | undefined => {
  if (values.sharedSecret !== null) return { kind: 'secret', secret: values.sharedSecret }
  if (values.certificate !== null) return { kind: 'certificate', certificate: values.certificate }
  return values.jwksUrl === null ? undefined : { kind: 'published', url: values.jwksUrl }
}

const warnOfPublished = ({ jwksUrl, audience }: Read<typeof authKeys>, found: Found, findings: Findings): void => {
  const place = found.kind === 'group' ? found.entries.get('jwksUrl')?.keyPlace : undefined
  if (jwksUrl === null || place === undefined) return
  if (audience === null) {
    const what =
      'There is no `audience`, so the `aud` of tokens is read as a list of scopes, which OIDC issuers do not write.'
    findings.warning(place, what, 'Write the `aud` that the issuer puts into tokens for this service as `audience`.')
  }
  const { protocol, hostname, pathname } = new URL(jwksUrl)
  if (pathname.endsWith('/.well-known/openid-configuration')) {
    const what = 'This looks like the address of the discovery document, which holds no keys.'
    findings.warning(place, what, 'Write what stands in it as `jwks_uri`.')
  }
  if (protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
    const what =
      'The keys come over plain http: whoever sits on the way can put in keys of their own, and so tokens of any user.'
    findings.warning(place, what, 'Write https://.')
  }
}

/** Looks at what is there, not at what it says, so that it is told together with other problems of the group. */
const tellUnlessOne = (found: Found, findings: Findings): boolean => {
  if (found.kind !== 'group') return false
  const given = ['sharedSecret', 'certificate', 'jwksUrl'].flatMap(name => {
    const entry = found.entries.get(name)
    return entry === undefined || isEmpty(entry.value) ? [] : [{ name, place: entry.keyPlace }]
  })
  const last = given.at(-1)
  if (given.length === 1) return true
  if (last === undefined) {
    findings.problem(
      found.place,
      'There is no key to check tokens with.',
      'Add `sharedSecret` (HS512), `certificate` (RS256) or `jwksUrl` (keys that the issuer publishes).',
    )
  } else {
    findings.problem(
      last.place,
      `Exactly one key is possible; here are ${given.map(({ name }) => `"${name}"`).join(' and ')}.`,
      'Keep one of them.',
    )
  }
  return false
}
