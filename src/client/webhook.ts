/** What a webhook of the service is worth: signed by a secret that is ours (Standard Webhooks 1.0.0), not long ago, and what it says. */
import type { Ticket, TicketEvent } from '../api/ticket.ts'

export type WebhookEvent =
  | { readonly type: 'ticket.created'; readonly timestamp: string; readonly data: { readonly ticket: Ticket } }
  | {
      readonly type: 'ticket.commented' | 'ticket.updated'
      readonly timestamp: string
      readonly data: { readonly ticket: Ticket; readonly event: TicketEvent }
    }
  /** To a destination that `alerts.to` names. */
  | {
      readonly type: 'support.alert'
      readonly timestamp: string
      readonly data: { readonly headline: string; readonly text: string }
    }
  | { readonly type: 'support.test'; readonly timestamp: string; readonly data: unknown }

/** - `headers`: one of webhook-id, webhook-timestamp, webhook-signature is missing or cannot be read
 *  - `signature`: none is by one of the secrets; or the body was changed on the way, by a parser of ours perhaps
 *  - `timestamp`: soundly signed, but more than 5 minutes from now: an old one sent again by somebody, or a clock is wrong
 *  - `body`: soundly signed, but not an event
 *  - `secret`: a secret cannot be used, for its form or because this platform does not know its algorithm */
export type WebhookProblem = 'headers' | 'signature' | 'timestamp' | 'body' | 'secret'

export type VerifiedWebhook =
  /** `id` is the same on every attempt: drop what you have seen. */
  | { readonly ok: true; readonly id: string; readonly event: WebhookEvent }
  | { readonly ok: false; readonly reason: WebhookProblem; readonly why: string }

export type ReceivedWebhook = {
  /** A `Headers`, or an object such as Node's. */
  readonly headers: HeaderList | Readonly<Record<string, string | readonly string[] | undefined>>
  /** As received, before anything parses it: signed are the bytes. */
  readonly body: string | Uint8Array | ArrayBuffer
  /** `whsec_…`, or the public key `whpk_…` where it signs with a `whsk_…`; while they change, all of them. */
  readonly secret: string | readonly string[]
}

type HeaderList = { get(name: string): string | null }

const TOLERANCE_S = 5 * 60

/** Whether it is genuine, and what it says. Never throws. */
export const verifyWebhook = async ({ headers, body, secret }: ReceivedWebhook): Promise<VerifiedWebhook> => {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(name => header(headers, `webhook-${name}`))
  if (!id || !signatures || !/^\d{1,12}$/.test(timestamp ?? ''))
    return refused('headers', 'A header webhook-… is missing or cannot be read.')

  let keys: Key[]
  try {
    keys = await Promise.all([secret].flat().map(importKey))
    if (keys.length === 0) throw new TypeError('no secret')
  } catch {
    return refused('secret', 'A secret is not whsec_… or whpk_…, or not of a kind that this platform knows.')
  }
  // Bytes and texts alike; of bytes, only such that other threads share are not a BlobPart to the types.
  const content = await new Blob([`${id}.${timestamp}.`, body as BlobPart]).arrayBuffer()
  if (!(await isSigned(content, signatures, keys)))
    return refused(
      'signature',
      'No signature is by one of the secrets over this body, which must be the body as received.',
    )

  const ageS = Math.round(Date.now() / 1_000) - Number(timestamp)
  if (!(Math.abs(ageS) <= TOLERANCE_S))
    return refused('timestamp', `It is genuine, but was signed ${ageS} s ago by our clock.`)

  const event = eventIn(await new Blob([body as BlobPart]).text())
  return event ? { ok: true, id, event } : refused('body', 'It is genuine, but its body is not an event.')
}

const refused = (reason: WebhookProblem, why: string): VerifiedWebhook => ({ ok: false, reason, why })

/** One that is there several times counts as missing. */
const header = (headers: ReceivedWebhook['headers'], name: string): string | undefined => {
  if (isList(headers)) return headers.get(name) ?? undefined
  const found = Object.entries(headers).filter(([key]) => key.toLowerCase() === name)
  const values = found.flatMap(([, value]) => value)
  return values.length === 1 ? values[0] : undefined
}

const isList = (headers: ReceivedWebhook['headers']): headers is HeaderList => typeof headers.get === 'function'

type Key = { readonly version: string; readonly key: CryptoKey }

const importKey = async (secret: string): Promise<Key> => {
  const [, kind, text = ''] = /^(whsec|whpk)_(.+)$/.exec(secret) ?? []
  const [version, algorithm] =
    kind === 'whsec' ? ['v1', { name: 'HMAC', hash: 'SHA-256' }] : kind ? ['v1a', { name: 'Ed25519' }] : []
  if (!version || !algorithm) throw new TypeError('a secret of no known form')
  return { version, key: await crypto.subtle.importKey('raw', bytesOf(text), algorithm, false, ['verify']) }
}

const isSigned = async (content: ArrayBuffer, signatures: string, keys: readonly Key[]): Promise<boolean> => {
  for (const signature of signatures.split(' ')) {
    const [version, text = ''] = signature.split(',')
    for (const { key, version: own } of keys) {
      if (version !== own) continue
      const isSound = async () => crypto.subtle.verify(key.algorithm.name, key, bytesOf(text), content)
      // What is no base64 is no signature.
      if (await isSound().catch(() => false)) return true
    }
  }
  return false
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))

const eventIn = (text: string): WebhookEvent | undefined => {
  try {
    const event = JSON.parse(text)
    // Signed by the service, so it is as the service makes it.
    return typeof event?.type === 'string' && Object(event.data) === event.data ? event : undefined
  } catch {
    return undefined
  }
}
