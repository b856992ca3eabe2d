/** The body of a Slack message, for Slack and for what stands in for it. User text stands only where Slack reads no markup: plain_text
 *  objects and leaves of rich_text. Limits: https://docs.slack.dev/reference/block-kit/blocks */
import { cutCounting, cutText, jsonBytes, type Measure, parts, utf16Units } from '../domain/cut.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import { balanced, oneLine } from '../domain/text.ts'
import { type Description, describe } from './describe.ts'
import { escapeMrkdwn, hasToEscape, minimalMessage, plainMessage, type SlackPlace, slackBody } from './slack-text.ts'

/** Undocumented: all blocks together may hold about 13,200 characters, then Slack answers `msg_blocks_too_long`; others met the limit
 *  at 12,000 bytes of JSON. */
const BLOCKS_MAX_BYTES = 12_000
const HEADER_MAX_UNITS = 150
/** A field of a section may hold 2,000 characters; nine of them and the message have to share 12,000 bytes. */
const FIELD_MAX_BYTES = 400
/** A subject has at most 1,000 UTF-16 units, which take at most 3 bytes each. */
const SUBJECT_MAX_COST = 3_000
/** What every head leaves room for: most messages need no measuring. */
const ALWAYS_FITS_BYTES = 3_000
/** The limit of text objects; that of a rich_text leaf is not documented. */
const LEAF_MAX_UNITS = 2_900

/** The JSON body of the message at this level. Each level carries the reference and is no longer than the one before. */
export const slackMessage = (event: OutgoingEvent, level: Level): string => slackPost(event, level, {}).body

/** The body, and the message's whole text when the rich level shows only its beginning. */
export const slackPost = (
  event: OutgoingEvent,
  level: Level,
  place: SlackPlace,
): { readonly body: string; readonly whole: string | null } => {
  const described = describe(event)
  const { message } = described
  const head = headBlocks(described, event.ticketUrl)
  const shown = message === null ? null : excerpt(message, head)
  const rich = slackBody(fallback(described), place, shown === null ? head : [...head, quote(shown)])
  if (level === 'rich') return { body: rich, whole: shown === message ? null : message }
  const plain = plainMessage(described, event.ticketUrl, { place, maxBytes: Buffer.byteLength(rich) })
  if (level === 'plain') return { body: plain, whole: null }
  const limited = { place, maxBytes: Buffer.byteLength(plain) }
  return { body: minimalMessage(described, event.ticketUrl, limited), whole: null }
}

type PlainText = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false }
type Leaf =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'link'; readonly url: string; readonly text: string }
type RichTextPart = { readonly type: 'rich_text_section' | 'rich_text_quote'; readonly elements: readonly Leaf[] }
/** The blocks that are used here; a test compares them with Slack's own types. */
export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly fields: readonly PlainText[] }
  | { readonly type: 'rich_text'; readonly elements: readonly RichTextPart[] }

/** What notifications and screen readers get: still mrkdwn, so it is escaped, and nothing in it can begin a line. */
const fallback = ({ title, subject, author, message }: Description): string => {
  const beginning = oneLine((message ?? '').slice(0, 2_000))
  const lines = [
    withColon(title, cutEscaped(subject, 300)),
    `From ${withColon(cutEscaped(author, 100), cutEscaped(beginning, 300))}`,
  ]
  return escapeMrkdwn(lines.join('\n'))
}

/** By what it costs once it is escaped. Most texts have nothing to escape, and are quicker to cut. */
const cutEscaped = (text: string, max: number): string =>
  cutText(text, max, hasToEscape(text) ? escapedUnits : utf16Units)
const escapedUnits: Measure = text => escapeMrkdwn(text).length

const headBlocks = ({ title, subject, fields }: Description, ticketUrl: string | null): Block[] => {
  const headline = cutText(withColon(title, subject), HEADER_MAX_UNITS)
  const isCut = headline !== withColon(title, subject)
  const all = [...(isCut ? [['Subject', cutCounting(subject, SUBJECT_MAX_COST, subjectCost)] as const] : []), ...fields]
  const head: Block[] = [{ type: 'header', text: plainText(headline) }]
  if (all.length > 0) head.push({ type: 'section', fields: all.map(([label, value]) => field(label, value)) })
  if (ticketUrl !== null)
    head.push(richText('rich_text_section', [{ type: 'link', url: ticketUrl, text: 'Open the ticket' }]))
  return head
}

const field = (label: string, value: string): PlainText =>
  plainText(`${label}: ${label === 'Subject' ? value : cutCounting(value, FIELD_MAX_BYTES, jsonBytes)}`)

/** Keeps within 3,000 bytes and 1,875 units at once. */
const subjectCost: Measure = text => Math.max(jsonBytes(text), text.length * 1.6)

const excerpt = (message: string, head: readonly Block[]): string => {
  if (jsonBytes(message) <= ALWAYS_FITS_BYTES) return message
  const roomBytes = BLOCKS_MAX_BYTES - Buffer.byteLength(JSON.stringify(head))
  const furtherLeaves = Math.floor(roomBytes / (LEAF_MAX_UNITS / 2)) * LEAF_BYTES
  return balanced(cutCounting(message, roomBytes - QUOTE_BYTES - furtherLeaves, jsonBytes))
}

const quote = (shown: string): Block => richText('rich_text_quote', parts(shown, LEAF_MAX_UNITS).map(leaf))

const withColon = (title: string, text: string): string => (text === '' ? title : `${title}: ${text}`)
const plainText = (text: string): PlainText => ({ type: 'plain_text', text, emoji: false })
const leaf = (text: string): Leaf => ({ type: 'text', text })
const richText = (type: RichTextPart['type'], elements: readonly Leaf[]): Block => ({
  type: 'rich_text',
  elements: [{ type, elements }],
})
/** What they take beside the text, with the comma before them. */
const LEAF_BYTES = JSON.stringify(leaf('')).length + 1
const QUOTE_BYTES = JSON.stringify(quote('')).length + 1
