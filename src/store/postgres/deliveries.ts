/** The outbox: what is due, what an attempt needs, and rare changes to many deliveries at once. */
import type { DeliveryKey, DeliveryProgress } from '../../domain/delivery.ts'
import type { StoredDelivery } from '../../domain/store.ts'
import type { StoredEvent, StoredTicket } from '../../domain/ticket.ts'
import {
  attemptFrom,
  eventFrom,
  instant,
  PROGRESS_COLUMNS,
  progressFrom,
  type Row,
  text,
  ticketFrom,
} from '../columns.ts'
import { lockDestinations } from './destinations.ts'
import type { Session } from './session.ts'

/** A later event of a ticket waits until the earlier one has left this destination's outbox. */
const IS_HEAD = `not exists (
  select 1 from support.deliveries earlier
  where earlier.ticket_number = d.ticket_number
    and earlier.destination = d.destination
    and earlier.event_number < d.event_number
    and earlier.state = 'PENDING')`

export const due = async (db: Session, query: { destination: string; now: number; limit: number }) => {
  const rows = await db.all(
    `select later.at as next_at, found.*
     from (
       select min(next_attempt_at) as at from support.deliveries
       where destination = $1 and state = 'PENDING' and next_attempt_at > $2) later
     left join (
       select ${PROGRESS_COLUMNS} from support.deliveries d
       where destination = $1 and state = 'PENDING' and next_attempt_at <= $2 and ${IS_HEAD}
       order by next_attempt_at, ticket_number
       limit $3) found on true
     order by found.next_attempt_at, found.ticket_number`,
    [query.destination, query.now, query.limit],
  )
  const found = rows.filter(({ ticket_number }) => ticket_number !== null)
  return { deliveries: found.map(progressFrom), nextAt: instant(rows[0]?.next_at) }
}

export const probe = async (db: Session, query: { destination: string }): Promise<DeliveryProgress | undefined> => {
  const [row] = await db.all(
    `select ${PROGRESS_COLUMNS} from support.deliveries d
     where destination = $1 and state = 'PENDING' and ${IS_HEAD}
     order by coalesce(attempted_at, -1), ticket_number
     limit 1`,
    [query.destination],
  )
  return row && progressFrom(row)
}

type Outgoing = { ticket: StoredTicket; event: StoredEvent; ref: string | null }

/** One for each key, in their order; undefined for what is not there. */
export const outgoingAll = async (db: Session, keys: readonly DeliveryKey[]): Promise<(Outgoing | undefined)[]> => {
  // The status as it was at that event, so that every retry sends the same bytes.
  const rows = await db.all(
    `select k.place, t.*, e.event_number, e.kind, e.at, e.by, e.message as event_message, e.internal, e.status as event_status, r.ref,
       coalesce(
         (select status from support.events
          where ticket_number = t.number and event_number <= k.event_number and status is not null
          order by event_number desc limit 1), 'RECEIVED') as status_then
     from unnest($1::bigint[], $2::integer[], $3::text[]) with ordinality k (ticket_number, event_number, destination, place)
     join support.tickets t on t.number = k.ticket_number
     join support.events e on e.ticket_number = t.number and e.event_number = k.event_number
     left join support.ticket_refs r on r.ticket_number = t.number and r.destination = k.destination`,
    [
      keys.map(({ ticketNumber }) => ticketNumber),
      keys.map(({ eventNumber }) => eventNumber),
      keys.map(({ destination }) => destination),
    ],
  )
  const found = new Map(rows.map(row => [Number(row.place), outgoingFrom(row)]))
  return keys.map((_, i) => found.get(i + 1))
}

const outgoingFrom = (row: Row): Outgoing => {
  const ticket = ticketFrom({ ...row, status: row.status_then })
  const event = { ...row, ticket_number: row.number, message: row.event_message, status: row.event_status }
  return { ticket, event: eventFrom(event, ticket), ref: row.ref === null ? null : text(row.ref) }
}

export const deliveries = async (
  db: Session,
  { ticketNumber }: { ticketNumber: number },
): Promise<StoredDelivery[]> => {
  const rows = await db.all(
    `select ${PROGRESS_COLUMNS}, state, reason from support.deliveries
     where ticket_number = $1
     order by event_number, destination`,
    [ticketNumber],
  )
  const attempts = await db.all('select * from support.attempts where ticket_number = $1 order by attempt', [
    ticketNumber,
  ])
  return rows.map(row => deliveryFrom(row, attempts))
}

/** @param attempts of any deliveries, in order */
export const deliveryFrom = (row: Row, attempts: readonly Row[]): StoredDelivery => ({
  progress: progressFrom(row),
  state: text(row.state) as StoredDelivery['state'], // only ever written from the union
  reason: row.reason === null ? null : text(row.reason),
  log: attempts
    .filter(
      attempt =>
        attempt.ticket_number === row.ticket_number &&
        attempt.event_number === row.event_number &&
        attempt.destination === row.destination,
    )
    .map(attemptFrom),
})

export const expireHeld = async (
  db: Session,
  request: { destination: string; epoch: number; before: number; limit: number },
): Promise<number> => {
  await lockDestinations(db, new Set([request.destination]))
  const count = await db.run(
    `update support.deliveries d set state = 'DEAD', reason = 'held-too-long'
     from (
       select d.ticket_number, d.destination, d.event_number
       from support.deliveries d
       join support.events e on e.ticket_number = d.ticket_number and e.event_number = d.event_number
       join support.destinations n on n.name = d.destination
       where d.destination = $1 and d.state = 'PENDING' and e.at < $2 and n.held_since < $2 and n.epoch = $3 and n.lease_engine is not null
       limit $4) old
     where d.ticket_number = old.ticket_number and d.destination = old.destination and d.event_number = old.event_number`,
    [request.destination, request.before, request.epoch, request.limit],
  )
  if (count > 0) await addDied(db, request.destination, count)
  return count
}

export const pullForward = async (
  db: Session,
  { destination, now }: { destination: string; now: number },
): Promise<number> => {
  await lockDestinations(db, new Set([destination]))
  return db.run(
    `update support.deliveries set next_attempt_at = $2 + backoff_ms
     where destination = $1 and state = 'PENDING' and next_attempt_at > $2 + backoff_ms`,
    [destination, now],
  )
}

/** Counts what was given up. */
const addDied = async (db: Session, destination: string, count: number): Promise<void> => {
  await db.run('update support.destinations set died = died + $2 where name = $1', [destination, count])
}
