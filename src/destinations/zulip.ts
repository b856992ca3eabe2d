/** Zulip: a form, and a topic for each ticket, so that what follows stands with it (https://zulip.com/api/send-message). */
import { cutText, type Measure } from '../domain/cut.ts'
import type { DestinationKind, OutgoingEvent, Settings } from '../domain/destination.ts'
import { type AnswerRules, outcomeBy, valueAt } from './answer-rules.ts'
import { describe } from './describe.ts'
import { basic, shaped, textSetting, under, urlProblem } from './settings.ts'
import { fullText, noticeText, shortText, within } from './text-message.ts'
import { fenced } from './tracker-parts.ts'

/** 10,000 characters; UTF-16 units are never fewer. */
const FORM = fenced(9_500)
const TOPIC_MAX_UNITS = 58
const formBytes: Measure = text => new URLSearchParams({ '': text }).toString().length - 1

const answers: AnswerRules = {
  success: [200],
  confirmed: json => valueAt(json, '/result') === 'success',
  // `msg` is translated, `code` is not.
  code: ['/code'],
  codes: {
    refused: ['MESSAGE_TOO_LONG'],
    unavailable: ['STREAM_DOES_NOT_EXIST', 'UNAUTHORIZED', 'REALM_DEACTIVATED', 'USER_DEACTIVATED', 'INVALID_API_KEY'],
    limited: ['RATE_LIMIT_HIT'],
  },
  settings: { status: 400, at: '/msg', words: /^(?:Not authorized to send|You do not have permission)/ },
  statuses: { 400: 'refused', 413: 'refused' },
  waits: [
    { at: '/retry-after', unit: 's' },
    { at: 'x-ratelimit-reset', unit: 'epoch-s' },
  ],
}

const post = (settings: Settings, topic: string, content: string) => ({
  method: 'POST' as const,
  url: under(settings, '/api/v1/messages'),
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    ...basic(textSetting(settings, 'email'), textSetting(settings, 'apiKey')),
  },
  body: new URLSearchParams({ type: 'stream', to: textSetting(settings, 'stream'), topic, content }).toString(),
})

/** The subject of a ticket never changes, so neither does its topic. */
const topicOf = ({ ticket }: OutgoingEvent, subject: string): string =>
  cutText(subject === '' ? ticket.reference : `${ticket.reference} ${subject}`, TOPIC_MAX_UNITS)

const zulip: DestinationKind = {
  kind: 'zulip',
  title: 'Zulip',
  documentation: 'https://zulip.com/api/send-message',
  settings: {
    url: shaped(
      { title: 'Address of the organisation', type: 'url', problem: urlProblem },
      /^(?!.*\/(?:api|#narrow)\/)/,
      'Write the address of the organisation alone, without what follows.',
    ),
    email: { title: 'E-mail address of the bot', type: 'text' },
    apiKey: { title: 'API key of the bot', type: 'secret' },
    stream: { title: 'Channel', type: 'text' },
  },
  rate: { count: 200, perMs: 60_000 },
  concurrency: 1,
  levels: ['plain', 'minimal'],
  isPrivate: true,
  start(event, settings, { level }) {
    const described = describe(event)
    const full = fullText(described, event.ticketUrl, FORM)
    const text =
      level === 'minimal' ? shortText(described, event.ticketUrl, within(FORM, formBytes(full), formBytes)) : full
    return post(settings, topicOf(event, described.subject), text)
  },
  notice: (notice, settings) => post(settings, 'Support Relay', noticeText(notice, FORM)),
  next: (_step, answer, now) => outcomeBy('zulip', answers, answer, now),
}

export default zulip
