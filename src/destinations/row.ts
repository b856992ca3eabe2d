/** Services that take one JSON object with one text in it: each is a row of data (rows.ts). */
import type { Json } from '../api/ticket.ts'
import { cutText, jsonBytes } from '../domain/cut.ts'
import type { DestinationKind, OutgoingEvent, Rate, Setting, Settings } from '../domain/destination.ts'
import { type AnswerRules, outcomeBy } from './answer-rules.ts'
import { type Description, describe } from './describe.ts'
import { postJson } from './post.ts'
import { fullText, noticeText, shortText, type TextForm, within } from './text-message.ts'

/** What a body is made of. */
export type Shown = {
  readonly text: string
  /** What it is about, in one clean line: type and reference, then the subject, cut. */
  readonly title: string
  /** The same on every attempt. */
  readonly id: string
  /** Null for words of our own to the team. */
  readonly event: OutgoingEvent | null
  readonly at: number
}

export type Row = {
  readonly kind: string
  readonly title: string
  readonly documentation: string
  readonly settings: Readonly<Record<string, Setting>>
  readonly vendorHosts?: RegExp
  readonly rate: Rate | null
  /** Default 1. */
  readonly concurrency?: number
  readonly form: TextForm
  readonly to: (settings: Settings, at: number) => { readonly url: string; readonly headers?: Headers }
  readonly body: (shown: Shown, settings: Settings) => Json
  readonly answers: AnswerRules
}
type Headers = Readonly<Record<string, string>>

/** Within every title of the rows: the shortest holds 130. */
const TITLE_MAX = 120
const titleOf = ({ title, subject }: Description): string =>
  subject === '' ? title : `${title}: ${cutText(subject, TITLE_MAX - title.length)}`

/** Every row is a chat or a pager that only the team reads; it has no level `rich`, as there is one text only. */
export const fromRow = (row: Row): DestinationKind => {
  const request = (shown: Shown, settings: Settings) => {
    const { url, headers } = row.to(settings, shown.at)
    return postJson(url, JSON.stringify(row.body(shown, settings)), headers)
  }
  return {
    kind: row.kind,
    title: row.title,
    documentation: row.documentation,
    settings: row.settings,
    ...(row.vendorHosts && { vendorHosts: row.vendorHosts }),
    rate: row.rate,
    concurrency: row.concurrency ?? 1,
    levels: ['plain', 'minimal'],
    isPrivate: true,
    start(event, settings, { level, at }) {
      const described = describe(event)
      const full = fullText(described, event.ticketUrl, row.form)
      const text = level === 'minimal' ? shortText(described, event.ticketUrl, within(row.form, jsonBytes(full))) : full
      return request({ text, title: titleOf(described), id: event.deliveryId, event, at }, settings)
    },
    notice(notice, settings, { at }) {
      const text = noticeText(notice, row.form)
      return request({ text, title: notice.headline, id: notice.id, event: null, at }, settings)
    },
    next: (_step, answer, now) => outcomeBy(row.kind, row.answers, answer, now),
  }
}
