/** What is left out for a destination that is not to know everything about a person. The store keeps the whole. */
import type { DestinationKind, OutgoingEvent, RedactedField } from './destination.ts'

/** What is left out where nobody says anything else. */
export const defaultRedaction = ({ isPublic }: DestinationKind): readonly RedactedField[] =>
  isPublic ? ['email', 'project', 'name', 'userAgent'] : []

/** Stands for what was left out. */
export const LEFT_OUT = '(left out)'

/** The event without these fields. The writer's e-mail address and any other, and the id of the project, are left out of the texts, too, where they
 *  serve as a name, and where they stand as in an address of the web (`%40`). */
export const redacted = (outgoing: OutgoingEvent, fields: readonly RedactedField[] = []): OutgoingEvent => {
  if (fields.length === 0) return outgoing
  const { ticket, event } = outgoing
  const has = (field: RedactedField) => fields.includes(field)
  const { user, technical } = ticket
  const clean = without([
    ...(has('email') ? [literally(user.email), ANY_ADDRESS] : []),
    ...(has('project') ? [literally(ticket.project?.id, '-')] : []),
  ])
  const cleanOrNull = (text: string | null) => (text === null ? null : clean(text))
  const cleanValue = (_: string, value: unknown) => {
    if (typeof value === 'string') return clean(value)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), item]))
  }
  const author = (name: string) => (has('username') && !event.by.staff ? LEFT_OUT : clean(name))
  return {
    ...outgoing,
    event: {
      ...event,
      by: {
        ...event.by,
        username: author(event.by.username),
        name: has('name') && !event.by.staff ? null : cleanOrNull(event.by.name),
      },
      message: cleanOrNull(event.message),
    },
    ticket: {
      ...ticket,
      subject: clean(ticket.subject),
      message: clean(ticket.message),
      user: {
        ...user,
        username: has('username') ? LEFT_OUT : clean(user.username),
        name: has('name') ? null : cleanOrNull(user.name),
        email: has('email') ? null : user.email,
        organization: has('organization') ? null : cleanOrNull(user.organization),
      },
      project: has('project') ? null : ticket.project,
      technical: {
        requestId: has('requestId') ? LEFT_OUT : clean(technical.requestId),
        userAgent: has('userAgent') ? null : cleanOrNull(technical.userAgent),
      },
      context: has('context') ? null : JSON.parse(JSON.stringify(ticket.context), cleanValue),
    },
  }
}

/** Shorter ones are words that occur in any text. */
const VALUE_MIN = 6

/** Letters of a name, and what nobody sees between them. */
const LETTERS = '\\p{L}\\p{M}\\p{N}\\p{DI}'
/** Any e-mail address, also as a reader takes it for one: with invisible characters in it, in wide letters, with a name in quotes. Each part has an end,
 *  and none begins within another: the time it takes grows with the text, no faster. */
const ANY_ADDRESS =
  `(?<![${LETTERS}._+'%-])(?:[${LETTERS}._+'%-]{1,64}|"[^"\\n]{1,64}")(?:[@\\uff20\\ufe6b]|%(?:25){0,3}40)` +
  `[${LETTERS}-]{1,63}(?:(?:[.\\uff0e\\u3002]|%(?:25){0,3}2e)[${LETTERS}-]{1,63}){1,8}`

/** A pattern for exactly this, each character as it is or as an address of the web has it. @param loose may be missing */
const literally = (value: string | null | undefined, loose?: string): string | null =>
  typeof value !== 'string' || value.length < VALUE_MIN
    ? null
    : [...value]
        .map(character => `(?:${codePoint(character)}|${encoded(character)}${character === loose ? ANY_DASH : ')'}`)
        .join('')
/** Or any other, or none. */
const ANY_DASH = '|[\\p{Pd}\\p{DI}\\u2212])?'
const codePoint = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`
/** Also where an address stands in another's query, and was encoded again. */
const encoded = (character: string) =>
  [...Buffer.from(character)].map(byte => `%(?:25){0,3}${byte.toString(16).padStart(2, '0')}`).join('')

const without = (patterns: readonly (string | null)[]): ((text: string) => string) => {
  const known = patterns.filter(pattern => pattern !== null)
  if (known.length === 0) return text => text
  const pattern = new RegExp(known.join('|'), 'giu')
  return text => text.replace(pattern, LEFT_OUT)
}
