/** What is left out for a destination that is not to know everything about a person. The store keeps the whole. */
import type { DestinationKind, OutgoingEvent, RedactedField } from './destination.ts'

/** What is left out where nobody says anything else. */
export const defaultRedaction = ({ isPublic }: DestinationKind): readonly RedactedField[] =>
  isPublic ? ['email', 'project'] : []

/** Stands for what was left out. */
export const LEFT_OUT = '(left out)'

/** The event without these fields. An e-mail address and the id of a project are left out of the texts, too, and where they serve as a name. */
export const redacted = (outgoing: OutgoingEvent, fields: readonly RedactedField[] = []): OutgoingEvent => {
  if (fields.length === 0) return outgoing
  const { ticket, event } = outgoing
  const has = (field: RedactedField) => fields.includes(field)
  const { user, technical } = ticket
  const clean = without([...(has('email') ? [user.email] : []), ...(has('project') ? [ticket.project?.id] : [])])
  const cleanOrNull = (text: string | null) => (text === null ? null : clean(text))
  const cleanValue = (_: string, value: unknown) => (typeof value === 'string' ? clean(value) : value)
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
        organization: has('organization') ? null : user.organization,
      },
      project: has('project') ? null : ticket.project,
      technical: {
        requestId: has('requestId') ? LEFT_OUT : technical.requestId,
        userAgent: has('userAgent') ? null : technical.userAgent,
      },
      context: has('context') ? null : JSON.parse(JSON.stringify(ticket.context), cleanValue),
    },
  }
}

/** Shorter ones are words that occur in any text. */
const VALUE_MIN = 6

const without = (values: readonly (string | null | undefined)[]): ((text: string) => string) => {
  const known = values.filter(value => typeof value === 'string' && value.length >= VALUE_MIN)
  if (known.length === 0) return text => text
  const pattern = new RegExp(known.map(value => String(value).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'gi')
  return text => text.replace(pattern, LEFT_OUT)
}
