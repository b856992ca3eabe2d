/** A Slack message without blocks: for a text that Slack refused in its full dress. `mrkdwn: false` switches emphasis off; the tokens in
 *  angle brackets would stay alive, which is what the escaping is for. */
import { cutCounting, jsonBytes, type Measure } from '../domain/cut.ts'
import type { Notice } from '../domain/destination.ts'
import { balanced } from '../domain/text.ts'
import type { Description } from './describe.ts'

/** Slack posts a `text` above this as several messages. */
export const TEXT_MAX_UNITS = 4_000
/** A message of which less than this would be shown is not worth longer fields. */
const MESSAGE_MIN_UNITS = 400
/** The longest a field may be, escaped; the subject three times as long. The first with which everything has room is taken. */
const FIELD_LIMITS = [200, 80, 30]

/** The only characters that Slack wants escaped, and the only ones it unescapes. */
export const escapeMrkdwn = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const slackBody = (text: string, blocks?: readonly object[]): string =>
  JSON.stringify({ text, ...(blocks && { blocks }), mrkdwn: false, unfurl_links: false, unfurl_media: false })

export const slackNotice = ({ headline, text }: Notice): string => slackBody(escapeMrkdwn(`${headline}\n${text}`))

/** Everything as one text, the message quoted and as much of it as fits. @param maxBytes of the serialised body */
export const plainMessage = (described: Description, ticketUrl: string | null, maxBytes: number): string => {
  for (const limit of FIELD_LIMITS) {
    const text = plainText(described, ticketUrl, limit, maxBytes)
    if (text !== undefined) return slackBody(text)
  }
  return slackBody(described.title)
}

/** Who and what about, without the message. @param maxBytes of the serialised body */
export const minimalMessage = (described: Description, ticketUrl: string | null, maxBytes: number): string => {
  const candidates = FIELD_LIMITS.flatMap(limit => {
    const who = [headline(described, limit), line('From', described.author, limit)]
    const link = ticketUrl === null ? [] : [line('Link', ticketUrl, TEXT_MAX_UNITS)]
    const note = described.message === null ? [] : ['The message could not be shown here.']
    return [[...who, ...link, ...note], [...who, ...link], who].map(lines =>
      lines.filter(text => text !== '').join('\n'),
    )
  })
  return slackBody(candidates.find(text => isWithin(text, maxBytes)) ?? described.title)
}

const plainText = (
  described: Description,
  ticketUrl: string | null,
  limit: number,
  maxBytes: number,
): string | undefined => {
  const { fields, message } = described
  const head = [
    headline(described, limit),
    ...fields.map(([label, value]) => line(label, value, limit)),
    ...(ticketUrl === null ? [] : [line('Link', ticketUrl, TEXT_MAX_UNITS)]),
  ].join('\n')
  if (message === null) return isWithin(head, maxBytes) ? head : undefined
  const start = `${head}\n> `
  const units = TEXT_MAX_UNITS - start.length
  const bytes = maxBytes - Buffer.byteLength(slackBody(start))
  if (Math.min(units, bytes) < Math.min(MESSAGE_MIN_UNITS, quoted(message.slice(0, MESSAGE_MIN_UNITS)).length))
    return undefined
  const byUnits = start + quoted(balanced(cutCounting(message, units, text => quoted(text).length)))
  return isWithin(byUnits, maxBytes)
    ? byUnits
    : start + quoted(balanced(cutCounting(message, bytes, text => jsonBytes(quoted(text)))))
}

const isWithin = (text: string, maxBytes: number): boolean =>
  text.length <= TEXT_MAX_UNITS && Buffer.byteLength(slackBody(text)) <= maxBytes

const escapedUnits: Measure = text => escapeMrkdwn(text).length

const headline = ({ title, subject }: Description, limit: number): string =>
  subject === '' ? title : line(title, subject, limit * 3)

const line = (label: string, value: string, limit: number): string =>
  value === '' ? '' : `${label}: ${escapeMrkdwn(cutCounting(value, limit, escapedUnits))}`

const quoted = (text: string): string => escapeMrkdwn(text).replaceAll('\n', '\n> ')
