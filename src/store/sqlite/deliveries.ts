/** The outbox: what is due, what an attempt needs, and what became of it. */
import type { DeliveryKey, DeliveryProgress } from '../../domain/delivery.ts'
import type { Settlement, SettleResult, Store, StoredDelivery } from '../../domain/store.ts'
import type { StoredEvent, StoredTicket } from '../../domain/ticket.ts'
import { attemptFrom, eventFrom, instant, PROGRESS_COLUMNS, progressFrom, text, ticketFrom } from '../columns.ts'
import { type Database, LIMIT } from './database.ts'
import { writeHealth } from './destinations.ts'

/** A later event of a ticket waits until the earlier one has left this destination's outbox. The key of the table makes this a look at the next few rows. */
const IS_HEAD = `not exists (
  select 1 from deliveries earlier
  where earlier.ticket_number = d.ticket_number
    and earlier.destination = d.destination
    and earlier.event_number < d.event_number
    and earlier.state = 'PENDING')`

export const deliveryReads = (db: Database) => {
  const due = db.prepare(
    `select ${PROGRESS_COLUMNS} from deliveries d
     where destination = ? and state = 'PENDING' and next_attempt_at <= ? and ${IS_HEAD}
     order by next_attempt_at, ticket_number
     ${LIMIT}`,
  )
  const nextDue = db.prepare(
    `select min(next_attempt_at) as at from deliveries where destination = ? and state = 'PENDING' and next_attempt_at > ?`,
  )
  const probe = db.prepare(
    `select ${PROGRESS_COLUMNS} from deliveries d
     where destination = ? and state = 'PENDING' and ${IS_HEAD}
     order by coalesce(attempted_at, -1), ticket_number
     limit 1`,
  )
  const ticketByNumber = db.prepare('select * from tickets where number = ?')
  const event = db.prepare('select * from events where ticket_number = ? and event_number = ?')
  const statusAt = db.prepare(
    'select status from events where ticket_number = ? and event_number <= ? and status is not null order by event_number desc limit 1',
  )
  const ref = db.prepare('select ref from ticket_refs where ticket_number = ? and destination = ?')
  const ofTicket = db.prepare(
    `select ${PROGRESS_COLUMNS}, state, reason from deliveries where ticket_number = ? order by event_number, destination`,
  )
  const attemptsOf = db.prepare(
    'select * from attempts where ticket_number = ? and destination = ? and event_number = ? order by attempt',
  )

  return {
    due(query: { destination: string; now: number; limit: number }) {
      return {
        deliveries: due.all(query.destination, query.now, query.limit).map(progressFrom),
        nextAt: instant(nextDue.get(query.destination, query.now)?.at),
      }
    },
    probe(query: { destination: string }): DeliveryProgress | undefined {
      const row = probe.get(query.destination)
      return row && progressFrom(row)
    },
    outgoing(key: DeliveryKey): { ticket: StoredTicket; event: StoredEvent; ref: string | null } | undefined {
      const row = ticketByNumber.get(key.ticketNumber)
      const eventRow = event.get(key.ticketNumber, key.eventNumber)
      if (!row || !eventRow) return undefined
      // As it was at that event, so that every retry sends the same bytes.
      const status = statusAt.get(key.ticketNumber, key.eventNumber)?.status ?? 'RECEIVED'
      const ticket = ticketFrom({ ...row, status })
      const refRow = ref.get(key.ticketNumber, key.destination)
      return { ticket, event: eventFrom(eventRow, ticket), ref: refRow ? text(refRow.ref) : null }
    },
    deliveries(query: { ticketNumber: number }): StoredDelivery[] {
      return ofTicket.all(query.ticketNumber).map(row => {
        const progress = progressFrom(row)
        return {
          progress,
          state: text(row.state) as StoredDelivery['state'], // only ever written from the union
          reason: row.reason === null ? null : text(row.reason),
          log: attemptsOf.all(progress.ticketNumber, progress.destination, progress.eventNumber).map(attemptFrom),
        }
      })
    },
  } satisfies Partial<Record<keyof Store, unknown>>
}

