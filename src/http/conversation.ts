/** `addComment` and `updateStatus`: what users and staff add to tickets. All items of a call, or none. */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Answered } from '../api/call.ts'
import type { Problem } from '../api/errors.ts'
import type { TicketStatus } from '../api/ticket.ts'
import { addComment, updateStatus } from '../api/ticket-calls.ts'
import type { Clock } from '../domain/clock.ts'
import { STAFF_MAY_SET_WITH_REPLY, USER_MAY_SET } from '../domain/conversation.ts'
import { eventId } from '../domain/delivery.ts'
import type { Principal } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import { type NewEvents, type Store, StoreUnavailable } from '../domain/store.ts'
import { messageProblem } from '../domain/submission.ts'
import { storable } from '../domain/text.ts'
import type { StoredTicket } from '../domain/ticket.ts'
import { type Calls, header } from './call.ts'
import { findTicket, NO_SUCH_TICKET } from './tickets.ts'

export type ConversationDeps = {
  readonly store: Pick<Store, 'ticket' | 'addEvents'>
  readonly references: ReferenceCode
  readonly clock: Pick<Clock, 'now'>
  readonly nextId: () => string
  /** UTF-16 units. */
  readonly messageMaxLength: number
  /** Deliveries to these destinations wait now. */
  readonly onPending: (destinations: readonly string[]) => void
}

/** What somebody wants to add to one ticket. */
export type Addition = {
  readonly id: string
  readonly message: string | null
  readonly internal: boolean
  readonly status: TicketStatus | null
}

export const registerConversation = (calls: Calls, { add }: Conversation): void => {
  calls.on(addComment, ({ items }, caller, request) =>
    add(
      'comment',
      caller,
      keyOf(request),
      items.map(({ id, message, internal, status }) => ({
        id,
        message,
        internal: internal ?? false,
        status: status ?? null,
      })),
    ),
  )
  calls.on(updateStatus, ({ items }, caller, request) =>
    add(
      'status',
      caller,
      keyOf(request),
      items.map(item => ({ ...item, message: null, internal: false })),
    ),
  )
}

export type Conversation = {
  /** Adds all, or nothing. @param key of the idempotency header, or of a form: the same again adds nothing */
  add(
    act: NewEvents['act'],
    caller: Principal,
    key: string | null,
    additions: readonly Addition[],
  ): Promise<Answered<typeof addComment> | Problem>
}

export const makeConversation = (deps: ConversationDeps): Conversation => ({
  async add(act, caller, key, additions) {
    if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key)) return INVALID_KEY
    const cleaned = additions.map(item => ({ ...item, message: item.message === null ? null : storable(item.message) }))
    const problem = firstOf(cleaned, item => partProblem(item, caller, deps.messageMaxLength))
    if (problem) return problem

    const tickets = await Promise.all(cleaned.map(({ id }) => findTicket(deps, id)))
    const items: NewEvents['items'][number][] = []
    const ids = new Map<number, string>()
    for (const [index, { message, internal, status }] of cleaned.entries()) {
      const ticket = tickets[index]
      if (!ticket || !maySee(caller, ticket)) return whichOf(cleaned, index, NO_SUCH_TICKET)
      ids.set(ticket.number, ticket.id)
      items.push({ ticketNumber: ticket.number, message, internal, status })
    }
    const by = { username: caller.username, name: caller.name, staff: caller.role === 'ADMIN' }
    const id = key === null ? deps.nextId() : orderId(caller, key, items)
    const added = await stored(deps.store, { id, act, by, at: deps.clock.now(), items })
    if (added === null) return NO_SUCH_TICKET
    if ('why' in added) return added
    deps.onPending([...new Set(added.flatMap(({ destinations }) => destinations))])
    return { responses: added.map(event => ({ id: eventId(ids.get(event.ticketNumber) ?? '', event.eventNumber) })) }
  },
})

const keyOf = (request: FastifyRequest): string | null => header(request, 'idempotency-key')

const maySee = ({ role, username }: Principal, ticket: StoredTicket): boolean =>
  role === 'ADMIN' || ticket.user.username === username

/** What the caller may not give comes before what is wrong with the text. */
const partProblem = (
  { message, internal, status }: Addition,
  caller: Principal,
  maxLength: number,
): Problem | undefined => {
  const isStaff = caller.role === 'ADMIN'
  if (internal && !isStaff) return NOTES_FOR_STAFF
  if (message === null)
    return isStaff || status === null || USER_MAY_SET.includes(status) ? undefined : STATUS_FOR_STAFF
  if (status !== null) {
    if (!isStaff) return STATUS_FOR_STAFF
    if (internal) return STATUS_WITH_NOTE
    if (!STAFF_MAY_SET_WITH_REPLY.includes(status)) return STATUS_OF_A_REPLY
  }
  return messageProblem(message, maxLength)
}

const firstOf = (
  items: readonly Addition[],
  problemOf: (item: Addition) => Problem | undefined,
): Problem | undefined => {
  for (const [index, item] of items.entries()) {
    const problem = problemOf(item)
    if (problem) return whichOf(items, index, problem)
  }
  return undefined
}

/** In a call with several, says which. */
const whichOf = (items: readonly unknown[], index: number, problem: Problem): Problem =>
  items.length === 1
    ? problem
    : { ...problem, why: `items[${index}]: ${problem.why} None of the ${items.length} was done.` }

/** The same order for the same key and the same content. */
const orderId = ({ username }: Principal, key: string, items: NewEvents['items']): string =>
  createHash('sha256')
    .update(JSON.stringify([username, key, items]))
    .digest('base64url')

const stored = async (store: ConversationDeps['store'], order: NewEvents) => {
  try {
    return await store.addEvents(order)
  } catch (error) {
    if (error instanceof StoreUnavailable && error.outcome === 'unknown') return OUTCOME_UNKNOWN
    throw error
  }
}

const INVALID_KEY: Problem = {
  code: 'INVALID_IDEMPOTENCY_KEY',
  why: 'The Idempotency-Key must be 1 to 255 visible ASCII characters. Nothing was changed; send again with another key.',
}
const NOTES_FOR_STAFF: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) can write internal notes. Nothing was sent; leave "internal" out.',
}
const STATUS_FOR_STAFF: Problem = {
  code: 'FORBIDDEN',
  why: `Only staff (role ADMIN) can set this. You can say that your own ticket is solved (${USER_MAY_SET[0]}) or came back (${USER_MAY_SET[1]}); nothing was changed.`,
}
const STATUS_WITH_NOTE: Problem = {
  code: 'INVALID_FIELD',
  why: 'An internal note changes no status: use updateStatus beside it. Nothing was sent.',
}
const STATUS_OF_A_REPLY: Problem = {
  code: 'INVALID_FIELD',
  why: `With a reply, "status" is one of ${STAFF_MAY_SET_WITH_REPLY.join(', ')}. Nothing was sent.`,
}
const OUTCOME_UNKNOWN: Problem = {
  code: 'OUTCOME_UNKNOWN',
  why: 'We do not know yet whether this was stored: the store did not answer in time. Look at the ticket in a moment, or send the same again with the same Idempotency-Key: it cannot arrive twice.',
  retryAfterSeconds: 5,
}
