/** Looking at deliveries: a page of them, newest first by id. */
import type { DeliveryName } from '../../domain/delivery.ts'
import type { DeliveryPage, DeliveryPageQuery } from '../../domain/store.ts'
import { PROGRESS_COLUMNS, type Row, text, uuidText } from '../columns.ts'
import { deliveryFrom } from './deliveries.ts'
import { deliveryConditions } from './replay.ts'
import type { Session } from './session.ts'
import { FIRST_ID } from './tickets.ts'

/** A page looks at the deliveries of no more tickets than these, found or not. */
const LOOK_AT_MAX = 2_000
/** Of each delivery in a page: a ticket's own page has them all. */
const NEWEST_ATTEMPTS = 10
/** Above every delivery of a ticket, and below. */
const LAST = { eventNumber: 2 ** 31 - 1, destination: '' }
const FIRST = { eventNumber: 0, destination: '' }
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export const deliveryPage = async (db: Session, query: DeliveryPageQuery): Promise<DeliveryPage> => {
  const { filter, before, limit } = query
  const from = before ?? { ticketId: LAST_ID, ...LAST }
  if (filter.ticketNumber !== null) {
    const isThere = await db.all('select 1 from support.tickets where number = $1', [filter.ticketNumber])
    if (isThere.length === 0) return { deliveries: [], next: null }
  }
  const floor = filter.ticketNumber === null ? await floorOf(db, from.ticketId) : undefined
  const { sql, values } = deliveryConditions(filter, [
    from.ticketId,
    floor ?? FIRST_ID,
    from.eventNumber,
    from.destination,
    limit + 1,
  ])
  const rows = await db.all(
    `select t.id, ${PROGRESS_COLUMNS}, d.state, d.reason
     from support.tickets t
     join support.deliveries d on d.ticket_number = t.number
     where t.id <= $1 and t.id >= $2 and (t.id, d.event_number, d.destination) < ($1, $3, $4) and ${sql}
     order by t.id desc, d.event_number desc, d.destination desc
     limit $5`,
    values,
  )
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  const attempts = await newestAttempts(db, shown)
  return {
    deliveries: shown.map(row => ({ ticketId: uuidText(row.id), ...deliveryFrom(row, attempts) })),
    next: hasMore ? nameFrom(last) : floor === undefined ? null : { ticketId: floor, ...FIRST },
  }
}

const floorOf = async (db: Session, id: string): Promise<string | undefined> => {
  const sql = 'select id from support.tickets where id <= $1 order by id desc offset $2 limit 1'
  const [row] = await db.all(sql, [id, LOOK_AT_MAX - 1])
  return row && uuidText(row.id)
}

const newestAttempts = (db: Session, rows: readonly Row[]): Promise<Row[]> =>
  db.all(
    `select a.* from unnest($1::bigint[], $2::text[], $3::integer[]) k (ticket_number, destination, event_number)
     cross join lateral (
       select * from support.attempts
       where ticket_number = k.ticket_number and destination = k.destination and event_number = k.event_number
       order by attempt desc
       limit ${NEWEST_ATTEMPTS}) a
     order by a.attempt`,
    [rows.map(row => row.ticket_number), rows.map(row => row.destination), rows.map(row => row.event_number)],
  )

const nameFrom = (row: Row): DeliveryName => ({
  ticketId: uuidText(row.id),
  eventNumber: Number(row.event_number),
  destination: text(row.destination),
})
