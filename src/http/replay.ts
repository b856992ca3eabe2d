/** `replay`: puts what was given up (or delivered) back to pending, on purpose: one or a hundred thousand. */
import type { Asked } from '../api/call.ts'
import { replay } from '../api/delivery-calls.ts'
import type { Problem } from '../api/errors.ts'
import type { DeliveryState } from '../api/ticket.ts'
import type { Clock } from '../domain/clock.ts'
import { type DeliveryKey, type DeliveryName, parseDeliveryId } from '../domain/delivery.ts'
import type { Destination } from '../domain/destination.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { DeliveryFilter, Store } from '../domain/store.ts'
import type { Calls } from './call.ts'
import { filterOf } from './deliveries.ts'

export type ReplayDeps = {
  readonly store: Pick<Store, 'ticket' | 'destinations' | 'deliveryKeys' | 'namedDeliveries' | 'replay'>
  readonly references: ReferenceCode
  readonly clock: Pick<Clock, 'now'>
  readonly nextId: () => string
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
  /** For the log. */
  readonly onReplayed: (replay: Replayed) => void
  /** Deliveries to these destinations wait now. */
  readonly onPending: (destinations: readonly string[]) => void
}

/** So many at once: each such step is a transaction, and tickets are stored between them. */
const SLICE = 500

export const registerReplay = (calls: Calls, deps: ReplayDeps): void =>
  calls.on(replay, (asked, caller) => replayAsked(deps, asked, caller.username))

export type Replayed = { readonly by: string; readonly count: number; readonly asked: ReplayOrdered }

/** What was asked for: ids and codes, no text of a user. */
export type ReplayOrdered = {
  readonly ids: number | null
  readonly ticket: string | null
  readonly destination: string | null
  readonly state: DeliveryState
  readonly reason: string | null
  readonly from: number | null
  readonly to: number | null
  readonly toDestination: string | null
}

/** Puts back what was asked for. @param by whoever asks, for the audit */
export const replayAsked = async (
  deps: ReplayDeps,
  request: Asked<typeof replay>,
  by: string,
): Promise<{ readonly count: number } | Problem> => {
  const { store, clock } = deps
  const { ids, dryRun: isDryRun = false, filterState, toDestination = null } = request
  const named = ids ?? []
  const filters = [
    request.filterTicket,
    request.filterDestination,
    request.filterReason,
    filterState,
    request.from,
    request.to,
  ]
  if (named.length === 0 && filters.every(value => (value ?? null) === null)) return WHICH
  const other = deps.destinations.find(({ name }) => name === toDestination)
  if (toDestination !== null && !other) return NO_SUCH_TARGET
  if (other?.kind.isToWriter) return TO_WRITERS

  const asked = {
    ids: named.length || null,
    ticket: request.filterTicket ?? null,
    destination: request.filterDestination ?? null,
    state: filterState ?? 'DEAD',
    reason: request.filterReason ?? null,
    from: request.from ?? null,
    to: request.to ?? null,
    toDestination,
  }
  const filter = await filterOf(deps, asked)
  if (!filter) return { count: 0 }
  if (asked.destination !== null && !(await isKnown(deps, asked.destination))) return NO_SUCH_DESTINATION
  const pages = named.length > 0 ? await namedIn(store, named, filter) : matching(store, filter)
  if ('why' in pages) return pages

  const id = deps.nextId()
  const detail = JSON.stringify({ ...asked, why: request.why ?? null })
  let count = 0
  /** Events of the pages before: of two deliveries of one event only one goes to the other place, as it would be for real. */
  const counted = new Set<string>()
  for await (const page of pages) {
    const keys = isDryRun && toDestination !== null ? page.filter(key => !counted.has(eventOf(key))) : page
    for (const key of isDryRun ? keys : []) counted.add(eventOf(key))
    if (keys.length === 0) continue
    const order = { keys, state: asked.state, to: toDestination, now: clock.now(), isDryRun: isDryRun ?? false }
    count += await store.replay({ ...order, id, by, detail })
    if (!isDryRun) deps.onPending([...new Set(keys.map(key => toDestination ?? key.destination))])
  }
  if (!isDryRun) deps.onReplayed({ by, count, asked })
  return { count }
}

const eventOf = ({ ticketNumber, eventNumber }: DeliveryKey): string => `${ticketNumber}/${eventNumber}`

/** A name that was typed wrong must not look like a destination where nothing was given up. */
const isKnown = async ({ store, destinations }: ReplayDeps, name: string): Promise<boolean> =>
  destinations.some(configured => configured.name === name) ||
  (await store.destinations()).some(stored => stored.name === name)

async function* matching(store: ReplayDeps['store'], filter: DeliveryFilter): AsyncGenerator<readonly DeliveryKey[]> {
  for (let after: DeliveryKey | null = null; ; ) {
    const page: Awaited<ReturnType<Store['deliveryKeys']>> = await store.deliveryKeys({ filter, after, limit: SLICE })
    yield page.keys
    if (page.next === null) return
    after = page.next
  }
}

/** All of them are looked up before the first is replayed: one that is not there, and nothing happens. */
const namedIn = async (
  store: ReplayDeps['store'],
  ids: readonly string[],
  filter: DeliveryFilter,
): Promise<(readonly DeliveryKey[])[] | Problem> => {
  const names = new Map<string, DeliveryName>()
  for (const id of ids) {
    const name = parseDeliveryId(id)
    if (!name) return NO_SUCH_DELIVERY
    names.set(JSON.stringify(name), name)
  }
  const pages: DeliveryKey[][] = []
  const all = [...names.values()]
  for (let at = 0; at < all.length; at += SLICE) {
    const slice = all.slice(at, at + SLICE)
    const found = await store.namedDeliveries({ names: slice, filter })
    if (found.length < slice.length) return NO_SUCH_DELIVERY
    pages.push(found.filter(({ passes }) => passes).map(({ key }) => key))
  }
  return pages
}

const WHICH: Problem = {
  code: 'INVALID_FIELD',
  why: 'Say which deliveries: "ids", or at least one of filterTicket, filterDestination, filterState, filterReason, from, to. Nothing was replayed.',
}
const NO_SUCH_TARGET: Problem = {
  code: 'NOT_FOUND',
  why: 'There is no such destination to send to, so nothing was replayed. browseDestinations lists those there are.',
}
const TO_WRITERS: Problem = {
  code: 'INVALID_FIELD',
  why: 'This destination writes to the users, and takes nothing that was meant for the team. Nothing was replayed; name one of the team in "toDestination".',
}
const NO_SUCH_DESTINATION: Problem = {
  code: 'NOT_FOUND',
  why: 'There is no destination of the name in "filterDestination", so nothing was replayed. browseDestinations lists those there are.',
}
const NO_SUCH_DELIVERY: Problem = {
  code: 'NOT_FOUND',
  why: 'One of the ids is no delivery that there is, so nothing was replayed. Take ids from "deliveries" of a ticket.',
}
