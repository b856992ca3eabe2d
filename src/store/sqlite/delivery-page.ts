/** Looking at deliveries: a page of them, newest first by id. */
import type { DeliveryName } from '../../domain/delivery.ts'
import type { DeliveryPage, DeliveryPageQuery } from '../../domain/store.ts'
import { attemptFrom, PROGRESS_COLUMNS, progressFrom, text, uuidBytes, uuidText } from '../columns.ts'
import { type Database, LIMIT, type Row, type Statement } from './database.ts'
import { deliveryConditions } from './replay.ts'

/** A page looks at the deliveries of no more tickets than these, found or not: what is due waits for the same thread. */
const LOOK_AT_MAX = 2_000
/** Of each delivery in a page: a ticket's own page has them all. */
const NEWEST_ATTEMPTS = 10
/** Above every delivery of a ticket, and below. */
const LAST = { eventNumber: Number.MAX_SAFE_INTEGER, destination: '' }
const FIRST = { eventNumber: 0, destination: '' }
const UUID_MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export const deliveryPageReads = (db: Database) => {
  const floorOf = db.prepare('select id from tickets where id <= ? order by id desc limit 1 offset ?')
  const idOf = db.prepare('select id from tickets where number = ?')
  const newestAttempts = db.prepare(
    `select * from attempts
     where ticket_number = ? and destination = ? and event_number = ?
     order by attempt desc
     limit ${NEWEST_ATTEMPTS}`,
  )
  const statements = new Map<string, Statement>()

  return {
    deliveryPage({ filter, before, limit }: DeliveryPageQuery): DeliveryPage {
      const from = before ?? { ticketId: UUID_MAX, ...LAST }
      const only = filter.ticketNumber === null ? undefined : idOf.get(filter.ticketNumber)?.id
      if (filter.ticketNumber !== null && only === undefined) return { deliveries: [], next: null }
      const below = uuidBytes(from.ticketId)
      const floor = only === undefined ? floorOf.get(below, LOOK_AT_MAX - 1)?.id : undefined
      const { sql, asked } = deliveryConditions(filter)
      const rows = prepared(sql).all(
        ...[below, floor ?? new Uint8Array(0), below, from.eventNumber, from.destination, ...asked, limit + 1],
      )
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      const hasMore = rows.length > limit && last !== undefined
      return {
        deliveries: shown.map(deliveryFrom),
        next: hasMore ? nameFrom(last) : floor === undefined ? null : { ticketId: uuidText(floor), ...FIRST },
      }
    },
  }

  function deliveryFrom(row: Row): DeliveryPage['deliveries'][number] {
    const progress = progressFrom(row)
    const { ticketNumber, destination, eventNumber } = progress
    return {
      ticketId: uuidText(row.id),
      progress,
      state: text(row.state) as DeliveryPage['deliveries'][number]['state'], // only ever written from the union
      reason: row.reason === null ? null : text(row.reason),
      log: newestAttempts.all(ticketNumber, destination, eventNumber).map(attemptFrom).reverse(),
    }
  }

  /** Kept by its text, of which there are a few dozen. */
  function prepared(conditions: string): Statement {
    const sql = `select t.id, ${PROGRESS_COLUMNS}, state, reason
      from tickets t indexed by tickets_by_id
      cross join deliveries d on d.ticket_number = t.number
      where t.id <= ? and t.id >= ? and (t.id, d.event_number, d.destination) < (?, ?, ?) and ${conditions}
      order by t.id desc, d.event_number desc, d.destination desc
      ${LIMIT}`
    const statement = statements.get(sql) ?? db.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
}

const nameFrom = (row: Row): DeliveryName => ({
  ticketId: uuidText(row.id),
  eventNumber: Number(row.event_number),
  destination: text(row.destination),
})
