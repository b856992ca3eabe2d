/** The shapes that travel: ticket, event, delivery, destination. Instants are integer milliseconds; absent is null. */

export const ticketTypes = ['BUG', 'SUGGESTION', 'QUESTION'] as const
export type TicketType = (typeof ticketTypes)[number]

export const ticketStatuses = ['RECEIVED', 'IN_PROGRESS', 'WAITING_FOR_USER', 'ANSWERED', 'CLOSED'] as const
export type TicketStatus = (typeof ticketStatuses)[number]

export const roles = ['USER', 'ADMIN'] as const
export type Role = (typeof roles)[number]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** The snapshot of the principal who wrote the ticket. */
export type TicketUser = {
  readonly username: string
  readonly role: Role
  readonly name: string | null
  readonly email: string | null
  readonly organization: string | null
}

export type Ticket = {
  readonly id: string
  readonly reference: string
  readonly createdAt: number
  readonly status: TicketStatus
  readonly type: TicketType | null
  readonly subject: string
  readonly message: string
  readonly user: TicketUser
  /** The project the user was working in; `listed` tells whether the token names it. */
  readonly project: { readonly id: string; readonly listed: boolean } | null
  readonly technical: { readonly requestId: string; readonly userAgent: string | null }
  readonly context: JsonObject | null
}

export const eventKinds = ['CREATED', 'COMMENTED', 'UPDATED'] as const
export type EventKind = (typeof eventKinds)[number]

export type TicketEvent = {
  readonly id: string
  readonly ticketId: string
  readonly kind: EventKind
  readonly at: number
  readonly by: { readonly username: string; readonly name: string | null; readonly staff: boolean }
  readonly message: string | null
  readonly internal: boolean
  readonly status: TicketStatus | null
}

export const deliveryStates = ['PENDING', 'DELIVERED', 'DEAD'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export const destinationStates = ['OK', 'FAILING', 'PAUSED', 'NOT_CONFIGURED'] as const
export type DestinationState = (typeof destinationStates)[number]

export const attemptOutcomes = ['DELIVERED', 'RETRY', 'REFUSED', 'UNAVAILABLE', 'UNCLEAR'] as const
export type AttemptOutcome = (typeof attemptOutcomes)[number]

/** One event for one destination. */
export type Delivery = {
  readonly id: string
  readonly ticketId: string
  readonly eventId: string
  readonly destination: string
  /** Null when the configuration does not name the destination any more. */
  readonly kind: string | null
  readonly state: DeliveryState
  readonly attempts: number
  /** When it is due; null when nothing more is to come. */
  readonly nextAttemptAt: number | null
  /** A stable code; null while there is nothing to say. */
  readonly reason: string | null
  readonly log: readonly Attempt[]
}

/** One try of a delivery. `ms` is how long it took; `status` the HTTP status, null when no answer came. */
export type Attempt = {
  readonly at: number
  readonly ms: number
  readonly outcome: AttemptOutcome
  readonly status: number | null
  readonly excerpt: string | null
}

/** One page of a list (UCloud's PageV2). It may hold fewer items than asked for: only `next` null means the end. */
export type Page<T> = { readonly itemsPerPage: number; readonly items: readonly T[]; readonly next: string | null }
