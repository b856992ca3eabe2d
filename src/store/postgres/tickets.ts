/** Looking at tickets: one, a page of them, and one's timeline. */
import type { SearchQuery, StoredTicketPage, TicketFilter, TicketQuery } from '../../domain/store.ts'
import type { StoredEvent, StoredTicket } from '../../domain/ticket.ts'
import { eventFrom, type Row, TEXT_BYTES, ticketFrom, uuidText } from '../columns.ts'
import type { Session } from './session.ts'

/** A page looks at no more tickets than these, found or not: every page ends soon. */
const LOOK_AT_MAX = 5_000
/** Nor does it hold more text than this, unless it is one ticket's. */
const PAGE_MAX_BYTES = 2 * 1024 * 1024

export const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const ticket = async (
  db: Session,
  find: { number: number } | { id: string },
): Promise<StoredTicket | undefined> => {
  if ('id' in find && !UUID.test(find.id)) return undefined
  const [row] =
    'number' in find
      ? await db.all('select * from support.tickets where number = $1', [find.number])
      : await db.all('select * from support.tickets where id = $1', [find.id])
  return row && ticketFrom(row)
}

export const events = async (db: Session, { ticketNumber }: { ticketNumber: number }): Promise<StoredEvent[]> => {
  const of = await ticket(db, { number: ticketNumber })
  if (!of) return []
  const rows = await db.all('select * from support.events where ticket_number = $1 order by event_number', [
    ticketNumber,
  ])
  return rows.map(row => eventFrom(row, of))
}

export const tickets = async (
  db: Session,
  { filter, before, limit, from = null, to = null }: TicketQuery & Partial<Moments>,
): Promise<StoredTicketPage> => {
  const { below, floor, isLast } = await window(db, { before, from, to }, filter.username === null ? LOOK_AT_MAX : null)
  const { where, values } = conditions(filter, { from, to }, [below, floor, limit + 1])
  // Fenced off, lest one user's few tickets be looked for among all that there are.
  const source =
    filter.username === null ? 'support.tickets' : `(select * from support.tickets where username = $4 offset 0)`
  const rows = await db.all(
    `select number, id, ${TEXT_BYTES} as bytes from ${source} t
     where id < $1 and id >= $2 ${where}
     order by id desc
     limit $3`,
    values,
  )
  return pageOf(db, rows, limit, isLast ? null : floor)
}

/** @param rows found, newest first, one more than are wanted where there are more
 *  @param floor where the next page begins, when these are all that were found above it; null for nowhere */
export const pageOf = async (
  db: Session,
  rows: readonly Row[],
  limit: number,
  floor: string | null,
): Promise<StoredTicketPage> => {
  const shown = rows.slice(0, fitting(rows, limit))
  const found = await db.all('select * from support.tickets where number = any($1::bigint[]) order by id desc', [
    shown.map(({ number }) => number),
  ])
  const next = shown.length < rows.length ? uuidText(shown.at(-1)?.id) : floor
  return { tickets: found.map(ticketFrom), next }
}

export type Moments = Pick<SearchQuery, 'from' | 'to'>
const DAY_MS = 24 * 3_600_000

/** Which ids a page looks at: from the floor, below the other. `most` null for all. */
export const window = async (
  db: Session,
  query: Moments & { readonly before: string | null },
  most: number | null,
): Promise<{ readonly below: string; readonly floor: string; readonly isLast: boolean }> => {
  // Ids begin with the moment they were made at: as the ticket, or later by as much as the clock was set back meanwhile. A day is allowed for.
  const from = query.from === null ? FIRST_ID : firstIdAt(query.from - DAY_MS)
  const to = query.to === null ? LAST_ID : firstIdAt(query.to + DAY_MS)
  const below = query.before === null || to < query.before ? to : query.before
  if (most === null) return { below, floor: from, isLast: true }
  const [row] = await db.all('select id from support.tickets where id < $1 order by id desc offset $2 limit 1', [
    below,
    most - 1,
  ])
  const reached = row && uuidText(row.id)
  return reached !== undefined && reached > from
    ? { below, floor: reached, isLast: false }
    : { below, floor: from, isLast: true }
}

/** Below every id made at that moment or later. */
export const firstIdAt = (at: number): string => {
  const hex = Math.min(Math.max(0, at), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}${FIRST_ID.slice(13)}`
}

/** On `tickets t`, with the values that stand before them. */
export const conditions = (
  filter: TicketFilter,
  { from, to }: Moments,
  before: readonly unknown[],
): { readonly where: string; readonly values: unknown[] } => {
  const values = [...before]
  const value = (given: unknown) => `$${values.push(given)}`
  const given: string[] = []
  // The first of the values, where there is one (tickets above).
  if (filter.username !== null) given.push(`t.username = ${value(filter.username)}`)
  if (from !== null) given.push(`t.created_at >= ${value(from)}`)
  if (to !== null) given.push(`t.created_at < ${value(to)}`)
  if (filter.status !== null) given.push(`t.status = ${value(filter.status)}`)
  if (filter.type !== null) given.push(`t.type = ${value(filter.type)}`)
  const ofDelivery: string[] = []
  if (filter.destination !== null) ofDelivery.push(`and destination = ${value(filter.destination)}`)
  if (filter.delivery !== null) ofDelivery.push(`and state = ${value(filter.delivery)}`)
  if (ofDelivery.length > 0)
    given.push(`exists (select 1 from support.deliveries where ticket_number = t.number ${ofDelivery.join(' ')})`)
  return { where: given.map(sql => `and ${sql}`).join(' '), values }
}

/** How many of the rows fit into a page, at least one. */
const fitting = (rows: readonly Row[], limit: number): number => {
  let bytes = 0
  const tooMany = rows.slice(0, limit).findIndex(row => {
    bytes += Number(row.bytes)
    return bytes > PAGE_MAX_BYTES
  })
  return tooMany === -1 ? limit : Math.max(1, tooMany)
}
