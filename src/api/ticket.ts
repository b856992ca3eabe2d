/** The shapes that travel: ticket, event, delivery, destination. Instants are integer milliseconds; absent is null. */
import {
  anyObject,
  count,
  flag,
  instant,
  list,
  nullable,
  type Of,
  object,
  oneOf,
  optional,
  type Schema,
  text,
} from './schema.ts'

export const ticketTypes = ['BUG', 'SUGGESTION', 'QUESTION'] as const
export type TicketType = (typeof ticketTypes)[number]

export const ticketStatuses = ['RECEIVED', 'IN_PROGRESS', 'WAITING_FOR_USER', 'ANSWERED', 'CLOSED'] as const
export type TicketStatus = (typeof ticketStatuses)[number]

export const roles = ['USER', 'ADMIN'] as const
export type Role = (typeof roles)[number]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export const ticketUser = object(
  {
    username: text('Who wrote the ticket, as the token names them (`sub`).'),
    role: oneOf(roles, 'Their role on the platform.'),
    name: nullable(text('Their real name.')),
    email: nullable(text('Their mail address.')),
    organization: nullable(text('Their organisation.')),
  },
  { name: 'TicketUser', description: 'The snapshot of the person who wrote the ticket, taken when they did.' },
)
export type TicketUser = Of<typeof ticketUser>

export const project = object(
  {
    id: text('The project that the request named (header `Project`).'),
    listed: flag('Whether the token names it too.'),
  },
  { name: 'Project', description: 'The project the user was working in.' },
)

export const technical = object(
  {
    requestId: text('The id of the request (header `job-id`): the same as in the log.'),
    userAgent: nullable(text('The browser or program that sent it.')),
  },
  { name: 'Technical', description: 'What helps to find out what happened.' },
)

/** What a ticket and a ticket with its timeline share. */
const ticketFields = {
  id: text('A UUIDv7: later tickets have greater ids.', { format: 'uuid' }),
  reference: text('What people quote, such as `SUP-7K3F-Q2MX`.'),
  createdAt: instant('When it was received.'),
  status: oneOf(ticketStatuses, 'Where the matter stands.'),
  type: nullable(oneOf(ticketTypes, 'What kind of message it is; null when the user did not say.')),
  subject: text('One line; made from the message where the user gave none.'),
  message: text('The whole text, exactly as written.'),
  user: ticketUser,
  project: nullable(project),
  technical,
  context: nullable(anyObject<JsonObject>('What the program that sent it added, such as the page.')),
}
export const ticket = object(ticketFields, { name: 'Ticket', description: 'What a user sent, and where it stands.' })
export type Ticket = Of<typeof ticket>

export const eventKinds = ['CREATED', 'COMMENTED', 'UPDATED'] as const
export type EventKind = (typeof eventKinds)[number]

export const eventAuthor = object(
  {
    username: text('Who did it.'),
    name: nullable(text('Their real name.')),
    staff: flag('Whether they did it as staff (role ADMIN).'),
  },
  { name: 'EventAuthor', description: 'Who did something to a ticket.' },
)

export const ticketEvent = object(
  {
    id: text("The event's id: that of its ticket, and its number."),
    ticketId: text('The ticket it happened to.'),
    kind: oneOf(eventKinds, 'What happened: the ticket was written, somebody added a text, or its status changed.'),
    at: instant('When it happened.'),
    by: eventAuthor,
    message: nullable(text('What they wrote; null for a change of status alone.')),
    internal: flag('A note among staff: users never see it, and it is delivered nowhere.'),
    status: nullable(oneOf(ticketStatuses, 'The status that it brought about; null when it changed none.')),
  },
  { name: 'TicketEvent', description: 'One thing that happened to a ticket. The timeline is a list of these.' },
)
export type TicketEvent = Of<typeof ticketEvent>

export const deliveryStates = ['PENDING', 'DELIVERED', 'DEAD'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export const destinationStates = ['OK', 'FAILING', 'PAUSED', 'NOT_CONFIGURED'] as const
export type DestinationState = (typeof destinationStates)[number]

export const attemptOutcomes = ['DELIVERED', 'RETRY', 'REFUSED', 'UNAVAILABLE', 'UNCLEAR'] as const
export type AttemptOutcome = (typeof attemptOutcomes)[number]

export const attempt = object(
  {
    at: instant('When it began.'),
    ms: count('How long it took, in milliseconds.'),
    outcome: oneOf(attemptOutcomes, 'What its answer meant.'),
    status: nullable(count('The HTTP status of the answer; null when none came.')),
    excerpt: nullable(text('The beginning of the answer, without secrets.')),
  },
  { name: 'Attempt', description: 'One try of a delivery.' },
)
export type Attempt = Of<typeof attempt>

export const delivery = object(
  {
    id: text('The same on every attempt: receivers drop repetitions by it.'),
    ticketId: text('The ticket.'),
    eventId: text('The event that is delivered.'),
    destination: text('The name of the destination, from the configuration.'),
    kind: nullable(text('Its kind, such as `slack`; null when the configuration does not name it any more.')),
    state: oneOf(deliveryStates, 'Waiting, delivered, or given up (and replayable).'),
    attempts: count('Requests that were to show the event.'),
    nextAttemptAt: nullable(instant('When it is due; null when nothing more is to come.')),
    reason: nullable(text('Why it is not delivered: a stable code; null while there is nothing to say.')),
    log: list(attempt, 'Its attempts in order; in lists the newest ten.'),
  },
  { name: 'Delivery', description: 'One event for one destination.' },
)
export type Delivery = Of<typeof delivery>

export const ticketDetails = object(
  {
    ...ticketFields,
    timeline: optional(list(ticketEvent, 'With `includeTimeline`: what happened, in order.')),
    deliveries: optional(list(delivery, 'With `includeDeliveries` (ADMIN): where it went.')),
  },
  { name: 'TicketDetails', description: 'A ticket with what was asked for beside it.' },
)
export type TicketDetails = Of<typeof ticketDetails>

export const destination = object(
  {
    name: text('Its name in the configuration.'),
    kind: nullable(text('Its kind; null when the configuration does not name it any more.')),
    state: oneOf(destinationStates, 'How it fares.'),
    reason: nullable(text('Why it is not OK: a stable code.')),
    pending: count('Deliveries that wait.'),
    dead: count('Deliveries that were given up and can be replayed.'),
    oldestPendingAt: nullable(instant('When the event happened that waits longest.')),
    nextAttemptAt: nullable(instant('When it is tried again, if it is held.')),
    lastDeliveredAt: nullable(instant('When something was last delivered.')),
  },
  { name: 'Destination', description: 'A named place tickets go, and how it fares.' },
)
export type DestinationView = Of<typeof destination>

/** One page of a list (UCloud's PageV2). It may hold fewer items than asked for: only `next` null means the end. */
export type Page<T> = { readonly itemsPerPage: number; readonly items: readonly T[]; readonly next: string | null }
export const page = <T>(item: Schema<T>, name: string): Schema<Page<T>> =>
  object(
    {
      itemsPerPage: count('How many items a page holds at most.'),
      items: list(item, 'May be fewer than asked for, even none, though more follow.'),
      next: nullable(text('To be sent as `next` for the following page; null at the end, and only there.')),
    },
    { name, description: 'One page of a list.' },
  )
