/** Any service that takes signed JSON: Standard Webhooks (https://www.standardwebhooks.com). Everything is sent, whole and as written. */
import { eventTypes } from '../api/events.ts'
import type { Json } from '../api/ticket.ts'
import { classify } from '../domain/classify.ts'
import type { DestinationKind, OutgoingEvent } from '../domain/destination.ts'
import { storable } from '../domain/text.ts'
import { postJson } from './post.ts'
import { listSetting, textSetting, urlProblem } from './settings.ts'
import { secretProblem, signedHeaders } from './standard-webhooks.ts'

/** The ticket, and what happened to it unless it was made. */
export const payloadOf = ({ event, ticket }: OutgoingEvent): Json =>
  wellFormed(event.kind === 'CREATED' ? { ticket } : { ticket, event })

/** Made of the event alone, nothing of the attempt: every retry sends the same bytes. */
const bodyOf = (outgoing: OutgoingEvent): string =>
  JSON.stringify({
    type: eventTypes[outgoing.event.kind],
    timestamp: new Date(outgoing.event.at).toISOString(),
    data: payloadOf(outgoing),
  })

/** Lone surrogates have no UTF-8 form: receivers' parsers, and signers that encode again, differ about them. */
const wellFormed = (value: Json): Json => {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), wellFormed(item)]))
}

const webhook: DestinationKind = {
  kind: 'webhook',
  title: 'Webhook',
  documentation: 'https://www.standardwebhooks.com',
  settings: {
    url: { title: 'Address', type: 'url', isSecret: true, problem: urlProblem },
    secret: { title: 'Signing secret', type: 'secrets', problem: secretProblem },
  },
  rate: null,
  concurrency: 16,
  levels: ['rich'],
  start(event, settings, { at }) {
    const body = bodyOf(event)
    const signed = signedHeaders({ id: event.deliveryId, at, body }, listSetting(settings, 'secret'))
    return postJson(textSetting(settings, 'url'), body, signed)
  },
  notice({ id, type, at, headline, text }, settings, options) {
    const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: { headline, text } })
    const signed = signedHeaders({ id, at: options.at, body }, listSetting(settings, 'secret'))
    return postJson(textSetting(settings, 'url'), body, signed)
  },
  next: (_step, answer, now) => classify(answer, { now }),
}

export default webhook
