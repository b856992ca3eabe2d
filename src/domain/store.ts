/** What a store promises: the whole contract. test/contracts/store.ts exercises every sentence of it, for every store.
 *
 *  Every call rejects with `StoreUnavailable` when the store cannot answer, and with nothing else that a caller is to
 *  handle. `not-written` means that nothing happened; `unknown` that it may have: the same call with the same ids settles it. */
import type { DeliveryKey, DeliveryName, DeliveryProgress } from './delivery.ts'
import type { DestinationHealth } from './destination-health.ts'
import type { Session } from './session.ts'
import type {
  AcceptResult,
  AddedEvent,
  Announcement,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageQuery,
  ForgottenSlice,
  Lease,
  NewEvents,
  ReplayOrder,
  SearchQuery,
  Settlement,
  SettleResult,
  StoredDelivery,
  StoredDestination,
  StoredTicketPage,
  TicketQuery,
} from './store-shapes.ts'
import type { NewTicket, StoredEvent, StoredTicket } from './ticket.ts'

export type * from './store-shapes.ts'

export interface Store {
  /** Keys that the store made once and keeps: they live as long as the data. */
  readonly keys: { readonly reference: Uint8Array }

  // Intake
  /** Stores the ticket, its created event, one pending delivery per destination and its idempotency key, and counts the
   *  user's limit, in one transaction; resolves after the sync that covers it. Calls are decided in the order they are made.
   *  One more delivery for `acknowledgement.destination`, unless `ACKNOWLEDGEMENTS_PER_HOUR` of them went to that address for tickets
   *  within an hour of this one, in either direction: whoever wrote those. Nothing that happens later to the ticket follows it there. */
  accept(ticket: NewTicket): Promise<AcceptResult>
  /** The ticket with its current status, or undefined. By number or by id (a UUID in any case). */
  ticket(find: { readonly number: number } | { readonly id: string }): Promise<StoredTicket | undefined>

  // Looking
  /** Tickets that pass the filter, newest first by id, below the id `before`; at most `limit`. A page may hold fewer, even none, though
   *  more follow, so that a rare filter or long texts keep nobody else waiting: only `next` null means that nothing does. A ticket that
   *  is accepted meanwhile moves no other from one page to another. */
  tickets(query: TicketQuery): Promise<StoredTicketPage>
  /** Pages as `tickets` makes them, of those for which every clause holds as well (search-text.ts): its tokens occur in the ticket's subject,
   *  message, comments and notes together, or it has that number. No clause asks for nothing. Texts are found once `index` has taken them. */
  search(query: SearchQuery): Promise<StoredTicketPage>
  /** A ticket's whole timeline, internal notes included, in order; none for a ticket that is not there. */
  events(query: { readonly ticketNumber: number }): Promise<StoredEvent[]>

  // The conversation
  /** Adds what somebody did to tickets: each its event, the status it brings about, and a pending delivery wherever the created event went
   *  and was no acknowledgement, unless it is internal; with the audit's entry of the order. All in one transaction, or nothing: null when one of the tickets is not
   *  there. Asked again with the same order id, it answers as before. */
  addEvents(order: NewEvents): Promise<readonly AddedEvent[] | null>

  // Leases: the right to serve a destination until a moment in time. All durations in ms, by the store's own clock.
  /** Notes that the engine lives, for `forMs`, and which destinations it would serve. Tells which of those it holds it should give back, so that
   *  every engine that lives has its share. */
  join(request: {
    readonly engine: string
    readonly destinations: readonly string[]
    readonly forMs: number
  }): Promise<readonly string[]>
  /** The engine is not there any more. */
  leave(request: { readonly engine: string }): Promise<void>
  /** Takes the free or run-out leases among `destinations` for `forMs`; each taking raises the epoch. Destinations never seen before come into being. */
  takeLeases(request: {
    readonly engine: string
    readonly destinations: readonly string[]
    readonly forMs: number
  }): Promise<Lease[]>
  /** Extends what `engine` still holds, and tells what that is, with the health as it stands now. */
  renewLeases(request: { readonly engine: string; readonly forMs: number }): Promise<Lease[]>
  /** Gives one lease back at once, with the moment of the last send, so that the next holder keeps the pace. */
  giveBackLease(lease: {
    readonly destination: string
    readonly epoch: number
    readonly lastSentAt: number | null
  }): Promise<void>

