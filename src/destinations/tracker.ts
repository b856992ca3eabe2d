/** Services in which a ticket becomes an issue or a ticket of theirs, and what follows becomes its comments: each is a row of data (trackers.ts,
 *  help-desks.ts). They have no key for repetitions, but can be searched: before a creation whose outcome nobody knows is repeated, it is looked for. */
import type { Json } from '../api/ticket.ts'
import { cutText, jsonBytes } from '../domain/cut.ts'
import type { DestinationKind, OutgoingEvent, Rate, RequestStep, Setting, Settings } from '../domain/destination.ts'
import { type AnswerRules, jsonOf, outcomeBy, valueAt } from './answer-rules.ts'
import { type Description, describe } from './describe.ts'
import { fullText, noticeText, shortText, type TextForm, within } from './text-message.ts'

/** What is made there. */
export type Entry = {
  /** Type, reference and subject, cut to `titleMax`. */
  readonly title: string
  readonly text: string
  /** Null for a notice. */
  readonly event: OutgoingEvent | null
}
/** A path under the service's address, or the whole address; with what is sent there. */
export type Call = {
  readonly method?: 'POST' | 'PUT'
  readonly url: string
  readonly body: Json
  readonly headers?: Headers
}
type Headers = Readonly<Record<string, string>>

export type Tracker = {
  readonly kind: string
  readonly title: string
  readonly documentation: string
  readonly settings: Readonly<Record<string, Setting>>
  readonly vendorHosts?: RegExp
  readonly isPublic?: boolean
  readonly rate: Rate | null
  readonly form: TextForm
  readonly titleMax: number
  /** How a subject stands in a title, where that is no text alone. */
  readonly inTitle?: (subject: string) => string
  readonly headers: (settings: Settings) => Headers
  readonly create: (entry: Entry, settings: Settings) => Call
  readonly comment: (entry: Entry, ref: string, settings: Settings) => Call
  /** The address of a list in which it would be. */
  readonly search: (event: OutgoingEvent, settings: Settings) => string
  /** Where the list stands in the answer, and in each of its items the title (or, where it keeps it, the ticket's id) and the ref. */
  readonly found: { readonly list: string; readonly ref: string } & (
    | { readonly title: string }
    | { readonly id: string }
  )
  /** `ref` says where a new one's is. */
  readonly answers: AnswerRules & { readonly ref: string }
}

type State =
  | { readonly doing: 'search'; readonly ours: Ours; readonly creation: RequestStep }
  | { readonly doing: 'create' | 'comment' }

/** What is looked for: `title` begins with `name`, which is type and reference. */
type Ours = { readonly id: string; readonly name: string; readonly title: string }

export const fromTracker = (tracker: Tracker): DestinationKind => {
  const step = (call: Call, settings: Settings, state: State): RequestStep => ({
    method: call.method ?? 'POST',
    url: call.url,
    headers: { 'content-type': 'application/json', ...tracker.headers(settings), ...call.headers },
    body: JSON.stringify(call.body),
    state,
  })
  const { inTitle = (subject: string) => subject } = tracker
  const titleOf = ({ title, subject }: Description) =>
    subject === '' ? title : `${title}: ${cutText(inTitle(subject), tracker.titleMax - title.length - 2)}`

  return {
    kind: tracker.kind,
    title: tracker.title,
    documentation: tracker.documentation,
    settings: tracker.settings,
    ...(tracker.vendorHosts && { vendorHosts: tracker.vendorHosts }),
    ...(tracker.isPublic && { isPublic: true }),
    rate: tracker.rate,
    concurrency: 1,
    levels: ['plain', 'minimal'],
    start(event, settings, { level, mayBeThere }) {
      const described = describe(event)
      const { ticketUrl, ref } = event
      const full = fullText(described, ticketUrl, tracker.form)
      const text = level === 'minimal' ? shortText(described, ticketUrl, within(tracker.form, jsonBytes(full))) : full
      const entry: Entry = { title: titleOf(described), text, event }
      if (ref !== null && event.event.kind !== 'CREATED')
        return step(tracker.comment(entry, ref, settings), settings, { doing: 'comment' })
      const creation = step(tracker.create(entry, settings), settings, { doing: 'create' })
      if (!mayBeThere || event.event.kind !== 'CREATED') return creation
      const { 'content-type': _, ...headers } = creation.headers
      const ours: Ours = { id: event.ticket.id, name: described.title, title: entry.title }
      const state: State = { doing: 'search', ours, creation }
      return { method: 'GET', url: tracker.search(event, settings), headers, body: '', state }
    },
    notice(notice, settings) {
      const entry: Entry = { title: notice.headline, text: noticeText(notice, tracker.form), event: null }
      return step(tracker.create(entry, settings), settings, { doing: 'create' })
    },
    next(sent, answer, now) {
      const state = sent.state as State // made above
      if (state.doing === 'search') {
        if (answer.kind === 'no-answer' || answer.status !== 200)
          return outcomeBy(tracker.kind, { ...tracker.answers, success: [] }, answer, now)
        const ref = refIn(jsonOf(answer.body), tracker.found, state.ours)
        if (ref === null) return { kind: 'retry', reason: 'search-unreadable' }
        return ref === undefined ? state.creation : { kind: 'delivered', ref }
      }
      const { ref, ...answers } = tracker.answers
      const rules: AnswerRules =
        state.doing === 'comment'
          ? { ...answers, confirmed: (json, body) => body === '' || json !== undefined }
          : { ...answers, ref, confirmed: json => valueAt(json, ref) !== undefined }
      return outcomeBy(tracker.kind, rules, answer, now)
    },
  }
}

/** A search finds more than it was asked for: a reference may stand in anybody's subject. Taken for ours is only what begins as ours does and says nothing
 *  else. What a desk may change (spaces, signs, the end) does not count; where it changed more, there will be two, which is seen. Null: this is no list. */
const refIn = (json: Json | undefined, found: Tracker['found'], ours: Ours): string | null | undefined => {
  const list = found.list === '' ? json : valueAt(json, found.list)
  if (!Array.isArray(list)) return null
  const [name, title] = [letters(ours.name), letters(ours.title)]
  const isOurs = (item: Json): boolean => {
    if ('id' in found) return valueAt(item, found.id) === ours.id
    const there = letters(String(valueAt(item, found.title)))
    return there.startsWith(name) && title.startsWith(there)
  }
  const item = list.find(isOurs)
  const ref = item === undefined ? undefined : valueAt(item, found.ref)
  return typeof ref === 'string' || typeof ref === 'number' ? String(ref) : undefined
}

const letters = (title: string): string =>
  title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
