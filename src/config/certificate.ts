/** The public key that checks RS256 tokens, in every form that people paste. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

export type CertificateFault = 'private' | 'unreadable' | 'not-rsa' | 'too-short'

/** RS256 asks for at least this many bits (RFC 7518, 3.3). */
const RSA_MIN_BITS = 2048

/** What is wrong with a certificate or public key for RS256; undefined when nothing is. Takes PEM, PEM on one line (also with
 *  a written `\n` for its line breaks), and bare base64 of a public key (SPKI) or certificate (X.509). */
export const certificateFault = (certificate: string): CertificateFault | undefined => {
  // node:crypto would make the public key of a private one, and the private key would stay where it must not be.
  if (/PRIVATE KEY-----/.test(certificate)) return 'private'
  const key = publicKeyOf(certificate)
  if (key === undefined) return 'unreadable'
  if (key.asymmetricKeyType !== 'rsa') return 'not-rsa'
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_MIN_BITS ? 'too-short' : undefined
}

/** The public key as PEM (SPKI), whatever form it was given in, so that nobody else needs to know the forms. Takes only what
 *  has no fault. */
export const publicKeyPem = (certificate: string): string => {
  const key = publicKeyOf(certificate)
  if (key === undefined) throw new Error('the certificate was not checked before')
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

const publicKeyOf = (certificate: string): KeyObject | undefined => {
  const flat = certificate.replaceAll('\\n', '\n').trim()
  // Tools print what they found above the PEM (openssl x509 -text), and a chain has the issuers' certificates below.
  const [, label, armoured] = /-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/.exec(flat) ?? []
  const base64 = (armoured ?? flat).replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const der = Buffer.from(base64, 'base64')
  const readers: readonly (() => KeyObject)[] = [
    () => createPublicKey({ key: der, format: 'der', type: label === 'RSA PUBLIC KEY' ? 'pkcs1' : 'spki' }),
    () => new X509Certificate(der).publicKey,
  ]
  for (const read of readers) {
    try {
      return read()
    } catch {
      // Not of this form; the next reader may know it.
    }
  }
  return undefined
}
