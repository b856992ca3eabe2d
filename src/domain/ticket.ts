/** A ticket on its way from a request body to the store and back out: what is kept, and how it is shown. */
import type { EventKind, JsonObject, Ticket, TicketEvent, TicketStatus, TicketType, TicketUser } from '../api/ticket.ts'
import { eventId } from './delivery.ts'
import type { ReferenceCode } from './reference.ts'

/** What intake hands to the store. */
export type NewTicket = {
  /** UUIDv7. */
  readonly id: string
  readonly createdAt: number
  readonly type: TicketType | null
  readonly subject: string
  readonly message: string
  readonly user: TicketUser
  readonly project: { readonly id: string; readonly listed: boolean } | null
  /** Ids of the writer's projects, at most 100. */
  readonly projects: readonly string[]
  readonly technical: { readonly requestId: string; readonly userAgent: string | null }
  readonly context: JsonObject | null
  readonly destinations: readonly string[]
  /** Who tells the writer that the ticket arrived, and the mailbox that it is counted for, in small letters and without a tag. Absent: nobody. */
  readonly acknowledgement?: { readonly destination: string; readonly address: string }
  /** Tickets this user may send in any hour. */
  readonly limitPerHour: number
  readonly idempotency: { readonly key: string; readonly fingerprint: Uint8Array } | null
}

export type StoredTicket = Omit<NewTicket, 'destinations' | 'acknowledgement' | 'limitPerHour' | 'idempotency'> & {
  /** 1, 2, 3 … in the order of acceptance; the reference is made from it. */
  readonly number: number
  readonly status: TicketStatus
}

export type StoredEvent = {
  readonly ticketNumber: number
  readonly eventNumber: number
  readonly kind: EventKind
  readonly at: number
  readonly by: TicketEvent['by']
  readonly message: string | null
  readonly internal: boolean
  readonly status: TicketStatus | null
}

/** Destinations that may have something to do once it is stored. */
export const awaiting = ({ destinations, acknowledgement }: NewTicket): readonly string[] =>
  acknowledgement ? [...destinations, acknowledgement.destination] : destinations

/** The ticket as the API, a webhook and every destination show it. */
export const showTicket = (stored: StoredTicket, references: ReferenceCode): Ticket => ({
  id: stored.id,
  reference: references.format(stored.number),
  createdAt: stored.createdAt,
  status: stored.status,
  type: stored.type,
  subject: stored.subject,
  message: stored.message,
  user: stored.user,
  project: stored.project,
  technical: stored.technical,
  context: stored.context,
})

export const showEvent = (ticket: StoredTicket, event: StoredEvent): TicketEvent => ({
  id: eventId(ticket.id, event.eventNumber),
  ticketId: ticket.id,
  kind: event.kind,
  at: event.at,
  by: event.by,
  message: event.message,
  internal: event.internal,
  status: event.status,
})