/** Records one attempt inside the caller's transaction. */
export const settleIn = (db: Database) => {
  const lease = db.prepare('select epoch, lease_engine from destinations where name = ?')
  const attempted = db.prepare(
    'select 1 from attempts where ticket_number = ? and destination = ? and event_number = ? and attempt = ?',
  )
  const insertAttempt = db.prepare(
    'insert into attempts (ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const stateOf = db.prepare(
    'select state from deliveries where ticket_number = ? and destination = ? and event_number = ?',
  )
  // What was given up while it was under way (held for too long) stays so, unless it arrived.
  const update = db.prepare(
    `update deliveries
     set state = iif(state = 'DEAD' and ? <> 'DELIVERED', state, ?), reason = iif(state = 'DEAD' and ? <> 'DELIVERED', reason, ?),
         attempts = ?, level = ?, step = ?, backoff_ms = ?, spent_ms = ?, next_attempt_at = ?,
         attempted_at = ?, unclear_count = ?, unclear_mark = ?, unavailable_count = ?, unavailable_mark = ?
     where ticket_number = ? and destination = ? and event_number = ?`,
  )
  const died = diedIn(db)
  const insertRef = db.prepare('insert or ignore into ticket_refs (ticket_number, destination, ref) values (?, ?, ?)')
  const health = writeHealth(db)

  return (settlement: Settlement): SettleResult => {
    const { progress: p, attempt } = settlement
    const key = [p.ticketNumber, p.destination, p.eventNumber] as const
    const held = lease.get(p.destination)
    if (!held || held.lease_engine === null || Number(held.epoch) !== settlement.epoch) return { outcome: 'lease-lost' }
    if (attempted.get(...key, p.attempts)) return { outcome: 'settled', health: health.read(p.destination) }

    const { state } = settlement
    const dies = state === 'DEAD' && stateOf.get(...key)?.state !== 'DEAD'
    const { changes } = update.run(
      state,
      state,
      state,
      settlement.reason,
      p.attempts,
      p.level,
      p.step,
      p.backoffMs,
      p.spentMs,
      p.nextAttemptAt,
      p.attemptedAt,
      p.unclearCount,
      p.unclearMark,
      p.unavailableCount,
      p.unavailableMark,
      ...key,
    )
    // It was moved to another destination while it was under way: there is nothing here to record it with.
    if (changes === 0) return { outcome: 'settled', health: health.settle(p.destination, settlement.health) }
    insertAttempt.run(...key, p.attempts, attempt.at, attempt.ms, attempt.outcome, attempt.status, attempt.excerpt)
    if (dies) died(p.destination, 1)
    if (settlement.ref !== null) insertRef.run(p.ticketNumber, p.destination, settlement.ref)
    return { outcome: 'settled', health: health.settle(p.destination, settlement.health) }
  }
}

/** Counts what was given up, inside the caller's transaction. */
const diedIn = (db: Database) => {
  const add = db.prepare('update destinations set died = died + ? where name = ?')
  return (destination: string, count: number): void => void add.run(count, destination)
}

/** Rare changes to many deliveries at once, each a transaction of its own. */
export const deliveryWrites = (db: Database) => {
  const expire = db.prepare(
    `update deliveries set state = 'DEAD', reason = 'held-too-long'
     where (ticket_number, destination, event_number) in (
       select d.ticket_number, d.destination, d.event_number
       from deliveries d
       join events e on e.ticket_number = d.ticket_number and e.event_number = d.event_number
       join destinations n on n.name = d.destination
       where d.destination = ? and d.state = 'PENDING' and e.at < ? and n.held_since < ? and n.epoch = ? and n.lease_engine is not null
       ${LIMIT})`,
  )
  const pullForward = db.prepare(
    `update deliveries set next_attempt_at = ? + backoff_ms
     where destination = ? and state = 'PENDING' and next_attempt_at > ? and next_attempt_at > ? + backoff_ms`,
  )
  const died = diedIn(db)
  return {
    expireHeld(request: { destination: string; epoch: number; before: number; limit: number }): number {
      const { destination, epoch, before, limit } = request
      return db.transaction(() => {
        const { changes } = expire.run(destination, before, before, epoch, limit)
        if (changes > 0) died(destination, changes)
        return changes
      })
    },
    pullForward(request: { destination: string; now: number }): number {
      const { destination, now } = request
      return db.transaction(() => pullForward.run(now, destination, now, now).changes)
    },
  }
}
