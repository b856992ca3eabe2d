/** `replay`: puts what was given up (or delivered) back to pending, on purpose: one or a hundred thousand. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import { type DeliveryState, deliveryStates } from '../api/ticket.ts'
import type { Clock } from '../domain/clock.ts'
import { type DeliveryKey, type DeliveryName, parseDeliveryId } from '../domain/delivery.ts'
import type { Destination } from '../domain/destination.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { DeliveryFilter, Store } from '../domain/store.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import type { CallerDeps } from './caller.ts'
import { Fields } from './fields.ts'
import { staffOnly } from './staff.ts'

export type ReplayDeps = CallerDeps & {
  readonly store: Pick<Store, 'ticket' | 'deliveryKeys' | 'namedDeliveries' | 'replay'>
  readonly references: ReferenceCode
  readonly clock: Pick<Clock, 'now'>
  readonly nextId: () => string
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
  /** For the log. */
  readonly onReplayed: (replay: { readonly by: string; readonly count: number; readonly asked: Asked }) => void
  /** Deliveries to these destinations wait now. */
  readonly onPending: (destinations: readonly string[]) => void
}

/** So many at once: each such step is a transaction, and tickets are stored between them. */
const SLICE = 500

export const registerReplay = (app: FastifyInstance, deps: ReplayDeps): void => {
  app.post('/api/support/replay', {
    onRequest: staffOnly(deps, 'support.replay:write'),
    handler: async (request, reply) => {
      const answer = await replay(deps, request)
      if ('why' in answer) return sendProblem(reply, answer)
      return reply.header('content-type', JSON_TYPE).send(JSON.stringify(answer))
    },
  })
}

/** What was asked for: ids and codes, no text of a user. */
export type Asked = {
  readonly ids: number | null
  readonly ticket: string | null
  readonly destination: string | null
  readonly state: DeliveryState
  readonly reason: string | null
  readonly from: number | null
  readonly to: number | null
  readonly toDestination: string | null
}

const replay = async (deps: ReplayDeps, request: FastifyRequest): Promise<{ readonly count: number } | Problem> => {
  const { store, clock } = deps
  const fields = new Fields(request)
  fields.onlyKnown(FIELDS)
  const ids = fields.texts('ids') ?? []
  const [ticket, destination, reason] = [
    fields.text('filterTicket'),
    fields.text('filterDestination'),
    fields.text('filterReason'),
  ]
  const state = fields.oneOf('filterState', deliveryStates)
  const [from, to] = [fields.instant('from'), fields.instant('to')]
  const toDestination = fields.text('toDestination')
  const isDryRun = fields.flag('dryRun')
  if (fields.problem) return fields.problem
  if (ids.length === 0 && [ticket, destination, reason, state, from, to].every(value => value === null)) return WHICH
  if (toDestination !== null && !deps.destinations.some(({ name }) => name === toDestination)) return noDestination

  const ticketNumber = ticket === null ? null : await numberOf(deps, ticket)
  if (ticketNumber === undefined) return { count: 0 }
  const filter: DeliveryFilter = { ticketNumber, destination, state: state ?? 'DEAD', reason, from, to }
  const pages = ids.length > 0 ? await named(store, ids, filter) : matching(store, filter)
  if ('why' in pages) return pages

  const id = deps.nextId()
  const by = request.principal?.username ?? ''
  const asked = {
    ids: ids.length || null,
    ticket,
    destination,
    state: filter.state ?? 'DEAD',
    reason,
    from,
    to,
    toDestination,
  }
  let count = 0
  for await (const keys of pages) {
    if (keys.length === 0) continue
    const order = { keys, state: asked.state, to: toDestination, now: clock.now(), isDryRun }
    count += await store.replay({ ...order, id, by, detail: JSON.stringify(asked) })
    if (!isDryRun) deps.onPending([...new Set(keys.map(key => toDestination ?? key.destination))])
  }
  if (!isDryRun) deps.onReplayed({ by, count, asked })
  return { count }
}

const FIELDS = [
  'ids',
  'filterTicket',
  'filterDestination',
  'filterState',
  'filterReason',
  'from',
  'to',
  'toDestination',
  'dryRun',
]

const numberOf = async ({ store, references }: ReplayDeps, ticket: string): Promise<number | undefined> =>
  references.parse(ticket) ?? (await store.ticket({ id: ticket }))?.number

async function* matching(store: ReplayDeps['store'], filter: DeliveryFilter): AsyncGenerator<readonly DeliveryKey[]> {
  for (let after: DeliveryKey | null = null; ; ) {
    const page: Awaited<ReturnType<Store['deliveryKeys']>> = await store.deliveryKeys({ filter, after, limit: SLICE })
    yield page.keys
    if (page.next === null) return
    after = page.next
  }
}

/** All of them are looked up before the first is replayed: one that is not there, and nothing happens. */
const named = async (
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
const noDestination: Problem = {
  code: 'NOT_FOUND',
  why: 'There is no such destination to send to, so nothing was replayed. browseDestinations lists those there are.',
}
const NO_SUCH_DELIVERY: Problem = {
  code: 'NOT_FOUND',
  why: 'One of the ids is no delivery that there is, so nothing was replayed. Take ids from "deliveries" of a ticket.',
}
