/** `support-relay tickets`: the newest tickets, those that hold some words, or one with all that happened to it. */
import { chatText, oneLine } from '../app.ts'
import {
  type CallParts,
  limitFrom,
  makeCall,
  momentShown,
  moreOf,
  type Shown,
  type Wanted,
  windowFrom,
} from './call.ts'
import { attemptLine, type DeliveryView } from './deliveries.ts'
import type { Io } from './io.ts'
import { table } from './table.ts'

export type TicketsOptions = {
  readonly search?: string
  readonly status?: string
  readonly type?: string
  readonly user?: string
  readonly destination?: string
  readonly delivery?: string
  readonly from?: string
  readonly to?: string
  readonly limit?: string
  readonly next?: string
  readonly json?: boolean
}

type TicketView = {
  readonly reference: string
  readonly createdAt: number
  readonly status: string
  readonly type: string | null
  readonly subject: string
  readonly message: string
  readonly user: { readonly username: string }
}
type EventView = {
  readonly kind: string
  readonly at: number
  readonly by: { readonly username: string; readonly staff: boolean }
  readonly message: string | null
  readonly internal: boolean
  readonly status: string | null
}
type Details = TicketView & { readonly timeline: readonly EventView[]; readonly deliveries: readonly DeliveryView[] }

/** @param id of one ticket, or its reference; undefined for a list */
export const tickets = (id: string | undefined, options: TicketsOptions, io: Io, parts: CallParts): Promise<number> =>
  id === undefined
    ? makeCall(wantedList(options), options, io, parts, listShown)
    : makeCall(wantedOne(id, options), options, io, parts, oneShown)

const wantedOne = (id: string, options: TicketsOptions): Wanted => {
  const beside = Object.keys(options).find(name => !['config', 'data', 'json'].includes(name))
  if (beside) return { wrong: `--${beside} picks from the list of tickets; beside the one that is named leave it out.` }
  return {
    method: 'GET',
    path: '/api/support/retrieve',
    fields: { id, includeTimeline: true, includeDeliveries: true },
  }
}

const wantedList = (options: TicketsOptions): Wanted => {
  const [window, limit] = [windowFrom(options), limitFrom(options.limit)]
  if ('wrong' in window) return window
  if ('wrong' in limit) return limit
  const filters = {
    filterStatus: options.status,
    filterType: options.type,
    filterUser: options.user,
    filterDestination: options.destination,
    filterDelivery: options.delivery,
    next: options.next,
  }
  const isSearch = [options.search, window.from, window.to].some(value => value !== undefined)
  return isSearch
    ? {
        method: 'POST',
        path: '/api/support/search',
        fields: { query: options.search, ...window, ...filters, ...limit },
      }
    : { method: 'GET', path: '/api/support/browse', fields: { ...filters, ...limit } }
}

const listShown = ({ items, next }: { readonly items: readonly TicketView[]; readonly next: string | null }): Shown => {
  const rows = items.map(({ reference, createdAt, status, type, user, subject }) => [
    reference,
    momentShown(createdAt),
    status,
    type ?? '',
    cut(user.username, 24),
    cut(subject, 60),
  ])
  const none = next === null ? ['No ticket passes all filters.'] : []
  return { lines: [...(rows.length === 0 ? none : table(rows)), ...moreOf(next)] }
}

const oneShown = (ticket: Details): Shown => ({
  lines: [
    `${ticket.reference}  ${ticket.status}${ticket.type ? `  ${ticket.type}` : ''}  ${momentShown(ticket.createdAt)}`,
    `From ${oneLine(ticket.user.username)}: ${oneLine(ticket.subject)}`,
    '',
    'What happened:',
    ...ticket.timeline.flatMap(eventLines),
    '',
    'Where it went:',
    ...ticket.deliveries.flatMap(delivery => [
      `  ${delivery.destination}  ${delivery.state}${delivery.reason ? ` (${delivery.reason})` : ''}  ${delivery.id}`,
      ...delivery.log.map(attemptLine),
    ]),
    ...(ticket.deliveries.length === 0 ? ['  nowhere: no route names a destination for it'] : []),
  ],
})

const eventLines = ({ kind, at, by, message, internal, status }: EventView): readonly string[] => [
  `  ${momentShown(at)}  ${internal ? 'NOTE' : kind}${status ? ` → ${status}` : ''}  ${oneLine(by.username)}${by.staff ? ' (staff)' : ''}`,
  ...chatText(message ?? '')
    .split('\n')
    .filter(line => line !== '')
    .map(line => `      ${line}`),
]

const cut = (text: string, max: number): string => {
  const line = oneLine(text)
  return line.length > max ? `${line.slice(0, max - 1).toWellFormed()}…` : line
}
