/** Any receiver of CloudEvents 1.0 over HTTP, in structured mode: one JSON object, no text in headers (https://cloudevents.io). */
import { eventTypes } from '../api/events.ts'
import type { Json } from '../api/ticket.ts'
import { classify } from '../domain/classify.ts'
import type { DestinationKind, Settings } from '../domain/destination.ts'
import { storableJson } from '../domain/text.ts'
import { postJson } from './post.ts'
import { textSetting, urlProblem } from './settings.ts'
import { payloadOf } from './webhook.ts'

const TYPE_PREFIX = 'org.support-relay.'

const envelope = (
  settings: Settings,
  event: {
    readonly id: string
    readonly type: string
    readonly at: number
    readonly subject?: string
    readonly data: Json
  },
) =>
  postJson(
    textSetting(settings, 'url'),
    storableJson({
      specversion: '1.0',
      id: event.id,
      source: typeof settings.source === 'string' ? settings.source : '/support-relay',
      type: TYPE_PREFIX + event.type,
      ...(event.subject !== undefined && { subject: event.subject }),
      time: new Date(event.at).toISOString(),
      datacontenttype: 'application/json',
      data: event.data,
    }),
    { 'content-type': 'application/cloudevents+json' },
  )

const cloudevents: DestinationKind = {
  kind: 'cloudevents',
  title: 'CloudEvents',
  documentation: 'https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md',
  settings: {
    url: { title: 'Address', type: 'url', isSecret: true, problem: urlProblem },
    source: { title: 'What `source` says; by default /support-relay', type: 'text', optional: true },
  },
  rate: null,
  concurrency: 16,
  levels: ['rich'],
  start: (outgoing, settings) =>
    envelope(settings, {
      id: outgoing.event.id,
      type: eventTypes[outgoing.event.kind],
      at: outgoing.event.at,
      subject: outgoing.ticket.reference,
      data: payloadOf(outgoing),
    }),
  notice: ({ id, type, at, headline, text }, settings) =>
    envelope(settings, { id, type, at, data: { headline, text } }),
  next: (_step, answer, now) => classify(answer, { now }),
}

export default cloudevents
