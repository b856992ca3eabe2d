/** Forgetting what is older than the operator keeps, a slice at a time. */
import { MOVED } from '../../domain/delivery.ts'
import type { ForgottenSlice } from '../../domain/store.ts'
import { TEXT_BYTES, uuidText } from '../columns.ts'
import type { Session } from './session.ts'
import { FIRST_ID, firstIdAt } from './tickets.ts'

/** A slice ends at this much text. */
const SLICE_BYTES = 1024 * 1024
/** What staff and users did goes along with the tickets of its time: so many rows with each slice. */
const AUDIT_EACH = 500
/** Whoever closes a ticket has seen what was given up, if it is staff. */
const CLOSED_BY_STAFF = `coalesce((select (by::json ->> 'staff')::boolean from support.events
  where ticket_number = t.number and status = 'CLOSED'
  order by event_number desc limit 1), false)`

const THEIRS = ['attempts', 'ticket_refs', 'deliveries', 'events', 'search', 'search_queue']

export const forgetTickets = async (
  db: Session,
  request: { before: number; after: string | null; limit: number },
): Promise<ForgottenSlice<string | null>> => {
  const { before, after, limit } = request
  // Ids begin with their time, so the index that is there anyway knows what is old; and a slice goes on where the last one ended.
  const old = await db.all(
    `select number, id, sum(${TEXT_BYTES}) over (order by id) as bytes from support.tickets
     where id > $1 and id < $2
     order by id
     limit $3`,
    [after ?? FIRST_ID, firstIdAt(before), limit],
  )
  const taken = old.filter((row, i) => i === 0 || Number(row.bytes) <= SLICE_BYTES)
  const last = taken.at(-1)
  const numbers = await forgettable(
    db,
    taken.map(({ number }) => Number(number)),
    before,
  )
  if (numbers.length > 0) {
    for (const table of THEIRS)
      await db.run(`delete from support.${table} where ticket_number = any($1::bigint[])`, [numbers])
    await db.run('delete from support.tickets where number = any($1::bigint[])', [numbers])
  }
  const acts = await db.run(
    'delete from support.audit where id in (select id from support.audit where at < $1 order by at limit $2)',
    [before, AUDIT_EACH],
  )
  return {
    removed: numbers.length,
    after: last ? uuidText(last.id) : after,
    isLast: old.length < limit && taken.length === old.length && acts < AUDIT_EACH,
  }
}

/** Locked first and looked at then, lest a comment or a replay that comes between be forgotten with the rest. */
const forgettable = async (db: Session, numbers: readonly number[], before: number): Promise<number[]> => {
  await db.all('select number from support.tickets where number = any($1::bigint[]) order by number for update', [
    numbers,
  ])
  await db.all(
    `select 1 from support.deliveries
     where ticket_number = any($1::bigint[])
     order by ticket_number, destination, event_number
     for update`,
    [numbers],
  )
  const rows = await db.all(
    `select number from support.tickets t
     where number = any($1::bigint[]) and number < (select max(number) from support.tickets)
       and not exists (select 1 from support.events where ticket_number = t.number and at >= $2)
       and not exists (
         select 1 from support.deliveries
         where ticket_number = t.number
           and (state = 'PENDING' or (state = 'DEAD' and reason is distinct from '${MOVED}' and not (t.status = 'CLOSED' and ${CLOSED_BY_STAFF}))))
     order by number`,
    [numbers, before],
  )
  return rows.map(({ number }) => Number(number))
}

export const forgetAttempts = async (
  db: Session,
  { before, after, limit }: { before: number; after: number; limit: number },
): Promise<ForgottenSlice<number>> => {
  const [end] = await db.all('select number from support.tickets where id < $1 order by id desc limit 1', [
    firstIdAt(before),
  ])
  const tried = await db.all(
    `select distinct ticket_number as number from support.attempts
     where ticket_number > $1 and ticket_number <= $2
     order by ticket_number
     limit $3`,
    [after, Number(end?.number ?? 0), limit],
  )
  const last = Number(tried.at(-1)?.number ?? after)
  const removed = await db.run(
    `delete from support.attempts a
     where ticket_number > $1 and ticket_number <= $2 and at < $3
       and not exists (
         select 1 from support.deliveries d
         where d.ticket_number = a.ticket_number and d.destination = a.destination and d.event_number = a.event_number
           and d.state = 'PENDING')`,
    [after, last, before],
  )
  return { removed, after: last, isLast: tried.length < limit }
}
