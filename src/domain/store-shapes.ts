/** What goes into a store and comes out of it: the shapes of its contract (store.ts). */
import type { Attempt, DeliveryState, TicketEvent, TicketStatus, TicketType } from '../api/ticket.ts'
import type { Act } from './conversation.ts'
import type { DeliveryKey, DeliveryName, DeliveryProgress } from './delivery.ts'
import type { DestinationHealth } from './destination-health.ts'
import type { Clause } from './search-text.ts'
import type { StoredTicket } from './ticket.ts'

export type AcceptResult =
  | {
      readonly outcome: 'accepted'
      readonly number: number
      readonly id: string
      readonly createdAt: number
      readonly repeated: boolean
    }
  /** The user's ten newest tickets (or whatever the limit is) lie within an hour of the new one; free again at `retryAt`. */
  | { readonly outcome: 'limited'; readonly retryAt: number }
  /** The key belongs to a ticket with another fingerprint. */
  | { readonly outcome: 'key-reused' }

export type TicketFilter = {
  readonly username: string | null
  readonly status: TicketStatus | null
  readonly type: TicketType | null
  /** Both together: one delivery to that destination in that state. */
  readonly destination: string | null
  readonly delivery: DeliveryState | null
}

export type TicketQuery = { readonly filter: TicketFilter; readonly before: string | null; readonly limit: number }
/** `from` (inclusive) and `to` (exclusive) are when the ticket was made. */
export type SearchQuery = TicketQuery & {
  readonly clauses: readonly Clause[]
  readonly from: number | null
  readonly to: number | null
}
/** `next` is the `before` of the following page. */
export type StoredTicketPage = { readonly tickets: readonly StoredTicket[]; readonly next: string | null }

/** How many rows (tickets, attempts) went; `isLast` when there was no more to look at. */
export type ForgottenSlice<Place> = { readonly removed: number; readonly after: Place; readonly isLast: boolean }

export type Lease = {
  readonly destination: string
  readonly epoch: number
  readonly health: DestinationHealth
  readonly lastSentAt: number | null
}

export type Settlement = {
  readonly epoch: number
  /** As it is after the attempt; `progress.attempts` is the attempt's own number. */
  readonly progress: DeliveryProgress
  readonly state: DeliveryState
  readonly reason: string | null
  readonly attempt: Attempt
  readonly health: DestinationHealth
  /** Kept per ticket × destination, when the created event made one. */
  readonly ref: string | null
}

/** All that is asked for must be so; null asks for nothing. `from` (inclusive) and `to` (exclusive) are when its event happened. */
export type DeliveryFilter = {
  readonly ticketNumber: number | null
  readonly destination: string | null
  readonly state: DeliveryState | null
  readonly reason: string | null
  readonly from: number | null
  readonly to: number | null
}

export type DeliveryPageQuery = {
  readonly filter: DeliveryFilter
  readonly before: DeliveryName | null
  readonly limit: number
}
export type DeliveryPage = {
  readonly deliveries: readonly (StoredDelivery & { readonly ticketId: string })[]
  readonly next: DeliveryName | null
}

export type ReplayOrder = {
  readonly keys: readonly DeliveryKey[]
  /** Only those that are in this state by then. */
  readonly state: DeliveryState
  /** Another destination that is to get them; null for their own. What is dead or pending moves there with its attempts, or is DEAD (`moved`)
   *  where that one has the event already; what was delivered is sent there besides. */
  readonly to: string | null
  readonly now: number
  /** Only counts; nothing is changed. */
  readonly isDryRun: boolean
  /** For the audit: the order, who gave it, and what it asked for (ids and codes). */
  readonly id: string
  readonly by: string
  readonly detail: string
}

export type NewEvents = {
  readonly id: string
  /** For the audit. */
  readonly act: 'comment' | 'status'
  readonly by: TicketEvent['by']
  readonly at: number
  readonly items: readonly (Omit<Act, 'by'> & { readonly ticketNumber: number })[]
}

/** `eventNumber` is that of the event made, or, where nothing changed, of the one that brought the status about. */
export type AddedEvent = {
  readonly ticketNumber: number
  readonly eventNumber: number
  /** Where it goes. */
  readonly destinations: readonly string[]
}

/** `mark` tells this time of a matter from the next. */
export type Announcement = { readonly matter: string; readonly at: number; readonly mark: number }

export type SettleResult =
  | { readonly outcome: 'settled'; readonly health: DestinationHealth }
  /** Somebody else holds the lease now, or nobody does: nothing was recorded. */
  | { readonly outcome: 'lease-lost' }

export type StoredDelivery = {
  readonly progress: DeliveryProgress
  readonly state: DeliveryState
  readonly reason: string | null
  readonly log: readonly Attempt[]
}

export type StoredDestination = {
  readonly name: string
  readonly health: DestinationHealth
  readonly pending: number
  readonly dead: number
  /** Ever given up: only grows. */
  readonly died: number
  readonly oldestPendingAt: number | null
  readonly lastDeliveredAt: number | null
  /** Some engine that lives and shares this store names it in its configuration, whether or not ours does. */
  readonly isNamedElsewhere: boolean
  /** `noteServed` last noted that nobody names it. */
  readonly isNotedUnserved: boolean
}
