/** `browseDeliveries`: what went where, what waits, and what was given up and why. */
import { browseDeliveries } from '../api/delivery-calls.ts'
import type { Delivery } from '../api/ticket.ts'
import { deliveryId, eventId } from '../domain/delivery.ts'
import type { Destination } from '../domain/destination.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { DeliveryFilter, DeliveryPage, Store, StoredDelivery } from '../domain/store.ts'
import type { Calls } from './call.ts'
import { INVALID_NEXT, type PageTokens, positionOf } from './page-token.ts'

export type DeliveriesDeps = {
  readonly store: Pick<Store, 'ticket' | 'deliveryPage'>
  readonly references: ReferenceCode
  readonly pageTokens: PageTokens
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
}

/** A rare filter looks at so many of the store's slices before the page is sent as it is. */
const SLICES_MAX = 20

export const registerDeliveries = (calls: Calls, deps: DeliveriesDeps): void =>
  calls.on(browseDeliveries, async ({ itemsPerPage, next, ...asked }, caller) => {
    const limit = itemsPerPage ?? 50
    const scope = JSON.stringify(['browseDeliveries', caller.username, caller.role, asked])
    const position = positionOf(deps.pageTokens, scope, next)
    if (position === undefined) return INVALID_NEXT

    const filter = await filterOf(deps, {
      ticket: asked.filterTicket ?? null,
      destination: asked.filterDestination ?? null,
      state: asked.filterState ?? null,
      reason: asked.filterReason ?? null,
      from: asked.from ?? null,
      to: asked.to ?? null,
    })
    if (!filter) return { itemsPerPage: limit, items: [], next: null }
    const items: Delivery[] = []
    let page: DeliveryPage = { deliveries: [], next: position === null ? null : JSON.parse(position) }
    for (let slice = 0; slice < SLICES_MAX && items.length < limit; slice += 1) {
      page = await deps.store.deliveryPage({ filter, before: page.next, limit: limit - items.length })
      items.push(...page.deliveries.map(stored => showDelivery(stored.ticketId, stored, deps.destinations)))
      if (page.next === null) break
    }
    return { itemsPerPage: limit, items, next: page.next && deps.pageTokens.seal(scope, JSON.stringify(page.next)) }
  })

type AskedFilter = Omit<DeliveryFilter, 'ticketNumber'> & { readonly ticket: string | null }

/** The store's filter; undefined when it names a ticket that there is not, so that nothing passes. */
export const filterOf = async (
  { store, references }: { readonly store: Pick<Store, 'ticket'>; readonly references: ReferenceCode },
  { ticket, destination, state, reason, from, to }: AskedFilter,
): Promise<DeliveryFilter | undefined> => {
  const number = ticket === null ? null : (references.parse(ticket) ?? (await store.ticket({ id: ticket }))?.number)
  return number === undefined ? undefined : { ticketNumber: number, destination, state, reason, from, to }
}

export const showDelivery = (
  ticketId: string,
  { progress, state, reason, log }: StoredDelivery,
  destinations: readonly Destination[],
): Delivery => ({
  id: deliveryId(ticketId, progress),
  ticketId,
  eventId: eventId(ticketId, progress.eventNumber),
  destination: progress.destination,
  kind: destinations.find(({ name }) => name === progress.destination)?.kind.kind ?? null,
  state,
  attempts: progress.attempts,
  nextAttemptAt: state === 'PENDING' ? progress.nextAttemptAt : null,
  reason,
  log,
})
