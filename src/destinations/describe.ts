/** What a chat message says about an event, before any vendor's way of saying it: clean texts in their order, absent ones left out. */
import type { EventKind, TicketStatus, TicketType } from '../api/ticket.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import { chatText, isVisible, oneLine } from '../domain/text.ts'

export type Description = {
  /** `Bug SUP-7K3F-Q2MX`, or `Comment on SUP-7K3F-Q2MX`. */
  readonly title: string
  /** One line; may be empty. */
  readonly subject: string
  /** Who did it: the username, or the name and username of whoever commented. One line, visible. */
  readonly author: string
  /** Label and value, each of one line and visible. At most nine. */
  readonly fields: readonly (readonly [label: string, value: string])[]
  /** Several lines; null when the event has no message. */
  readonly message: string | null
}

export const TYPE_LABELS: Readonly<Record<TicketType, string>> = {
  BUG: 'Bug',
  SUGGESTION: 'Suggestion',
  QUESTION: 'Question',
}
/** As staff read them; the user's pages have their own words. */
const STATUS_LABELS: Readonly<Record<TicketStatus, string>> = {
  RECEIVED: 'Received',
  IN_PROGRESS: 'Being looked at',
  WAITING_FOR_USER: 'Waiting for the user',
  ANSWERED: 'Answered',
  CLOSED: 'Closed',
}

export const describe = (outgoing: OutgoingEvent): Description => {
  const { event, ticket } = outgoing
  const isCreated = event.kind === 'CREATED'
  const author = isCreated ? nameOf(ticket.user.username) : eventAuthor(outgoing)
  return {
    title: `${titleOf(event.kind, ticket.type)}${ticket.reference}`,
    subject: visible(ticket.subject),
    author,
    fields: (isCreated
      ? ticketFields(outgoing)
      : ([
          ['By', author],
          ['Status', event.status && STATUS_LABELS[event.status]],
        ] as const)
    )
      .map(([label, value]) => [label, visible(value ?? '')] as const)
      .filter(([, value]) => value !== ''),
    message: messageOf(isCreated ? ticket.message : event.message),
  }
}

const titleOf = (kind: EventKind, type: TicketType | null): string => {
  switch (kind) {
    case 'CREATED':
      return type === null ? 'Ticket ' : `${TYPE_LABELS[type]} `
    case 'COMMENTED':
      return 'Comment on '
    case 'UPDATED':
      return 'Update of '
  }
}

const ticketFields = ({ ticket }: OutgoingEvent) => {
  const { user, technical, project, context } = ticket
  const page = context?.page
  return [
    ['Username', user.username],
    ['Security role', user.role],
    ['Real name', user.name],
    ['E-mail', user.email],
    ['Request ID', technical.requestId],
    ['User agent', technical.userAgent],
    ['Type', ticket.type && TYPE_LABELS[ticket.type]],
    ['Project', project && `${oneLine(project.id)}${project.listed ? '' : ' (not listed in the token)'}`],
    ['Page', typeof page === 'string' ? page : null],
  ] as const
}

const eventAuthor = ({ event }: OutgoingEvent): string => {
  const username = nameOf(event.by.username)
  const name = visible(event.by.name ?? '')
  const who = name === '' ? username : `${name} (${username})`
  return event.by.staff ? `${who}, staff` : who
}

const messageOf = (message: string | null): string | null => {
  if (message === null) return null
  const text = chatText(message)
  return isVisible(text) ? text : '(nothing that can be shown)'
}

const nameOf = (username: string): string => visible(username) || '(no visible name)'

/** Services refuse texts that are empty, or look so. */
const visible = (text: string): string => {
  const line = oneLine(text)
  return isVisible(line) ? line : ''
}
