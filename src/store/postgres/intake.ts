/** Accepting tickets: one batch, decided in order inside the caller's transaction. */
import type { AcceptResult } from '../../domain/store.ts'
import { KEY_LIFETIME_MS, LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import { json, uuidText } from '../columns.ts'
import { acknowledged, noteAcknowledged } from './acknowledgements.ts'
import { lockingUsers } from './locks.ts'
import type { Session } from './session.ts'

type Accepted = Extract<AcceptResult, { outcome: 'accepted' }>

/** A statement that must come first in the transaction. An address is counted by one at a time, too, whoever writes under it. */
export const locking = (tickets: readonly NewTicket[]): string =>
  lockingUsers(
    new Set(tickets.flatMap(({ user, acknowledgement: a }) => (a ? [user.username, a.address] : [user.username]))),
  )

/** The results in the order of the tickets. Where one row cannot be stored, the whole batch throws. */
export const acceptAll = async (db: Session, tickets: readonly NewTicket[]): Promise<AcceptResult[]> => {
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

/** All that is stored already and decides about these tickets. */
const lookUp = async (db: Session, tickets: readonly NewTicket[]): Promise<Before> => {
  const [found] = await db.all(LOOK_UP, [tickets.map(({ id }) => id), ...userValues(tickets), ...keyValues(tickets)])
  const { same, newest, keys } = found as Found // columns of JSON
  return {
    byId: new Map(same.map(row => [row.id, acceptedBefore(row, false)])),
    newest: new Map(newest.map(({ username, moments }) => [username, moments])),
    byKey: new Map(
      keys.map(({ fingerprint, ...row }) => [
        keyOf(row.username, row.idempotency_key),
        { fingerprint: Buffer.from(fingerprint, 'hex'), result: acceptedBefore(row, true) },
      ]),
    ),
  }
}

type Stored = { readonly id: string; readonly number: number; readonly created_at: number }
/** What `LOOK_UP` answers. */
type Found = {
  readonly same: readonly Stored[]
  readonly newest: readonly { readonly username: string; readonly moments: readonly number[] }[]
  readonly keys: readonly (Stored & {
    readonly username: string
    readonly idempotency_key: string
    readonly fingerprint: string
  })[]
}

/** The tickets that have these ids; when each user's newest came, of those who might be limited; and those with these keys. */
const LOOK_UP = `select
  (select coalesce(json_agg(found), '[]') from (
    select id, number, created_at from support.tickets where id = any($1::uuid[])) found) as same,
  (select coalesce(json_agg(found), '[]') from (
    select username, array(
      select created_at from support.tickets t where t.username = u.username order by number desc limit u.most) as moments
    from unnest($2::text[], $3::bigint[], $4::bigint[]) u (username, most, enough)
    where exists (
      select number from support.tickets t where t.username = u.username order by number desc offset u.enough)) found) as newest,
  (select coalesce(json_agg(found), '[]') from (
    select k.username, t.idempotency_key, t.number, t.id, t.created_at, encode(t.fingerprint, 'hex') as fingerprint
    from unnest($5::text[], $6::text[], $7::bigint[]) k (username, key, since)
    cross join lateral (
      select number, id, created_at, idempotency_key, fingerprint from support.tickets
      where username = k.username and idempotency_key = k.key and created_at > k.since
      order by number desc limit 1) t) found) as keys`

const userValues = (tickets: readonly NewTicket[]) => {
  const users = new Map<string, NewTicket[]>()
  for (const ticket of tickets) users.set(ticket.user.username, [...(users.get(ticket.user.username) ?? []), ticket])
  const limits = [...users.values()].map(theirs => theirs.map(({ limitPerHour }) => limitPerHour))
  return [
    [...users.keys()],
    limits.map(theirs => Math.max(...theirs)),
    // With fewer than this none of theirs is refused, whatever the others are.
    limits.map(theirs => Math.max(0, Math.min(...theirs) - theirs.length)),
  ]
}

const keyValues = (tickets: readonly NewTicket[]) => {
  const keyed = new Map<string, readonly [username: string, key: string, since: number]>()
  for (const { user, idempotency, createdAt } of tickets) {
    if (!idempotency) continue
    const name = keyOf(user.username, idempotency.key)
    const since = Math.min(createdAt - KEY_LIFETIME_MS, keyed.get(name)?.[2] ?? Number.POSITIVE_INFINITY)
    keyed.set(name, [user.username, idempotency.key, since])
  }
  return [0, 1, 2].map(i => [...keyed.values()].map(one => one[i]))
}

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

const acceptedBefore = ({ id, number, created_at: createdAt }: Stored, repeated: boolean): Accepted => ({
  outcome: 'accepted',
  number,
  id,
  createdAt,
  repeated,
})

/** No username holds a line break, as no text without one does. */
const keyOf = (username: string, key: string): string => `${username}\n${key}`

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
