/** A message that is one text: what it says first, what is cut, what goes last. How a service shows text is its `TextForm`. */
import { cutCounting, jsonBytes, type Measure } from '../domain/cut.ts'
import type { Notice } from '../domain/destination.ts'
import { balanced } from '../domain/text.ts'
import type { Description } from './describe.ts'

/** User text, dressed so that it stays text. `inner` works on any part of it alone. */
export type Span = { readonly open: string; readonly inner: (text: string) => string; readonly close: string }

export type TextForm = {
  /** The most that the whole text may cost. */
  readonly max: number
  /** What text costs as it is sent, in the unit of the limit. */
  readonly measure: Measure
  /** What a line costs of its own limit, where that is another unit. */
  readonly lineMeasure?: Measure
  /** How a line of user text stands after our own words. */
  readonly line: Span
  /** How this message, of several lines, stands below them. */
  readonly block: (message: string) => Span
  /** Our own words, made to stand out. */
  readonly strong?: (ours: string) => string
  readonly link?: (url: string) => string
}

/** A message of which less than this would be shown is not worth longer fields. */
const MESSAGE_MIN_UNITS = 400
/** And less than this says nothing. */
const MESSAGE_LEAST_UNITS = 40
/** The longest a field may be; the subject three times as long. The first with which everything has room is taken. */
const FIELD_LIMITS = [200, 80, 30]
const LEFT_OUT = 'The message could not be shown here.'

/** Everything: who, where, and as much of the message as fits. */
export const fullText = (described: Description, ticketUrl: string | null, form: TextForm): string => {
  for (const limit of FIELD_LIMITS) {
    const head = [
      headline(described, limit, form),
      ...described.fields.map(([label, value]) => field(label, value, limit, form)),
      ...link(ticketUrl, form),
    ].join('\n')
    const least = limit === FIELD_LIMITS.at(-1) ? MESSAGE_LEAST_UNITS : MESSAGE_MIN_UNITS
    const { message } = described
    const text = message === null ? ifItFits(head, form) : withMessage(head, message, least, form)
    if (text !== undefined) return text
  }
  return described.title
}

/** Who and what about, without the message. */
export const shortText = (described: Description, ticketUrl: string | null, form: TextForm): string => {
  const where = link(ticketUrl, form)
  const note = described.message === null ? [] : [LEFT_OUT]
  for (const limit of FIELD_LIMITS) {
    const who = [headline(described, limit, form), field('From', described.author, limit, form)]
    for (const lines of [[...who, ...where, ...note], [...who, ...where], who]) {
      const text = ifItFits(lines.join('\n'), form)
      if (text !== undefined) return text
    }
  }
  return described.title
}

export const noticeText = ({ headline, text }: Notice, { line }: TextForm): string =>
  [headline, text].map(words => line.open + line.inner(words) + line.close).join('\n')

/** The same form for a text that may also cost no more than that, as it is sent. @param sent default: bytes of JSON */
export const within = (form: TextForm, maxSent: number, sent: Measure = jsonBytes): TextForm => ({
  ...form,
  lineMeasure: form.lineMeasure ?? form.measure,
  // Both limits on one scale: a cost that keeps within `max` keeps within either.
  measure: part => Math.max(form.measure(part), (sent(part) * form.max) / maxSent),
})

const headline = ({ title, subject }: Description, limit: number, form: TextForm): string => {
  const ours = form.strong?.(title) ?? title
  return subject === '' ? ours : `${ours}: ${line(subject, limit * 3, form)}`
}

const field = (label: string, value: string, limit: number, form: TextForm): string =>
  `${label}: ${line(value, limit, form)}`

const line = (text: string, limit: number, { line, measure, lineMeasure = measure }: TextForm): string =>
  line.open +
  line.inner(cutCounting(text, limit, part => Math.max(part.length, lineMeasure(line.inner(part))))) +
  line.close

const link = (ticketUrl: string | null, form: TextForm): string[] =>
  ticketUrl === null ? [] : [form.link?.(ticketUrl) ?? `Link: ${ticketUrl}`]

const ifItFits = (text: string, { max, measure }: TextForm): string | undefined =>
  measure(text) <= max ? text : undefined

const withMessage = (
  head: string,
  message: string,
  least: number,
  { max, measure, block }: TextForm,
): string | undefined => {
  const { open, inner, close } = block(message)
  const cost: Measure = part => Math.max(part.length, measure(inner(part)))
  const room = max - measure(`${head}\n${open}${close}`)
  if (room < least && room < cost(message.slice(0, least))) return undefined
  return `${head}\n${open}${inner(balanced(cutCounting(message, room, cost)))}${close}`
}
