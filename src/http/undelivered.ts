/** The first of what is not delivered: given up, or waiting for a destination that takes nothing. However much there is of everything
 *  else, only so much is read: both are found by their indexes. */
import type { Undelivered } from '#pages'
import type { DestinationView } from '../api/ticket.ts'
import type { DeliveryKey } from '../domain/delivery.ts'
import type { Destination } from '../domain/destination.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store } from '../domain/store.ts'
import { showTicket } from '../domain/ticket.ts'
import { showDelivery } from './deliveries.ts'
import { listed } from './ticket-view.ts'

export type UndeliveredDeps = {
  readonly store: Pick<Store, 'deliveryKeys' | 'due' | 'ticket' | 'deliveries'>
  readonly references: ReferenceCode
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
}

const OF_EACH = 10
const IN_ALL = 20
/** Due at any time. */
const ALWAYS = Number.MAX_SAFE_INTEGER

export const firstUndelivered = async (
  deps: UndeliveredDeps,
  destinations: readonly DestinationView[],
): Promise<Undelivered[]> => {
  const keys: DeliveryKey[] = []
  for (const destination of destinations) if (destination.dead > 0) keys.push(...(await deadAt(deps, destination.name)))
  for (const { name, state, pending } of destinations) {
    if (state === 'OK' || pending === 0) continue
    keys.push(...(await deps.store.due({ destination: name, now: ALWAYS, limit: OF_EACH })).deliveries)
  }
  const rows = await Promise.all(keys.slice(0, IN_ALL).map(key => rowOf(deps, key)))
  return rows.filter(row => row !== undefined)
}

const deadAt = async ({ store }: UndeliveredDeps, destination: string): Promise<readonly DeliveryKey[]> => {
  const filter = { ticketNumber: null, destination, state: 'DEAD', reason: null, from: null, to: null } as const
  return (await store.deliveryKeys({ filter, after: null, limit: OF_EACH })).keys
}

const rowOf = async (
  { store, references, destinations }: UndeliveredDeps,
  { ticketNumber, eventNumber, destination }: DeliveryKey,
): Promise<Undelivered | undefined> => {
  const ticket = await store.ticket({ number: ticketNumber })
  const stored = (await store.deliveries({ ticketNumber })).find(
    ({ progress }) => progress.eventNumber === eventNumber && progress.destination === destination,
  )
  if (!ticket || !stored) return undefined
  const { reference, subject } = listed(showTicket(ticket, references))
  return { reference, subject, delivery: showDelivery(ticket.id, stored, destinations) }
}
