/** `support-relay deliveries`: what went where, what waits, and what was given up and why. */
import { type Api, oneLine } from '../app.ts'
import { type CallParts, limitFrom, makeCall, momentShown, moreOf, type Wanted, windowFrom } from './call.ts'
import type { Io } from './io.ts'
import { table } from './table.ts'

export type DeliveriesOptions = {
  readonly ticket?: string
  readonly destination?: string
  readonly state?: string
  readonly reason?: string
  readonly from?: string
  readonly to?: string
  readonly limit?: string
  readonly next?: string
  readonly json?: boolean
}

export type DeliveryView = {
  readonly id: string
  readonly ticketId: string
  readonly destination: string
  readonly state: string
  readonly attempts: number
  readonly nextAttemptAt: number | null
  readonly reason: string | null
  readonly log: readonly AttemptView[]
}
type AttemptView = {
  readonly at: number
  readonly outcome: string
  readonly status: number | null
  readonly excerpt: string | null
}
type Page = { readonly items: readonly DeliveryView[]; readonly next: string | null }

export const deliveries = (options: DeliveriesOptions, io: Io, parts: CallParts): Promise<number> =>
  makeCall(wanted(options), options, io, parts, async ({ items, next }: Page, api) => {
    if (options.json) return { lines: [] }
    const none = next === null ? ['No delivery passes all filters.'] : []
    const references = await referencesOf(items, api)
    const rows = table(items.map(item => rowOf(item, references.get(item.ticketId) ?? '')))
    const lines = items.flatMap(({ id, reason }, index) => [
      rows[index] ?? '',
      `      ${id}  ${reason ?? ''}`.trimEnd(),
    ])
    return { lines: [...(items.length === 0 ? none : lines), ...moreOf(next)] }
  })

/** What people quote, by the ids of the tickets. */
const referencesOf = async (items: readonly DeliveryView[], api: Api): Promise<ReadonlyMap<string, string>> => {
  const references = new Map<string, string>()
  for (const id of new Set(items.map(({ ticketId }) => ticketId))) {
    const { body } = await api.call({ method: 'GET', path: '/api/support/retrieve', fields: { id } })
    references.set(id, JSON.parse(body).reference ?? '') // none of one that is forgotten meanwhile
  }
  return references
}

const wanted = (options: DeliveriesOptions): Wanted => {
  const [window, limit] = [windowFrom(options), limitFrom(options.limit)]
  if ('wrong' in window) return window
  if ('wrong' in limit) return limit
  return {
    method: 'GET',
    path: '/api/support/browseDeliveries',
    fields: {
      filterTicket: options.ticket,
      filterDestination: options.destination,
      filterState: options.state,
      filterReason: options.reason,
      ...window,
      ...limit,
      next: options.next,
    },
  }
}

const rowOf = ({ state, attempts, nextAttemptAt, log }: DeliveryView, reference: string): readonly string[] => {
  const [when, at] = nextAttemptAt === null ? ['last', log.at(-1)?.at ?? null] : ['next', nextAttemptAt]
  const tries = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
  return [reference, state, tries, at === null ? '' : `${when} ${momentShown(at)}`]
}

export const attemptLine = ({ at, outcome, status, excerpt }: AttemptView): string =>
  `      ${momentShown(at)}  ${outcome}${status === null ? '' : ` ${status}`}${excerpt ? `  ${oneLine(excerpt)}` : ''}`
