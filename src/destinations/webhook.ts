/** Any service that takes signed JSON: Standard Webhooks (https://www.standardwebhooks.com). Everything is sent, whole and as written. */
import { eventTypes } from '../api/events.ts'
import type { Json } from '../api/ticket.ts'
import { classify } from '../domain/classify.ts'
import type { DestinationKind, OutgoingEvent, RequestStep, Settings } from '../domain/destination.ts'
import { storableJson } from '../domain/text.ts'
import { postJson } from './post.ts'
import { listSetting, textSetting, urlProblem } from './settings.ts'
import { type SignedContent, secretProblem, signedHeaders } from './standard-webhooks.ts'

/** The ticket, and what happened to it unless it was made. */
export const payloadOf = ({ event, ticket }: OutgoingEvent): Json =>
  event.kind === 'CREATED' ? { ticket } : { ticket, event }

/** Made of the event alone, nothing of the attempt: every retry sends the same bytes. */
const bodyOf = (outgoing: OutgoingEvent): string =>
  storableJson({
    type: eventTypes[outgoing.event.kind],
    timestamp: new Date(outgoing.event.at).toISOString(),
    data: payloadOf(outgoing),
  })

const signed = (settings: Settings, content: SignedContent): RequestStep =>
  postJson(textSetting(settings, 'url'), content.body, signedHeaders(content, listSetting(settings, 'secret')))

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
  start: (event, settings, { at }) => signed(settings, { id: event.deliveryId, at, body: bodyOf(event) }),
  notice: ({ id, type, at, headline, text }, settings, options) => {
    const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: { headline, text } })
    return signed(settings, { id, at: options.at, body })
  },
  next: (_step, answer, now) => classify(answer, { now }),
}

export default webhook