  // Delivery
  /** Deliveries of the destination that may be tried at `now`, longest due first: pending, due, and with no earlier pending event
   *  of the same ticket. Also the next instant at which another one becomes due, if there is one after `now`. */
  due(query: {
    readonly destination: string
    readonly now: number
    readonly limit: number
  }): Promise<{ deliveries: DeliveryProgress[]; nextAt: number | null }>
  /** The pending head of a ticket that was tried longest ago (never tried = longest), whatever its own due time. */
  probe(query: { readonly destination: string }): Promise<DeliveryProgress | undefined>
  /** What the attempt of a delivery needs: the event, the ticket as it was at the event, the ref of the created event. */
  outgoing(delivery: DeliveryKey): Promise<{ ticket: StoredTicket; event: StoredEvent; ref: string | null } | undefined>
  /** Records one attempt and what follows from it, if the lease's epoch is still the current one. Settling the same attempt again
   *  changes nothing and answers `settled`. The destination's health is taken over unless staff changed it meanwhile (its revision
   *  differs); the answer holds the health as it stands. */
  settle(settlement: Settlement): Promise<SettleResult>
  /** Makes up to `limit` deliveries DEAD (`held-too-long`) that were made before `before`, of a destination held since before then. Returns how many. */
  expireHeld(request: {
    readonly destination: string
    readonly epoch: number
    readonly before: number
    readonly limit: number
  }): Promise<number>
  /** Notes how the destination fares, outside of any delivery, if the lease's epoch is still the current one; with what staff changed as in `settle`. */
  noteHealth(request: {
    readonly destination: string
    readonly epoch: number
    readonly health: DestinationHealth
  }): Promise<SettleResult>
  /** Deliveries of destinations that nobody serves are held from `now` on, if they were not before. @param request.served all that are served */
  holdUnserved(request: { readonly served: readonly string[]; readonly now: number }): Promise<void>
  /** Notes whether anybody's configuration names a destination that was ever leased or held.
   *  @param request.isWaiting whether anything waits there, which is held while nobody's does
   *  @returns whether that is a change */
  noteServed(request: {
    readonly destination: string
    readonly isServed: boolean
    readonly isWaiting: boolean
    readonly now: number
  }): Promise<boolean>
  /** A clock that went back must not delay retries: no delivery of the destination waits longer than its own backoff from `now`. Returns how many were due too late. */
  pullForward(request: { readonly destination: string; readonly now: number }): Promise<number>

  // Seeing and steering
  /** One ticket's deliveries, in order of event and destination, each with its attempts. */
  deliveries(query: { readonly ticketNumber: number }): Promise<StoredDelivery[]>
  /** Deliveries that pass the filter, newest first by id (ticket, event, destination), behind `before`; at most `limit`, each with its newest
   *  ten attempts. A page may hold fewer, even none, though more follow: only `next` null means that nothing does. */
  deliveryPage(query: DeliveryPageQuery): Promise<DeliveryPage>
  /** Every destination that was ever leased or has deliveries, by name. */
  destinations(): Promise<StoredDestination[]>
  /** Pauses or resumes a destination; repeating it changes nothing. Resuming resets unclear counts and backoff steps of what waits. */
  steer(request: {
    readonly destination: string
    readonly state: 'PAUSED' | 'OK'
    readonly reason: string | null
    readonly now: number
    /** For the audit, where somebody gave the order. */
    readonly order?: { readonly id: string; readonly by: string }
  }): Promise<DestinationHealth | undefined>

