/** Looking at tickets: one, a page of them, and one's timeline. */
import type { SearchQuery, StoredTicketPage, TicketFilter, TicketQuery } from '../../domain/store.ts'
import type { StoredEvent, StoredTicket } from '../../domain/ticket.ts'
import { eventFrom, firstId, TEXT_BYTES, ticketFrom, uuidBytes, uuidText } from '../columns.ts'
import { type Database, LIMIT, type Row, type SqlValue, type Statement } from './database.ts'

/** A page looks at no more tickets than these, found or not: deliveries wait for the same thread. */
const LOOK_AT_MAX = 5_000
/** Nor does it hold more text than this, unless it is one ticket's. */
const PAGE_MAX_BYTES = 2 * 1024 * 1024

export const ticketReads = (db: Database) => {
  const byNumber = db.prepare('select * from tickets where number = ?')
  const byId = db.prepare('select * from tickets where id = ?')
  const eventsOf = db.prepare('select * from events where ticket_number = ? order by event_number')
  const floorOf = db.prepare('select id from tickets where id < ? order by id desc limit 1 offset ?')
  const pages = new Map<string, Statement>()

  return {
    ticket(find: { number: number } | { id: string }): StoredTicket | undefined {
      const row =
        'number' in find ? byNumber.get(find.number) : UUID.test(find.id) ? byId.get(uuidBytes(find.id)) : undefined
      return row && ticketFrom(row)
    },
    tickets({ filter, before, limit, from = null, to = null }: TicketQuery & Partial<Moments>): StoredTicketPage {
      const ids = idsOf({ from, to })
      const below = before === null ? ids.below : lesser(uuidBytes(before), ids.below)
      // One user's tickets are few, and found by the index of users; of all tickets only the next few thousand are looked at.
      const next = filter.username === null ? floorOf.get(below, LOOK_AT_MAX - 1)?.id : undefined
      const floor = next instanceof Uint8Array && Buffer.compare(next, ids.from) > 0 ? next : undefined
      const { where, values } = conditions(filter, { from, to })
      const statement = prepared(filter.username === null ? ALL : OF_A_USER, where)
      const rows = statement.all(below, floor ?? ids.from, ...values, limit + 1)
      const shown = rows.slice(0, fitting(rows, limit))
      const last = shown.length < rows.length ? shown.at(-1)?.id : floor
      return {
        tickets: shown.flatMap(({ number }) => byNumber.all(number ?? 0).map(ticketFrom)),
        next: last === undefined ? null : uuidText(last),
      }
    },
    events({ ticketNumber }: { ticketNumber: number }): StoredEvent[] {
      const row = byNumber.get(ticketNumber)
      if (!row) return []
      const ticket = ticketFrom(row)
      return eventsOf.all(ticketNumber).map(event => eventFrom(event, ticket))
    },
  }

  /** Kept by its text, of which there are a few dozen. */
  function prepared(from: string, where: readonly string[]): Statement {
    const sql = `select number, id, ${TEXT_BYTES} as bytes from ${from}
      where id < ? and id >= ? ${where.map(condition => `and ${condition}`).join(' ')}
      order by id desc
      ${LIMIT}`
    const statement = pages.get(sql) ?? db.prepare(sql)
    pages.set(sql, statement)
    return statement
  }
}

const ALL = 'tickets t indexed by tickets_by_id'
const OF_A_USER = 'ticket_parts p cross join tickets t indexed by tickets_by_user on t.part = p.part'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const BEFORE_ALL = new Uint8Array(0)
/** One byte longer than an id of nothing but ones. */
const AFTER_ALL = new Uint8Array(17).fill(0xff)

export type Moments = Pick<SearchQuery, 'from' | 'to'>
const DAY_MS = 24 * 3_600_000

/** Ids begin with the moment they were made at: as the ticket, or later by as much as the clock was set back meanwhile. A day is allowed for. */
export const idsOf = ({ from, to }: Moments): { readonly from: Uint8Array; readonly below: Uint8Array } => ({
  from: from === null ? BEFORE_ALL : firstId(from - DAY_MS),
  below: to === null ? AFTER_ALL : firstId(to + DAY_MS),
})

const lesser = (a: Uint8Array, b: Uint8Array): Uint8Array => (Buffer.compare(a, b) < 0 ? a : b)

export const conditions = (
  filter: TicketFilter,
  { from, to }: Moments,
): { where: readonly string[]; values: readonly SqlValue[] } => {
  const given: [string, ...SqlValue[]][] = []
  if (from !== null) given.push(['created_at >= ?', from])
  if (to !== null) given.push(['created_at < ?', to])
  if (filter.username !== null) given.push(['username = ?', filter.username])
  if (filter.status !== null) given.push(['status = ?', filter.status])
  if (filter.type !== null) given.push(['type = ?', filter.type])
  const { destination, delivery } = filter
  if (destination !== null || delivery !== null) {
    const ofDelivery = [destination !== null && 'destination = ?', delivery !== null && 'state = ?'].filter(Boolean)
    const exists = `exists (select 1 from deliveries where ticket_number = t.number and ${ofDelivery.join(' and ')})`
    given.push([exists, ...[destination, delivery].filter(value => value !== null)])
  }
  return { where: given.map(([sql]) => sql), values: given.flatMap(([, ...values]) => values) }
}

/** How many of the rows fit into a page, at least one. */
export const fitting = (rows: readonly Row[], limit: number): number => {
  let bytes = 0
  const tooMany = rows.slice(0, limit).findIndex(row => {
    bytes += Number(row.bytes)
    return bytes > PAGE_MAX_BYTES
  })
  return tooMany === -1 ? limit : Math.max(1, tooMany)
}
