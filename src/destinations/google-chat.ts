/** Google Chat, by the webhook of a space (https://developers.google.com/workspace/chat/quickstart/webhooks). Key and token stand in the
 *  address. A message of whose arrival nobody told is not made twice: each carries the delivery's id. */
import { cutCounting, jsonBytes, type Measure, utf16Units } from '../domain/cut.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import { valueAt } from './answer-rules.ts'
import { type Chat, excerpt, fromChat } from './chat.ts'
import type { Description } from './describe.ts'
import { codeLine, shortFence } from './dialects.ts'
import { postJson } from './post.ts'
import { hook, textSetting, withQuery } from './settings.ts'
import { escapeMrkdwn } from './slack-text.ts'
import type { Span, TextForm } from './text-message.ts'

const VENDOR_HOSTS = /^chat\.googleapis\.com$/
/** A message may have 32,000 bytes, cards included. */
const BODY_MAX_BYTES = 24_000
const SUBJECT_MAX_BYTES = 3_600
const FIELD_MAX_BYTES = 500

/** A card's paragraph reads a little HTML; these are the same entities that Slack reads. */
const html: Span = { open: '', inner: text => escapeMrkdwn(text).replaceAll('\n', '<br>'), close: '' }
const htmlBytes: Measure = text => jsonBytes(html.inner(text))

/** In a text, `<users/all>` notifies everybody and nothing escapes it: brackets that look alike do not. */
const bracketless = ({ open, inner, close }: Span): Span => ({
  open,
  inner: text => inner(text.replaceAll('<', '\u2039').replaceAll('>', '\u203a')),
  close,
})
const line = bracketless(codeLine)

const form: TextForm = {
  max: 3_900,
  measure: utf16Units,
  line,
  block: message => bracketless(shortFence(message)),
  strong: ours => `*${ours}*`,
  link: url => `<${url}|Open the ticket>`,
}

const paragraph = (text: string) => ({ textParagraph: { text } })

const card = ({ title, subject, fields, message }: Description, event: OutgoingEvent) => {
  const shown = html.inner(cutCounting(subject, SUBJECT_MAX_BYTES, htmlBytes))
  const lines = fields.map(
    ([label, value]) => `<b>${label}:</b> ${html.inner(cutCounting(value, FIELD_MAX_BYTES, htmlBytes))}`,
  )
  const link = event.ticketUrl === null ? [] : [openTicket(event.ticketUrl)]
  const head = [
    { widgets: [paragraph(`<b>${title}</b>${subject === '' ? '' : `: ${shown}`}`)] },
    ...(lines.length === 0 ? [] : [{ widgets: [paragraph(lines.join('<br>')), ...link] }]),
  ]
  const whole = (text: string | null) => ({
    ...thread(event),
    // What stands in for the card where none can be shown: words of our own.
    fallbackText: title,
    cardsV2: [
      {
        cardId: event.event.id,
        card: { sections: text === null ? head : [...head, { header: 'Message', widgets: [paragraph(text)] }] },
      },
    ],
  })
  if (message === null) return whole(null)
  const room = BODY_MAX_BYTES - Buffer.byteLength(JSON.stringify(whole('')))
  return whole(excerpt(message, room, html, jsonBytes))
}

const openTicket = (url: string) => ({
  buttonList: { buttons: [{ text: 'Open the ticket', onClick: { openLink: { url } } }] },
})

/** The ticket is the thread: the first event opens it, the others land in it. */
const thread = ({ ticket }: OutgoingEvent) => ({ thread: { threadKey: ticket.id } })

const withoutKey = ({ hostname, searchParams }: URL): string | undefined =>
  VENDOR_HOSTS.test(hostname) && !(searchParams.has('key') && searchParams.has('token'))
    ? 'Behind the address of a webhook stand a key and a token; copy all of it from Apps & integrations of the space.'
    : undefined

const googleChat: Chat = {
  kind: 'google-chat',
  title: 'Google Chat',
  documentation: 'https://developers.google.com/workspace/chat/quickstart/webhooks',
  settings: { url: hook(VENDOR_HOSTS, { path: /^\/v1\/spaces\/[^/]+\/messages$/, shown: '/v1/spaces/' }, withoutKey) },
  vendorHosts: VENDOR_HOSTS,
  // One a second for a space, shared by all that writes there.
  rate: { count: 1, perMs: 1_000 },
  rich: card,
  form,
  text: (text, event) => ({ ...(event && thread(event)), text }),
  request: (settings, body, id) => {
    const query = `messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD&requestId=${encodeURIComponent(id)}`
    return postJson(withQuery(textSetting(settings, 'url'), query), body, {
      'content-type': 'application/json; charset=UTF-8',
    })
  },
  answers: {
    success: [200],
    confirmed: json => typeof valueAt(json, '/name') === 'string',
    settings: { status: 400, at: '/error/message', words: /^API key not valid/ },
    code: ['/error/status'],
    codes: {
      refused: ['INVALID_ARGUMENT', 'OUT_OF_RANGE'],
      unavailable: ['FAILED_PRECONDITION', 'NOT_FOUND', 'PERMISSION_DENIED', 'UNAUTHENTICATED'],
      retry: ['ABORTED', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE'],
      limited: ['RESOURCE_EXHAUSTED'],
    },
    statuses: { 413: 'refused' },
  },
}

export default fromChat(googleChat)
