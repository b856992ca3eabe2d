/** `browse` and `retrieve`: users see their own tickets, staff all. What is somebody else's is answered exactly like what is not there. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import { type Delivery, deliveryStates, type Page, type Ticket, ticketStatuses, ticketTypes } from '../api/ticket.ts'
import { deliveryId, eventId } from '../domain/delivery.ts'
import type { Destination } from '../domain/destination.ts'
import type { Principal } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store, StoredDelivery, TicketFilter } from '../domain/store.ts'
import { type StoredTicket, showEvent, showTicket } from '../domain/ticket.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import { type CallerDeps, callerOf } from './caller.ts'
import type { PageTokens } from './page-token.ts'
import { Query } from './query.ts'
import { BUSY, userSlots } from './slots.ts'

export type TicketsDeps = CallerDeps & {
  readonly store: Pick<Store, 'ticket' | 'tickets' | 'events' | 'deliveries'>
  readonly references: ReferenceCode
  readonly pageTokens: PageTokens
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
}

/** Lists that one user may have on the way to them at once: each may be megabytes, for as long as nobody reads it. */
const LISTS_MAX = 4

export const registerTickets = (app: FastifyInstance, deps: TicketsDeps): void => {
  const lists = userSlots(LISTS_MAX)
  const method = ['GET', 'HEAD']
  app.route({
    method,
    url: '/api/support/browse',
    handler: (request, reply) =>
      asCaller(deps, request, reply, 'support.browse:read', async caller =>
        lists.take(caller.username, reply.raw) ? browse(deps, request, caller) : BUSY,
      ),
  })
  app.route({
    method,
    url: '/api/support/retrieve',
    handler: (request, reply) =>
      asCaller(deps, request, reply, 'support.retrieve:read', caller => retrieve(deps, request, caller)),
  })
}

const asCaller = async (
  deps: TicketsDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  scope: string,
  work: (caller: Principal) => Promise<object>,
): Promise<FastifyReply> => {
  const caller = await callerOf(deps, request, scope)
  const answer = 'code' in caller ? caller : await work(caller)
  if (isProblem(answer)) return sendProblem(reply, answer)
  return reply.headers({ 'content-type': JSON_TYPE, 'cache-control': 'no-store' }).send(JSON.stringify(answer))
}

const isProblem = (answer: object): answer is Problem => 'why' in answer

const browse = async (
  { store, references, pageTokens }: TicketsDeps,
  request: FastifyRequest,
  caller: Principal,
): Promise<Page<Ticket> | Problem> => {
  const query = new Query(request)
  const asked = {
    status: query.oneOf('filterStatus', ticketStatuses),
    type: query.oneOf('filterType', ticketTypes),
    username: query.text('filterUser'),
    destination: query.text('filterDestination'),
    delivery: query.oneOf('filterDelivery', deliveryStates),
  }
  const itemsPerPage = query.itemsPerPage()
  const scope = JSON.stringify(['browse', caller.username, caller.role, Object.values(asked)])
  const next = query.text('next')
  const before = next === null ? null : pageTokens.open(scope, next)
  if (query.problem) return query.problem
  if (before === undefined) return INVALID_NEXT

  const filter = ownOnly(asked, caller)
  if (!filter) return { itemsPerPage, items: [], next: null }
  const page = await store.tickets({ filter, before, limit: itemsPerPage })
  const items = page.tickets.map(ticket => showTicket(ticket, references))
  return { itemsPerPage, items, next: page.next && pageTokens.seal(scope, page.next) }
}

/** What the caller may see of what they ask for; undefined for nothing. */
const ownOnly = (asked: TicketFilter, { username, role }: Principal): TicketFilter | undefined => {
  if (role === 'ADMIN') return asked
  return asked.username === null || asked.username === username ? { ...asked, username } : undefined
}

const retrieve = async (deps: TicketsDeps, request: FastifyRequest, caller: Principal): Promise<object> => {
  const query = new Query(request)
  const id = query.text('id')
  const [withTimeline, withDeliveries] = [query.flag('includeTimeline'), query.flag('includeDeliveries')]
  if (query.problem) return query.problem
  if (id === null) return WHICH
  if (withDeliveries && caller.role !== 'ADMIN') return DELIVERIES_FOR_STAFF

  const ticket = await find(deps, id)
  if (!ticket || (caller.role !== 'ADMIN' && ticket.user.username !== caller.username)) return NO_SUCH_TICKET
  return {
    ...showTicket(ticket, deps.references),
    ...(withTimeline && { timeline: await timelineOf(deps, ticket, caller) }),
    ...(withDeliveries && { deliveries: await deliveriesOf(deps, ticket) }),
  }
}

const find = (deps: TicketsDeps, id: string): Promise<StoredTicket | undefined> => {
  const number = deps.references.parse(id)
  return deps.store.ticket(number === undefined ? { id } : { number })
}

const timelineOf = async ({ store }: TicketsDeps, ticket: StoredTicket, { role }: Principal) =>
  (await store.events({ ticketNumber: ticket.number }))
    .filter(event => role === 'ADMIN' || !event.internal)
    .map(event => showEvent(ticket, event))

const deliveriesOf = async ({ store, destinations }: TicketsDeps, ticket: StoredTicket): Promise<Delivery[]> =>
  (await store.deliveries({ ticketNumber: ticket.number })).map(stored => showDelivery(ticket, stored, destinations))

const showDelivery = (
  ticket: StoredTicket,
  { progress, state, reason, log }: StoredDelivery,
  destinations: readonly Destination[],
): Delivery => ({
  id: deliveryId(ticket.id, progress),
  ticketId: ticket.id,
  eventId: eventId(ticket.id, progress.eventNumber),
  destination: progress.destination,
  kind: destinations.find(({ name }) => name === progress.destination)?.kind.kind ?? null,
  state,
  attempts: progress.attempts,
  nextAttemptAt: state === 'PENDING' ? progress.nextAttemptAt : null,
  reason,
  log,
})

const WHICH: Problem = {
  code: 'INVALID_FIELD',
  why: 'Say which ticket: ?id= with its id or its reference (SUP-…). Nothing was read or changed.',
}
const INVALID_NEXT: Problem = {
  code: 'INVALID_PAGE_TOKEN',
  why: 'This "next" does not belong to this list as you ask for it now. Ask again without it, and begin at the first page.',
}
const DELIVERIES_FOR_STAFF: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) can see where a ticket was delivered. Ask again without "includeDeliveries".',
}
const NO_SUCH_TICKET: Problem = {
  code: 'NOT_FOUND',
  why: 'There is no such ticket, or it is not yours to see. Check the reference, and that you are signed in as the person who wrote it.',
}
