/** Chats that take a message in full dress and, where that is refused, one text: what they have in common. A kind adds its dress, its
 *  dialect and its table of answers. */
import type { TicketType } from '../api/ticket.ts'
import { cutCounting, type Measure } from '../domain/cut.ts'
import type { DestinationKind, Level, OutgoingEvent, RequestStep, Settings } from '../domain/destination.ts'
import { balanced } from '../domain/text.ts'
import { type AnswerRules, outcomeBy } from './answer-rules.ts'
import { type Description, describe } from './describe.ts'
import { fullText, noticeText, type Span, shortText, type TextForm, within } from './text-message.ts'

export type Chat = Pick<DestinationKind, 'kind' | 'title' | 'settings' | 'vendorHosts' | 'rate'> & {
  readonly documentation: string
  /** The body in full dress. */
  readonly rich: (described: Description, event: OutgoingEvent) => object
  /** The form of a text alone, and the body that holds it. */
  readonly form: TextForm
  readonly text: (text: string, event: OutgoingEvent | null) => object
  readonly request: (settings: Settings, body: string, id: string) => RequestStep
  readonly answers: AnswerRules
}

/** A chat that only the team reads, one message at a time. */
export const fromChat = (chat: Chat): DestinationKind<RequestStep> => ({
  kind: chat.kind,
  title: chat.title,
  documentation: chat.documentation,
  settings: chat.settings,
  ...(chat.vendorHosts && { vendorHosts: chat.vendorHosts }),
  rate: chat.rate,
  concurrency: 1,
  levels: ['rich', 'plain', 'minimal'],
  isPrivate: true,
  start: (event, settings, { level }) => chat.request(settings, bodyAt(chat, event, level), event.deliveryId),
  notice: (notice, settings) =>
    chat.request(settings, JSON.stringify(chat.text(noticeText(notice, chat.form), null)), notice.id),
  next: (_step, answer, now) => outcomeBy(chat.kind, chat.answers, answer, now),
})

/** Each level's body is no longer than the one before. */
const bodyAt = (chat: Chat, event: OutgoingEvent, level: Level): string => {
  const described = describe(event)
  const body = (text: string) => JSON.stringify(chat.text(text, event))
  const formWithin = (longer: string) => within(chat.form, Buffer.byteLength(longer) - Buffer.byteLength(body('')))
  const rich = JSON.stringify(chat.rich(described, event))
  if (level === 'rich') return rich
  const plain = body(fullText(described, event.ticketUrl, formWithin(rich)))
  if (level === 'plain') return plain
  return body(shortText(described, event.ticketUrl, formWithin(plain)))
}

/** As much of a message as fits, dressed. @param room for the whole of it, in the unit of `measure` */
export const excerpt = (message: string, room: number, { open, inner, close }: Span, measure: Measure): string => {
  const cost: Measure = part => Math.max(part.length, measure(inner(part)))
  return open + inner(balanced(cutCounting(message, room - measure(open + close), cost))) + close
}

/** A line of user text, dressed. @param max units of it, its escapes included @param cut how what is too long is cut */
export const short = (text: string, max: number, { open, inner, close }: Span, cut = cutCounting): string =>
  open + inner(cut(text, max, part => Math.max(part.length, inner(part).length))) + close

/** The color of what is new, so that a bug can be told from a question before reading; undefined for what follows. */
export const accent = ({ event, ticket }: OutgoingEvent): string | undefined =>
  event.kind === 'CREATED' && ticket.type !== null ? ACCENTS[ticket.type] : undefined

const ACCENTS: Readonly<Record<TicketType, string>> = { BUG: '#c0392b', SUGGESTION: '#2e86ab', QUESTION: '#8e6c00' }
