/** What goes into the calls and what comes out of them. The shapes that travel are those of api/. */
import type { ErrorCode } from '../api/errors.ts'
import type {
  AttemptOutcome,
  Delivery,
  DeliveryState,
  DestinationState,
  JsonObject,
  Page,
  Ticket,
  TicketEvent,
  TicketStatus,
  TicketType,
} from '../api/ticket.ts'

export type ClientOptions = {
  /** Where the service is: what stands before `/api/support`. In a browser it may be relative; `''` is the page's own origin. */
  readonly url: string
  /** The user's token, or a function that gets one; it is asked anew for every request, and once more when a token was refused,
   *  which it then gets as its argument. Without: the session cookie of the same origin. */
  readonly token?: string | ((refused?: string) => string | Promise<string>) | undefined
  /** For one try, its answer read to the end. Default 10,000. A `Retry-After` up to so long is waited for; on a longer one the call ends. */
  readonly timeoutMs?: number | undefined
  /** Tries beyond the first. Default 3. */
  readonly retries?: number | undefined
}

export type CallOptions = {
  /** Ends the call at once. A request that is on its way may arrive all the same. */
  readonly signal?: AbortSignal | undefined
}

/** A stable code (docs/errors.md). A service newer than this client may have others; null: the answer was not the service's. */
export type FailureCode = ErrorCode | (string & Record<never, never>) | null

export type NewTicket = {
  readonly message: string
  readonly subject?: string | null
  readonly type?: TicketType | null
  readonly context?: JsonObject | null
}

export type CreateOptions = CallOptions & {
  /** Of an outcome that is `unknown`: the ticket is sent again under it, and cannot arrive twice. Made by `createTicket` where it is not given. */
  readonly key?: string | undefined
}

/** - `received`: it is stored, and will reach the team.
 *  - `rejected`: the service says that it is not stored. `why` is a sentence for the person who wrote.
 *  - `unknown`: nobody can say. Keep the text, and send it again with the `key`: that settles it. */
export type TicketOutcome =
  | { readonly outcome: 'received'; readonly reference: string; readonly id: string }
  | ({ readonly outcome: 'rejected' } & Failure)
  | ({ readonly outcome: 'unknown'; readonly key: string } & Failure)

/** Why there is nothing better to tell. */
export type Failure = {
  /** A sentence for a person: what happened, what is safe, what to do. */
  readonly why: string
  readonly errorCode: FailureCode
  /** Null when there was no answer. */
  readonly statusCode: number | null
  /** Not before then does it make sense to try again; null when nobody said. */
  readonly retryAfterMs: number | null
}

/** With `errorCode: null` no answer came that is the service's, and of a call that changes something it is not known whether it did. */
export type Result<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Failure)

export type PageRequest = { readonly itemsPerPage?: number; readonly next?: string | null }

export type TicketFilters = {
  readonly filterStatus?: TicketStatus | null
  readonly filterType?: TicketType | null
  readonly filterUser?: string | null
  readonly filterDestination?: string | null
  readonly filterDelivery?: DeliveryState | null
}

/** Milliseconds since 1970; `from` inclusive, `to` exclusive. */
export type Window = { readonly from?: number | null; readonly to?: number | null }

export type DeliveryFilters = Window & {
  /** Id or reference. */
  readonly filterTicket?: string | null
  readonly filterDestination?: string | null
  readonly filterState?: DeliveryState | null
  readonly filterReason?: string | null
}

export type Retrieve = { readonly id: string; readonly includeTimeline?: boolean; readonly includeDeliveries?: boolean }
export type TicketDetails = Ticket & {
  readonly timeline?: readonly TicketEvent[]
  readonly deliveries?: readonly Delivery[]
}

export type NewComment = {
  readonly id: string
  readonly message: string
  /** A note among staff. */
  readonly internal?: boolean
  readonly status?: TicketStatus | null
}
export type Replay = DeliveryFilters & {
  readonly ids?: readonly string[]
  readonly toDestination?: string | null
  readonly dryRun?: boolean
  /** For whoever reads the audit later. */
  readonly why?: string | null
}
export type DestinationView = {
  readonly name: string
  readonly kind: string | null
  readonly state: DestinationState
  readonly reason: string | null
  readonly pending: number
  readonly dead: number
  readonly oldestPendingAt: number | null
  readonly nextAttemptAt: number | null
  readonly lastDeliveredAt: number | null
}
export type DestinationTest = {
  readonly outcome: AttemptOutcome
  readonly status: number | null
  readonly excerpt: string | null
}
export type Bulk<T> = { readonly items: readonly T[] }
export type BulkAnswer = { readonly responses: readonly { readonly id: string }[] }

type Call<Input, Output> = (input: Input, options?: CallOptions) => Promise<Result<Output>>

/** The calls of the service by their own names. None throws or rejects. */
export type Client = {
  createTicket(ticket: NewTicket, options?: CreateOptions): Promise<TicketOutcome>
  /** One's own tickets, newest first; staff: all. */
  browse(filters?: TicketFilters & PageRequest, options?: CallOptions): Promise<Result<Page<Ticket>>>
  retrieve: Call<Retrieve, TicketDetails>
  search: Call<{ readonly query: string } & TicketFilters & Window & PageRequest, Page<Ticket>>
  addComment: Call<Bulk<NewComment>, BulkAnswer>
  updateStatus: Call<Bulk<{ readonly id: string; readonly status: TicketStatus }>, BulkAnswer>
  browseDeliveries(filters?: DeliveryFilters & PageRequest, options?: CallOptions): Promise<Result<Page<Delivery>>>
  replay: Call<Replay, { readonly count: number }>
  browseDestinations(filters?: PageRequest, options?: CallOptions): Promise<Result<Page<DestinationView>>>
  testDestination: Call<{ readonly name: string }, DestinationTest>
  pauseDestination: Call<{ readonly name: string }, DestinationView>
  resumeDestination: Call<{ readonly name: string }, DestinationView>
}
