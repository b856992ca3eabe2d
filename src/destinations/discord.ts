/** Discord, by a webhook (https://docs.discord.com/developers/resources/webhook#execute-webhook). The address is the password. Limits:
 *  https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
import { cutText, utf16Units } from '../domain/cut.ts'
import type { DestinationKind, OutgoingEvent, RequestStep } from '../domain/destination.ts'
import { type AnswerRules, valueAt } from './answer-rules.ts'
import { accent, type Chat, excerpt, fromChat, short } from './chat.ts'
import { type Description, describe } from './describe.ts'
import { codeLine, shortFence } from './dialects.ts'
import { multipart } from './multipart.ts'
import { postJson } from './post.ts'
import { hook, textSetting, withQuery } from './settings.ts'
import type { Span } from './text-message.ts'

const VENDOR_HOSTS = /^(?:(?:ptb|canary)\.)?discord(?:app)?\.com$/
const TITLE_MAX_UNITS = 256
const DESCRIPTION_MAX_UNITS = 4_096
/** All texts of all embeds together may have 6,000. */
const EMBEDS_MAX_UNITS = 5_800
const FIELD_MAX_UNITS = 200
/** Above it a value has a line of its own. */
const NARROW_UNITS = 40

/** Nobody is notified, whatever the text says. */
const QUIET = { allowed_mentions: { parse: [] } }

/** For titles, which know neither code nor mentions, but emphasis and links. */
const escaped: Span = { open: '', inner: text => text.replace(/[!-/:-@[-`{-~]/g, '\\$&'), close: '' }

const embeds = ({ title, subject, fields, message }: Description, event: OutgoingEvent) => {
  const shown = short(subject, TITLE_MAX_UNITS - title.length - 2, escaped, cutText)
  const isCut = shown !== escaped.inner(subject)
  const color = accent(event)
  const look = color === undefined ? {} : { color: Number.parseInt(color.slice(1), 16) }
  const head = {
    title: subject === '' ? title : `${title}: ${shown}`,
    ...(event.ticketUrl !== null && { url: event.ticketUrl }),
    ...look,
    fields: [...(isCut ? [['Subject', subject] as const] : []), ...fields].map(([name, value]) => ({
      name,
      value: short(value, name === 'Subject' ? 1_000 : FIELD_MAX_UNITS, codeLine),
      inline: value.length <= NARROW_UNITS,
    })),
  }
  if (message === null) return [head]
  const used = head.fields.reduce((sum, { name, value }) => sum + name.length + value.length, head.title.length)
  const room = Math.min(DESCRIPTION_MAX_UNITS, EMBEDS_MAX_UNITS - used)
  // In an embed of its own: fields would be shown below it.
  return [head, { ...look, description: excerpt(message, room, shortFence(message), utf16Units) }]
}

const likeAnother = ({ hostname, pathname }: URL): string | undefined =>
  VENDOR_HOSTS.test(hostname) && /\/(?:slack|github)$/.test(pathname)
    ? 'Behind the token stands /slack or /github, with which Discord expects the messages of others: leave it out.'
    : undefined

const HOUR_MS = 3_600_000

const answers: AnswerRules = {
  // Without `wait` Discord says 204 at once, also about what it then does not keep.
  success: [200],
  confirmed: json => typeof valueAt(json, '/id') === 'string',
  code: ['/code'],
  codes: {
    refused: [40005, 50006, 50035, 50045, 50109],
    unavailable: [10003, 10015, 40001, 50001, 50013, 50027, 220001, 220002, 220003, 220004],
  },
  statuses: { 413: 'refused' },
  waits: [
    { at: '/retry_after', unit: 's' },
    { at: 'x-ratelimit-reset-after', unit: 's' },
  ],
  // Code 0 and no wait: not the webhook, our address is locked out, and asking again makes it longer.
  unnamedMs: json => (valueAt(json, '/code') === 0 ? HOUR_MS : undefined),
}

const chat: Chat = {
  kind: 'discord',
  title: 'Discord',
  documentation: 'https://docs.discord.com/developers/resources/webhook#execute-webhook',
  settings: {
    url: hook(VENDOR_HOSTS, { path: /^\/api\/(?:v\d+\/)?webhooks\/\d+\/[^/]/, shown: '/api/webhooks/' }, likeAnother),
  },
  vendorHosts: VENDOR_HOSTS,
  // Five in two seconds for a webhook, and some thirty a minute for a channel.
  rate: { count: 5, perMs: 10_000 },
  rich: (described, event) => ({ embeds: embeds(described, event), ...QUIET }),
  form: {
    max: 1_950,
    measure: utf16Units,
    line: codeLine,
    block: shortFence,
    strong: ours => `**${ours}**`,
    link: url => `<${url}>`,
  },
  text: content => ({ content, ...QUIET }),
  request: (settings, body) => postJson(withQuery(textSetting(settings, 'url'), 'wait=true'), body),
  answers,
}

const base = fromChat(chat)

const discord: DestinationKind<RequestStep> = {
  ...base,
  start(event, settings, options) {
    const step = base.start(event, settings, options)
    const { message } = options.level === 'rich' ? describe(event) : { message: null }
    return message === null || isWhole(message, step.body) ? step : withFile(step, message)
  },
}

/** The JSON of the embed as the file's companion: the two arrive as one message, or not at all. */
const withFile = (step: RequestStep, message: string): RequestStep => {
  const { type, body } = multipart([
    { name: 'payload_json', type: 'application/json', text: step.body },
    { name: 'files[0]', type: 'text/plain; charset=utf-8', text: message, filename: 'message.txt' },
  ])
  return { ...step, headers: { ...step.headers, 'content-type': type }, body }
}

const isWhole = (message: string, body: string): boolean => {
  if (message.length > DESCRIPTION_MAX_UNITS) return false
  const { inner, close } = shortFence(message)
  return body.includes(JSON.stringify(inner(message) + close).slice(1))
}

export default discord
