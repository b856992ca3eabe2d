/** Accepting tickets: one batch, decided in order inside the caller's transaction. */
import type { AcceptResult } from '../../domain/store.ts'
import { KEY_LIFETIME_MS, LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import { json, type Row, text, uuidText } from '../columns.ts'
import { acknowledged, noteAcknowledged } from './acknowledgements.ts'
import { lockUsers } from './locks.ts'
import type { Session } from './session.ts'

type Accepted = Extract<AcceptResult, { outcome: 'accepted' }>

/** The results in the order of the tickets. Where one row cannot be stored, the whole batch throws. */
export const acceptAll = async (db: Session, tickets: readonly NewTicket[]): Promise<AcceptResult[]> => {
  // An address is counted by one at a time, too, whoever writes under it.
  await lockUsers(
    db,
    new Set(tickets.flatMap(({ user, acknowledgement: a }) => (a ? [user.username, a.address] : [user.username]))),
  )
  const decided = decide(tickets, await lookUp(db, tickets))
  const isNew = (_: unknown, i: number) => decided[i] === 'new'
  const numbers = await insertAll(db, tickets.filter(isNew))
  if (numbers.size === 0 && decided.some(each => each !== 'new' && each.outcome === 'accepted')) await touch(db)
  return tickets.map(({ id, createdAt }, i) => {
    const result = decided[i] ?? 'new'
    if (result === 'new') return { outcome: 'accepted', number: numbers.get(id) ?? 0, id, createdAt, repeated: false }
    if (result.outcome !== 'accepted' || result.number !== IN_THIS_BATCH) return result
    return { ...result, number: numbers.get(result.id) ?? 0 }
  })
}

/** Writes something, so that the commit waits for the standby: what was found may have been committed here by somebody who did not. */
export const touch = async (db: Session): Promise<void> => {
  await db.run(
    "insert into support.meta (key, value) values ('checked', '') on conflict (key) do update set value = excluded.value",
  )
}

type Before = {
  readonly byId: ReadonlyMap<string, Accepted>
  /** When each user's newest tickets came, newest first. */
  readonly newest: ReadonlyMap<string, readonly number[]>
  readonly byKey: ReadonlyMap<string, { readonly fingerprint: Uint8Array; readonly result: Accepted }>
}

/** All that is stored already and decides about these tickets: three looks for the whole batch. */
const lookUp = async (db: Session, tickets: readonly NewTicket[]): Promise<Before> => {
  const same = await db.all('select id, number, created_at from support.tickets where id = any($1::uuid[])', [
    tickets.map(({ id }) => id),
  ])
  const limits = new Map<string, number>()
  for (const { user, limitPerHour } of tickets)
    limits.set(user.username, Math.max(limitPerHour, limits.get(user.username) ?? 0))
  const newest = await db.all(
    `select u.username, array_agg(t.created_at::float8 order by t.number desc) as moments
     from unnest($1::text[], $2::bigint[]) u (username, most)
     cross join lateral (
       select number, created_at from support.tickets where username = u.username order by number desc limit u.most) t
     group by u.username`,
    [[...limits.keys()], [...limits.values()]],
  )
  const keyed = tickets.filter(({ idempotency }) => idempotency !== null)
  const found = keyed.length === 0 ? [] : await db.all(KEYS, keyValues(keyed))
  return {
    byId: new Map(same.map(row => [uuidText(row.id), acceptedBefore(row, false)])),
    newest: new Map(newest.map(row => [text(row.username), row.moments as number[]])), // an array of float8
    byKey: new Map(
      found.map(row => [
        keyOf(text(row.username), text(row.idempotency_key)),
        {
          fingerprint: row.fingerprint as Uint8Array, // a column of type bytea, never null beside a key
          result: acceptedBefore(row, true),
        },
      ]),
    ),
  }
}

/** A user's keys of 7 days lie among this many of their newest tickets, as many as the limit of every hour allows: a robot's ten-thousandth
 *  ticket does not look at all before it. */
const KEYS = `select distinct on (k.username, k.key) k.username, t.idempotency_key, t.number, t.id, t.created_at, t.fingerprint
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) k (username, key, since, among)
  cross join lateral (
    select number, id, created_at, idempotency_key, fingerprint from support.tickets
    where username = k.username and idempotency_key = k.key and created_at > k.since
      and number > coalesce(
        (select number from support.tickets where username = k.username order by number desc offset k.among limit 1), 0)
    order by number desc limit 1) t`

const keyValues = (keyed: readonly NewTicket[]) => [
  keyed.map(({ user }) => user.username),
  keyed.map(({ idempotency }) => idempotency?.key),
  keyed.map(({ createdAt }) => createdAt - KEY_LIFETIME_MS),
  keyed.map(({ limitPerHour }) => Math.max(20_000, (KEY_LIFETIME_MS / LIMIT_WINDOW_MS + 1) * limitPerHour)),
]

/** Stands for the number of a ticket that is being decided in the same batch. */
const IN_THIS_BATCH = 0

/** Repetition of a key, then the limit, then storing it; tickets of this batch count for those behind them. */
const decide = (tickets: readonly NewTicket[], before: Before): (AcceptResult | 'new')[] => {
  const newest = new Map<string, readonly number[]>(before.newest)
  const keys = new Map(before.byKey)
  const ids = new Map(before.byId)
  return tickets.map(ticket => {
    const { id, user, idempotency, createdAt, limitPerHour } = ticket
    const earlier = idempotency && keys.get(keyOf(user.username, idempotency.key))
    if (idempotency && earlier && earlier.result.createdAt > createdAt - KEY_LIFETIME_MS)
      return isSame(earlier.fingerprint, idempotency.fingerprint) ? earlier.result : { outcome: 'key-reused' }
    const same = ids.get(id)
    if (same) return same
    const moments = newest.get(user.username) ?? []
    const retryAt = freeAgainAt(moments.slice(0, limitPerHour), ticket)
    if (retryAt !== undefined) return { outcome: 'limited', retryAt }

    const result = { outcome: 'accepted', number: IN_THIS_BATCH, id, createdAt, repeated: false } as const
    newest.set(user.username, [createdAt, ...moments])
    ids.set(id, result)
    if (idempotency)
      keys.set(keyOf(user.username, idempotency.key), {
        fingerprint: idempotency.fingerprint,
        result: { ...result, repeated: true },
      })
    return 'new'
  })
}

/** Undefined unless the user's n newest tickets all lie within an hour of this one, in either direction. */
const freeAgainAt = (newest: readonly number[], { createdAt, limitPerHour }: NewTicket): number | undefined => {
  if (newest.length < limitPerHour) return undefined
  const first = newest.reduce((a, b) => Math.min(a, b))
  const last = newest.reduce((a, b) => Math.max(a, b))
  const isSpent = createdAt - first < LIMIT_WINDOW_MS && last - createdAt < LIMIT_WINDOW_MS
  return isSpent ? first + LIMIT_WINDOW_MS : undefined
}

/** Stores them with all that is theirs, in one statement. @returns the number of each by its id */
const insertAll = async (db: Session, tickets: readonly NewTicket[]): Promise<ReadonlyMap<string, number>> => {
  if (tickets.length === 0) return new Map()
  const told = await acknowledged(db, tickets)
  const deliveries = [
    ...tickets.flatMap(({ id, destinations }) => destinations.map(name => [id, name, false] as const)),
    ...told.map(({ id, destination }) => [id, destination, true] as const),
  ]
  const rows = await db.all(INSERT, [
    ...columnsOf(tickets),
    deliveries.map(([id]) => id),
    deliveries.map(([, destination]) => destination),
    deliveries.map(([, , isOnlyCreated]) => isOnlyCreated),
  ])
  const numbers = new Map(rows.map(row => [uuidText(row.id), Number(row.number)]))
  await noteAcknowledged(db, told, numbers)
  return numbers
}

const columnsOf = (tickets: readonly NewTicket[]): unknown[][] => [
  tickets.map(({ id }) => id),
  tickets.map(({ createdAt }) => createdAt),
  tickets.map(({ user }) => user.username),
  tickets.map(({ type }) => type),
  tickets.map(({ subject }) => subject),
  tickets.map(({ message }) => message),
  tickets.map(({ user: { username: _, ...others } }) => json(others)),
  tickets.map(({ project }) => project && json(project)),
  tickets.map(({ projects }) => (projects.length > 0 ? json(projects) : null)),
  tickets.map(({ technical }) => json(technical)),
  tickets.map(({ context }) => context && json(context)),
  tickets.map(({ idempotency }) => idempotency?.key ?? null),
  tickets.map(({ idempotency }) => idempotency && Buffer.from(idempotency.fingerprint)),
]

// Numbers are drawn under the users' locks, one by one in the order of the batch.
const INSERT = `
  with new as (
    insert into support.tickets (number, id, created_at, username, status, type, subject, message, "user", project, projects,
      technical, context, idempotency_key, fingerprint)
    select nextval('support.ticket_numbers'), id, created_at, username, 'RECEIVED', type, subject, message, "user", project, projects,
      technical, context, idempotency_key, fingerprint
    from (
      select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::bytea[]) with ordinality
        as t (id, created_at, username, type, subject, message, "user", project, projects, technical, context, idempotency_key,
          fingerprint, place)
      order by place) t
    returning number, id, created_at),
  timeline as (
    insert into support.events (ticket_number, event_number, kind, at) select number, 1, 'CREATED', created_at from new),
  to_index as (
    insert into support.search_queue (ticket_number) select number from new),
  outbox as (
    insert into support.deliveries (ticket_number, destination, event_number, next_attempt_at, only_created)
    select number, destination, 1, created_at, only_created
    from new join unnest($14::uuid[], $15::text[], $16::boolean[]) d (id, destination, only_created) using (id))
  select number, id from new`

const acceptedBefore = (row: Row, repeated: boolean): Accepted => ({
  outcome: 'accepted',
  number: Number(row.number),
  id: uuidText(row.id),
  createdAt: Number(row.created_at),
  repeated,
})

/** No username holds a line break, as no text without one does. */
const keyOf = (username: string, key: string): string => `${username}\n${key}`

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
