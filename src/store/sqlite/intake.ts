/** Accepting tickets: the statements of the intake transaction. */
import type { AcceptResult } from '../../domain/store.ts'
import { KEY_LIFETIME_MS, LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import { json, uuidBytes, uuidText } from './columns.ts'
import type { Database } from './database.ts'

/** Decides one ticket inside the caller's transaction: repetition of a key, then the limit, then storing it. */
export const acceptIn = (db: Database) => {
  const keyOf = db.prepare(
    'select k.fingerprint, k.ticket_number, k.created_at as key_created_at, t.id, t.created_at from idempotency_keys k join tickets t on t.number = k.ticket_number where k.username = ? and k.key = ?',
  )
  const dropKey = db.prepare('delete from idempotency_keys where username = ? and key = ?')
  const lastOrdinal = db.prepare(
    'select user_ordinal from tickets where username = ? order by user_ordinal desc limit 1',
  )
  const createdAtOf = db.prepare('select created_at from tickets where username = ? and user_ordinal = ?')
  const sameId = db.prepare('select number, created_at from tickets where id = ?')
  const insertTicket = db.prepare(
    'insert into tickets (id, created_at, username, user_ordinal, status, type, subject, message, user, project, projects, technical, context) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number',
  )
  const insertEvent = db.prepare(
    "insert into events (ticket_number, event_number, kind, at) values (?, 1, 'CREATED', ?)",
  )
  const insertDelivery = db.prepare(
    'insert into deliveries (ticket_number, destination, event_number, next_attempt_at) values (?, ?, 1, ?)',
  )
  const insertKey = db.prepare(
    'insert into idempotency_keys (username, key, fingerprint, ticket_number, created_at) values (?, ?, ?, ?, ?)',
  )

  return (ticket: NewTicket): AcceptResult => {
    const { username } = ticket.user
    const earlier = repetition(ticket)
    if (earlier) return earlier

    const ordinal = Number(lastOrdinal.get(username)?.user_ordinal ?? 0) + 1
    const limited = limit(ticket, ordinal)
    if (limited) return acceptedBefore(ticket) ?? limited

    const id = uuidBytes(ticket.id)
    let number: number
    try {
      number = Number(
        insertTicket.get(
          id,
          ticket.createdAt,
          username,
          ordinal,
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
        )?.number,
      )
    } catch (error) {
      const before = acceptedBefore(ticket)
      if (before) return before
      throw error
    }
    insertEvent.run(number, ticket.createdAt)
    for (const destination of ticket.destinations) insertDelivery.run(number, destination, ticket.createdAt)
    if (ticket.idempotency)
      insertKey.run(username, ticket.idempotency.key, ticket.idempotency.fingerprint, number, ticket.createdAt)
    return { outcome: 'accepted', number, id: ticket.id, createdAt: ticket.createdAt, repeated: false }
  }

  function repetition(ticket: NewTicket): AcceptResult | undefined {
    if (!ticket.idempotency) return undefined
    const row = keyOf.get(ticket.user.username, ticket.idempotency.key)
    if (!row) return undefined
    if (Number(row.key_created_at) <= ticket.createdAt - KEY_LIFETIME_MS) {
      dropKey.run(ticket.user.username, ticket.idempotency.key)
      return undefined
    }
    if (!sameBytes(row.fingerprint, ticket.idempotency.fingerprint)) return { outcome: 'key-reused' }
    return {
      outcome: 'accepted',
      number: Number(row.ticket_number),
      id: uuidText(row.id),
      createdAt: Number(row.created_at),
      repeated: true,
    }
  }

  /** Refused while the user's n-th newest ticket lies within an hour of this one, in either direction: a clock that jumps costs at most one window. */
  function limit(ticket: NewTicket, ordinal: number): AcceptResult | undefined {
    if (ordinal <= ticket.limitPerHour) return undefined
    const createdAt = createdAtOf.get(ticket.user.username, ordinal - ticket.limitPerHour)?.created_at
    if (createdAt === undefined) return undefined
    const retryAt = Number(createdAt) + LIMIT_WINDOW_MS
    return Math.abs(ticket.createdAt - Number(createdAt)) < LIMIT_WINDOW_MS
      ? { outcome: 'limited', retryAt }
      : undefined
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

const sameBytes = (a: unknown, b: Uint8Array): boolean => a instanceof Uint8Array && Buffer.compare(a, b) === 0
