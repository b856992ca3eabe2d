/** Signatures of Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). */
import { createHmac, createPrivateKey, createPublicKey, createSecretKey, type KeyObject, sign } from 'node:crypto'

export type SignedContent = {
  /** The same on every attempt; holds no full stop. */
  readonly id: string
  /** The moment of this attempt, ms. */
  readonly at: number
  readonly body: string
}

/** The three headers. Each secret adds a signature, so that a receiver can change from one to the next.
 *  @param secrets `whsec_` (HMAC-SHA256) or `whsk_` (ed25519), checked by `secretProblem` before */
export const signedHeaders = (content: SignedContent, secrets: readonly string[]): Record<string, string> => {
  const timestamp = Math.floor(content.at / 1_000)
  const signed = `${content.id}.${timestamp}.${content.body}`
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map(secret => signature(secret, signed)).join(' '),
  }
}

/** What keeps the value from being a secret, as a sentence that does not quote it. */
export const secretProblem = (value: string): string | undefined => {
  if (value.startsWith(SYMMETRIC)) {
    const length = bytesOf(value, SYMMETRIC)?.length
    if (length === undefined) return 'What follows whsec_ must be base64.'
    return length >= 24 && length <= 64 ? undefined : `The secret has ${length} bytes; it must have 24 to 64.`
  }
  if (value.startsWith(ASYMMETRIC)) {
    const bytes = bytesOf(value, ASYMMETRIC)
    if (bytes === undefined) return 'What follows whsk_ must be base64.'
    if (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES) {
      return `The key has ${bytes.length} bytes; an ed25519 private key has 32, or 64 with its public half.`
    }
    return bytes.length === SEED_BYTES || publicHalf(bytes).equals(bytes.subarray(SEED_BYTES))
      ? undefined
      : 'The two halves of the key do not belong together.'
  }
  return 'A secret begins with whsec_ (HMAC) or whsk_ (ed25519), followed by base64.'
}

const SYMMETRIC = 'whsec_'
const ASYMMETRIC = 'whsk_'
const SEED_BYTES = 32
/** The DER frame of an ed25519 private key (RFC 8410 section 7), before its seed of 32 bytes. */
const PKCS8_FRAME = Buffer.from('302e020100300506032b657004220420', 'hex')

const signature = (secret: string, signed: string): string => {
  const symmetric = bytesOf(secret, SYMMETRIC)
  if (symmetric !== undefined) {
    // Bytes would do, and cost Node five times as much.
    return `v1,${createHmac('sha256', createSecretKey(symmetric)).update(signed).digest('base64')}`
  }
  const asymmetric = bytesOf(secret, ASYMMETRIC)
  if (asymmetric !== undefined)
    return `v1a,${sign(null, Buffer.from(signed), privateKey(asymmetric)).toString('base64')}`
  throw new Error('a webhook secret is of no known form')
}

const privateKey = (bytes: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_FRAME, bytes.subarray(0, SEED_BYTES)]), format: 'der', type: 'pkcs8' })

const publicHalf = (bytes: Buffer): Buffer =>
  createPublicKey(privateKey(bytes)).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES)

/** Undefined when it has another prefix or is no base64: Node would skip what it cannot read, and sign with half a key. */
const bytesOf = (secret: string, prefix: string): Buffer | undefined => {
  if (!secret.startsWith(prefix)) return undefined
  const text = secret.slice(prefix.length).replace(/={1,2}$/, '')
  return /^[A-Za-z0-9+/]+$/.test(text) && text.length % 4 !== 1 ? Buffer.from(text, 'base64') : undefined
}
