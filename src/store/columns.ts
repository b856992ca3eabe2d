/** How our shapes become columns and come back, in every store. Rows come from our own statements on our own schema, so their types are known;
 *  a UUID comes as bytes (SQLite) or as text (PostgreSQL), a truth value as 1 or as true. */
import type { Attempt } from '../api/ticket.ts'
import type { DeliveryProgress } from '../domain/delivery.ts'
import type { DestinationHealth } from '../domain/destination-health.ts'
import type { Lease } from '../domain/store.ts'
import type { StoredEvent, StoredTicket } from '../domain/ticket.ts'

export type Row = Readonly<Record<string, unknown>>

export const json = (value: unknown): string => JSON.stringify(value)

export const uuidBytes = (uuid: string): Uint8Array => Buffer.from(uuid.replaceAll('-', ''), 'hex')

export const uuidText = (id: unknown): string => {
  if (typeof id === 'string') return id
  const hex = Buffer.from(id as Uint8Array).toString('hex') // a column of type blob
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Below every id made at that moment or later. */
export const firstId = (at: number): Uint8Array =>
  uuidBytes(
    Math.min(Math.max(0, at), 2 ** 48 - 1)
      .toString(16)
      .padStart(12, '0')
      .padEnd(32, '0'),
  )

/** How much text a ticket holds. */
export const TEXT_BYTES =
  'octet_length(message) + octet_length(subject) + octet_length("user") + octet_length(technical) + coalesce(octet_length(context), 0)'

export const ticketFrom = (row: Row): StoredTicket => ({
  number: Number(row.number),
  id: uuidText(row.id),
  createdAt: Number(row.created_at),
  status: text(row.status) as StoredTicket['status'], // only ever written from the union
  type: row.type as StoredTicket['type'], // only ever written from the union
  subject: text(row.subject),
  message: text(row.message),
  user: { username: text(row.username), ...parse(row.user) } as StoredTicket['user'], // written by intake.ts
  project: parse(row.project) as StoredTicket['project'], // written by intake.ts
  projects: (parse(row.projects) ?? []) as string[], // written by intake.ts
  technical: parse(row.technical) as StoredTicket['technical'], // written by intake.ts
  context: parse(row.context) as StoredTicket['context'], // written by intake.ts
})

export const eventFrom = (row: Row, ticket: StoredTicket): StoredEvent => ({
  ticketNumber: Number(row.ticket_number),
  eventNumber: Number(row.event_number),
  kind: text(row.kind) as StoredEvent['kind'], // only ever written from the union
  at: Number(row.at),
  by: (parse(row.by) as StoredEvent['by'] | null) ?? {
    // null in a created event: by the writer
    username: ticket.user.username,
    name: ticket.user.name,
    staff: false,
  },
  message: row.message === null ? (row.kind === 'CREATED' ? ticket.message : null) : text(row.message),
  internal: row.internal === 1 || row.internal === true,
  status: row.status as StoredEvent['status'], // only ever written from the union
})

export const PROGRESS_COLUMNS =
  'ticket_number, event_number, destination, attempts, level, step, backoff_ms, spent_ms, next_attempt_at, attempted_at, unclear_count, unclear_mark, unavailable_count, unavailable_mark'

export const progressFrom = (row: Row): DeliveryProgress => ({
  ticketNumber: Number(row.ticket_number),
  eventNumber: Number(row.event_number),
  destination: text(row.destination),
  attempts: Number(row.attempts),
  level: Number(row.level),
  step: Number(row.step),
  backoffMs: Number(row.backoff_ms),
  spentMs: Number(row.spent_ms),
  nextAttemptAt: Number(row.next_attempt_at),
  attemptedAt: instant(row.attempted_at),
  unclearCount: Number(row.unclear_count),
  unclearMark: Number(row.unclear_mark),
  unavailableCount: Number(row.unavailable_count),
  unavailableMark: Number(row.unavailable_mark),
})

export const attemptFrom = (row: Row): Attempt => ({
  at: Number(row.at),
  ms: Number(row.ms),
  outcome: text(row.outcome) as Attempt['outcome'], // only ever written from the union
  status: instant(row.status),
  excerpt: row.excerpt === null ? null : text(row.excerpt),
})

export const leaseFrom = (row: Row): Lease => ({
  destination: text(row.name),
  epoch: Number(row.epoch),
  health: healthFrom(row),
  lastSentAt: instant(row.last_sent_at),
})

export const healthFrom = (row: Row): DestinationHealth => ({
  state: text(row.state) as DestinationHealth['state'], // only ever written from the union
  reason: row.reason === null ? null : text(row.reason),
  step: Number(row.step),
  probeAt: instant(row.probe_at),
  heldUntil: instant(row.held_until),
  heldSince: instant(row.held_since),
  retriesInRow: Number(row.retries_in_row),
  successCount: Number(row.success_count),
  lastDeliveredAt: instant(row.last_delivered_at),
  waitCutAt: instant(row.wait_cut_at),
  revision: Number(row.revision),
})

export const instant = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value))

export const text = (value: unknown): string => String(value)

const parse = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : null)
