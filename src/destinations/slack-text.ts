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
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const FORM: TextForm = {
  max: TEXT_MAX_UNITS,
  measure: utf16Units,
  line: { open: '', inner: escapeMrkdwn, close: '' },
  block: () => ({ open: '> ', inner: text => escapeMrkdwn(text).replaceAll('\n', '\n> '), close: '' }),
}

export const slackBody = (text: string, blocks?: readonly object[]): string =>
  JSON.stringify({ text, ...(blocks && { blocks }), mrkdwn: false, unfurl_links: false, unfurl_media: false })

const SHELL_BYTES = Buffer.byteLength(slackBody(''))

export const slackNotice = (notice: Notice): string => slackBody(noticeText(notice, FORM))

/** Everything as one text, the message quoted and as much of it as fits. @param maxBytes of the serialised body */
export const plainMessage = (described: Description, ticketUrl: string | null, maxBytes: number): string =>
  slackBody(fullText(described, ticketUrl, within(FORM, maxBytes - SHELL_BYTES)))

/** Who and what about, without the message. @param maxBytes of the serialised body */
export const minimalMessage = (described: Description, ticketUrl: string | null, maxBytes: number): string =>
  slackBody(shortText(described, ticketUrl, within(FORM, maxBytes - SHELL_BYTES)))
