/** `browse` and `retrieve`: users see their own tickets, staff all. What is somebody else's is answered exactly like what is not there. */
import type { Asked } from '../api/call.ts'
import type { Problem } from '../api/errors.ts'
import type { Page, Ticket, TicketDetails } from '../api/ticket.ts'
import { browse, retrieve } from '../api/ticket-calls.ts'
import type { Destination } from '../domain/destination.ts'
import type { Principal } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store, TicketFilter } from '../domain/store.ts'
import { type StoredTicket, showEvent, showTicket } from '../domain/ticket.ts'
import type { Calls } from './call.ts'
import { showDelivery } from './deliveries.ts'
import { INVALID_NEXT, type PageTokens, positionOf } from './page-token.ts'

export type TicketsDeps = {
  readonly store: Pick<Store, 'ticket' | 'tickets' | 'events' | 'deliveries'>
  readonly references: ReferenceCode
  readonly pageTokens: PageTokens
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
}

export const registerTickets = (calls: Calls, deps: TicketsDeps): void => {
  calls.on(browse, (asked, caller) => browseTickets(deps, asked, caller))
  calls.on(retrieve, (asked, caller) => retrieveTicket(deps, asked, caller))
}

export const browseTickets = async (
  { store, references, pageTokens }: TicketsDeps,
  { itemsPerPage, next, ...asked }: Asked<typeof browse>,
  caller: Principal,
): Promise<Page<Ticket> | Problem> => {
  const limit = itemsPerPage ?? 50
  const scope = JSON.stringify(['browse', caller.username, caller.role, asked])
  const before = positionOf(pageTokens, scope, next)
  if (before === undefined) return INVALID_NEXT

  const filter = ownOnly(filterFrom(asked), caller)
  if (!filter) return { itemsPerPage: limit, items: [], next: null }
  const page = await store.tickets({ filter, before, limit })
  const items = page.tickets.map(ticket => showTicket(ticket, references))
  return { itemsPerPage: limit, items, next: page.next && pageTokens.seal(scope, page.next) }
}

/** The filters that lists and searches have in common. */
export const filterFrom = (asked: Omit<Asked<typeof browse>, 'itemsPerPage' | 'next'>): TicketFilter => ({
  username: asked.filterUser ?? null,
  status: asked.filterStatus ?? null,
  type: asked.filterType ?? null,
  destination: asked.filterDestination ?? null,
  delivery: asked.filterDelivery ?? null,
})

/** What the caller may see of what they ask for; undefined for nothing. */
const ownOnly = (asked: TicketFilter, { username, role }: Principal): TicketFilter | undefined => {
  if (role === 'ADMIN') return asked
  return asked.username === null || asked.username === username ? { ...asked, username } : undefined
}

export const retrieveTicket = async (
  deps: Omit<TicketsDeps, 'pageTokens'>,
  { id, includeTimeline, includeDeliveries }: Asked<typeof retrieve>,
  caller: Principal,
): Promise<TicketDetails | Problem> => {
  if (includeDeliveries && caller.role !== 'ADMIN') return DELIVERIES_FOR_STAFF
  const ticket = await findTicket(deps, id)
  if (!ticket || (caller.role !== 'ADMIN' && ticket.user.username !== caller.username)) return NO_SUCH_TICKET
  return {
    ...showTicket(ticket, deps.references),
    ...(includeTimeline && { timeline: await timelineOf(deps, ticket, caller) }),
    ...(includeDeliveries && { deliveries: await deliveriesOf(deps, ticket) }),
  }
}

/** By id or reference. */
export const findTicket = (
  deps: { readonly store: Pick<Store, 'ticket'>; readonly references: ReferenceCode },
  id: string,
): Promise<StoredTicket | undefined> => {
  const number = deps.references.parse(id)
  return deps.store.ticket(number === undefined ? { id } : { number })
}

const timelineOf = async ({ store }: Pick<TicketsDeps, 'store'>, ticket: StoredTicket, { role }: Principal) =>
  (await store.events({ ticketNumber: ticket.number }))
    .filter(event => role === 'ADMIN' || !event.internal)
    .map(event => showEvent(ticket, event))

const deliveriesOf = async ({ store, destinations }: Omit<TicketsDeps, 'pageTokens'>, ticket: StoredTicket) =>
  (await store.deliveries({ ticketNumber: ticket.number })).map(stored => showDelivery(ticket.id, stored, destinations))

const DELIVERIES_FOR_STAFF: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) can see where a ticket was delivered. Ask again without "includeDeliveries".',
}
export const NO_SUCH_TICKET: Problem = {
  code: 'NOT_FOUND',
  why: 'There is no such ticket, or it is not yours to see. Check the reference, and that you are signed in as the person who wrote it.',
}
