/** A Slack message without blocks: for a text that Slack refused in its full dress. `mrkdwn: false` switches emphasis off; the tokens in
 *  angle brackets would stay alive, which is what the escaping is for. */
import { utf16Units } from '../domain/cut.ts'
import type { Notice } from '../domain/destination.ts'
import type { Description } from './describe.ts'
import { fullText, noticeText, shortText, type TextForm, within } from './text-message.ts'

/** Slack posts a `text` above this as several messages. */
export const TEXT_MAX_UNITS = 4_000

/** The only characters that Slack wants escaped, and the only ones it unescapes. */
export const escapeMrkdwn = (text: string): string =>
  hasToEscape(text) ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') : text

export const hasToEscape = (text: string): boolean => /[&<>]/.test(text)

const FORM: TextForm = {
  max: TEXT_MAX_UNITS,
  measure: utf16Units,
  line: { open: '', inner: escapeMrkdwn, close: '' },
  block: () => ({ open: '> ', inner: text => escapeMrkdwn(text).replaceAll('\n', '\n> '), close: '' }),
}

/** Where a message goes, for whoever posts by token rather than to a hook. */
export type SlackPlace = { readonly channel?: string; readonly thread_ts?: string }

export const slackBody = (text: string, place: SlackPlace = {}, blocks?: readonly object[]): string =>
  JSON.stringify({ ...place, text, ...(blocks && { blocks }), mrkdwn: false, unfurl_links: false, unfurl_media: false })

export const slackNotice = (notice: Notice, place?: SlackPlace): string => slackBody(noticeText(notice, FORM), place)

type Limited = { readonly place: SlackPlace /** Of the serialised body. */; readonly maxBytes: number }
const formFor = ({ place, maxBytes }: Limited): TextForm =>
  within(FORM, maxBytes - Buffer.byteLength(slackBody('', place)))

/** Everything as one text, the message quoted and as much of it as fits. */
export const plainMessage = (described: Description, ticketUrl: string | null, limited: Limited): string =>
  slackBody(fullText(described, ticketUrl, formFor(limited)), limited.place)

/** Who and what about, without the message. */
export const minimalMessage = (described: Description, ticketUrl: string | null, limited: Limited): string =>
  slackBody(shortText(described, ticketUrl, formFor(limited)), limited.place)
