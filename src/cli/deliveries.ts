/** `support-relay deliveries`: what went where, what waits, and what was given up and why. */
import { oneLine } from '../app.ts'
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
  makeCall(wanted(options), options, io, parts, ({ items, next }: Page) => {
    const none = next === null ? ['No delivery passes all filters.'] : []
    return { lines: [...(items.length === 0 ? none : table(items.map(rowOf))), ...moreOf(next)] }
  })

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

const rowOf = ({ id, state, reason, attempts, nextAttemptAt }: DeliveryView): readonly string[] => [
  state,
  reason ?? '',
  `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
  nextAttemptAt === null ? '' : `next ${momentShown(nextAttemptAt)}`,
  id,
]

export const attemptLine = ({ at, outcome, status, excerpt }: AttemptView): string =>
  `      ${momentShown(at)}  ${outcome}${status === null ? '' : ` ${status}`}${excerpt ? `  ${oneLine(excerpt)}` : ''}`