  // Replay
  /** Deliveries that pass the filter, in an order of the store's own, from behind `after`. A page may hold fewer than `limit`, even none,
   *  though more follow: only `next` null means that nothing does. */
  deliveryKeys(query: {
    readonly filter: DeliveryFilter
    readonly after: DeliveryKey | null
    readonly limit: number
  }): Promise<{ readonly keys: readonly DeliveryKey[]; readonly next: DeliveryKey | null }>
  /** Those of the named deliveries that are there, each with whether it passes the filter. */
  namedDeliveries(query: {
    readonly names: readonly DeliveryName[]
    readonly filter: DeliveryFilter
  }): Promise<readonly { readonly key: DeliveryKey; readonly passes: boolean }[]>
  /** Puts deliveries back to pending: due now, level and budget as at first; those that wait already, or were erased, are left alone.
   *  One transaction, with the audit's entry of the order (one for all calls with its id). Returns how many. */
  replay(order: ReplayOrder): Promise<number>

  // Announcements
  /** Every matter that was announced: when last, and its mark then. */
  announcements(): Promise<readonly Announcement[]>
  announced(announcement: Announcement): Promise<void>
  /** Why the newest (at most 1,000) of the destination's dead deliveries were given up, and how many for each reason. */
  deadReasons(query: {
    readonly destination: string
  }): Promise<readonly { readonly reason: string; readonly count: number }[]>

  // Sessions
  /** Opens a session for a sign-in link, once: `used` when the link has opened one before. */
  openSession(session: Session & { readonly link: Uint8Array }): Promise<'opened' | 'used'>
  /** Ends a session at once; one that is not there is no mistake. */
  closeSession(session: { readonly hash: Uint8Array }): Promise<void>
  /** The session with this hash that has not run out at `now`. */
  session(query: { readonly hash: Uint8Array; readonly now: number }): Promise<Session | undefined>

  // Keeping house
  /** One slice of making tickets and what was added to them searchable: up to `limit` tickets, oldest first, and fewer where texts are long.
   *  Returns roughly how many are left; 0 when none is. */
  index(request: { readonly limit: number }): Promise<number>
  /** Removes up to `limit` sessions, as many used links, and as many addresses of acknowledgements, that ran out. Returns how many rows went. Keys need no removing: they
   *  stand with their ticket, and count for 7 days. */
  prune(request: { readonly now: number; readonly limit: number }): Promise<number>
  /** One slice of forgetting: looks at up to `limit` tickets made before `before`, by id from the one after `after`, and removes them with
   *  all that is theirs, unless something happened to one since `before`, or a delivery is PENDING, or DEAD while the ticket is not
   *  CLOSED. The newest ticket stays, since its number must not be given again. `after` is where the next slice begins. */
  forgetTickets(request: {
    readonly before: number
    readonly after: string | null
    readonly limit: number
  }): Promise<ForgottenSlice<string | null>>
  /** The same for attempts made before `before` at deliveries that are not PENDING, of up to `limit` tickets, by number. */
  forgetAttempts(request: {
    readonly before: number
    readonly after: number
    readonly limit: number
  }): Promise<ForgottenSlice<number>>
  /** Resolves when the store can commit; rejects with why it cannot. */
  check(): Promise<void>
  /** Finishes what is under way and lets go of everything. Later calls reject. */
  close(): Promise<void>
}

/** Idempotency keys count this long. */
export const KEY_LIFETIME_MS = 7 * 24 * 3_600_000
/** The limit counts tickets in any window of this length. */
export const LIMIT_WINDOW_MS = 3_600_000
/** To one address, in any window of the same length. */
export const ACKNOWLEDGEMENTS_PER_HOUR = 3

export class StoreUnavailable extends Error {
  readonly outcome: 'not-written' | 'unknown'
  constructor(outcome: 'not-written' | 'unknown', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreUnavailable'
    this.outcome = outcome
  }
}
