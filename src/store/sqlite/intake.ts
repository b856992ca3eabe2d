/** Accepting tickets: the statements of the intake transaction. */
import type { AcceptResult } from '../../domain/store.ts'
import { KEY_LIFETIME_MS, LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import { json, uuidBytes, uuidText } from '../columns.ts'
import { acknowledgementWrites } from './acknowledgements.ts'
import type { Database } from './database.ts'
import { type UserParts, userParts } from './parts.ts'

/** Decides one ticket inside the caller's transaction: repetition of a key, then the limit, then storing it. */
export const acceptIn = (db: Database) => {
  const parts = userParts(db)
  const acknowledgements = acknowledgementWrites(db)
  // The index holds every column but the last two, so a user's tickets are passed over without touching them.
  const keyOf = db.prepare(
    `select number, id, created_at, fingerprint from tickets
     where part = ? and username = ? and user_ordinal > ? and created_at > ? and idempotency_key = ?
     order by user_ordinal desc
     limit 1`,
  )
  const span = db.prepare(
    `select min(created_at) as first, max(created_at) as last from tickets
     where part = ? and username = ? and user_ordinal > ?`,
  )
  const sameId = db.prepare('select number, created_at from tickets where id = ?')
  const insertTicket = db.prepare(
    'insert into tickets (id, created_at, username, part, user_ordinal, status, type, subject, message, user, project, projects, technical, context, idempotency_key, fingerprint) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number',
  )
  const insertEvent = db.prepare(
    "insert into events (ticket_number, event_number, kind, at) values (?, 1, 'CREATED', ?)",
  )
  const insertDelivery = db.prepare(
    'insert into deliveries (ticket_number, destination, event_number, next_attempt_at) values (?, ?, 1, ?)',
  )

  return (ticket: NewTicket): AcceptResult => {
    const { username } = ticket.user
    const lookBackMs = ticket.idempotency ? KEY_LIFETIME_MS : LIMIT_WINDOW_MS
    const places = parts.of(username, ticket.createdAt, ticket.createdAt - lookBackMs)
    const earlier = repetition(ticket, places)
    if (earlier) return earlier

    const limited = limit(ticket, places)
    if (limited) return acceptedBefore(ticket) ?? limited

    const id = uuidBytes(ticket.id)
    let number: number
    try {
      number = Number(
        insertTicket.get(
          id,
          ticket.createdAt,
          username,
          places[0].part,
          places[0].ordinal + 1,
          'RECEIVED',
          ticket.type,
          ticket.subject,
          ticket.message,
          json({
            role: ticket.user.role,
            name: ticket.user.name,
            email: ticket.user.email,
            organization: ticket.user.organization,
          }),
          ticket.project && json(ticket.project),
          ticket.projects.length > 0 ? json(ticket.projects) : null,
          json(ticket.technical),
          ticket.context && json(ticket.context),
          ticket.idempotency?.key ?? null,
          ticket.idempotency?.fingerprint ?? null,
        )?.number,
      )
    } catch (error) {
      const before = acceptedBefore(ticket)
      if (before) return before
      throw error
    }
    insertEvent.run(number, ticket.createdAt)
    for (const destination of ticket.destinations) insertDelivery.run(number, destination, ticket.createdAt)
    if (ticket.acknowledgement) acknowledgements.add(number, ticket.acknowledgement, ticket.createdAt)
    return { outcome: 'accepted', number, id: ticket.id, createdAt: ticket.createdAt, repeated: false }
  }

  function repetition(ticket: NewTicket, places: UserParts): AcceptResult | undefined {
    const { idempotency, limitPerHour, user } = ticket
    if (!idempotency) return undefined
    const since = ticket.createdAt - KEY_LIFETIME_MS
    for (const { part, ordinal } of places) {
      if (ordinal === 0) continue
      const row = keyOf.get(part, user.username, ordinal - keyWindow(limitPerHour), since, idempotency.key)
      if (!row) continue
      if (!sameBytes(row.fingerprint, idempotency.fingerprint)) return { outcome: 'key-reused' }
      const [number, createdAt] = [Number(row.number), Number(row.created_at)]
      return { outcome: 'accepted', number, id: uuidText(row.id), createdAt, repeated: true }
    }
    return undefined
  }

  /** Refused while the user's n newest tickets all lie within an hour of this one, in either direction: without a jump of the clock that
   *  is the n-th newest alone; after one, whoever wrote little is not held up by the tickets of a day that comes once more. */
  function limit({ createdAt, limitPerHour, user }: NewTicket, places: UserParts): AcceptResult | undefined {
    let [missing, first, last] = [limitPerHour, Number.POSITIVE_INFINITY, 0]
    for (const { part, ordinal, lastAt } of places) {
      // What only the key had to look through; the newest counts however old it is.
      if (ordinal === 0 || (part !== places[0].part && lastAt < createdAt - LIMIT_WINDOW_MS)) continue
      const count = Math.min(missing, ordinal)
      const row = span.get(part, user.username, ordinal - count)
      first = Math.min(first, Number(row?.first))
      last = Math.max(last, Number(row?.last))
      missing -= count
      const isSpent = createdAt - first < LIMIT_WINDOW_MS && last - createdAt < LIMIT_WINDOW_MS
      if (!isSpent) return undefined
      if (missing === 0) return { outcome: 'limited', retryAt: first + LIMIT_WINDOW_MS }
    }
    return undefined
  }

  /** The same ticket sent again after an outcome that was unknown. */
  function acceptedBefore(ticket: NewTicket): AcceptResult | undefined {
    const row = sameId.get(uuidBytes(ticket.id))
    return (
      row && {
        outcome: 'accepted',
        number: Number(row.number),
        id: ticket.id,
        createdAt: Number(row.created_at),
        repeated: false,
      }
    )
  }
}

/** A user's keys of 7 days lie among this many of their newest tickets: the limit of every hour allows no more. The floor covers a
 *  limit that was lowered meanwhile. Without a bound, a robot's ten-thousandth ticket would look at all before it. */
const keyWindow = (limitPerHour: number): number =>
  Math.max(20_000, (KEY_LIFETIME_MS / LIMIT_WINDOW_MS + 1) * limitPerHour)

const sameBytes = (a: unknown, b: Uint8Array): boolean => a instanceof Uint8Array && Buffer.compare(a, b) === 0
