/** Recording attempts: one batch inside the caller's transaction. */
import { healthSettled } from '../../domain/destination-health.ts'
import type { Settlement, SettleResult } from '../../domain/store.ts'
import { healthFrom, type Row, text } from '../columns.ts'
import { addDied } from './deliveries.ts'
import { writeHealth } from './destinations.ts'
import type { Session } from './session.ts'

/** The results in the order of the settlements, of which each is of another attempt. Two statements: what is recorded, and what became of the
 *  destinations by it. */
export const settleAll = async (db: Session, settlements: readonly Settlement[]): Promise<SettleResult[]> => {
  const held = new Map((await record(db, settlements)).map(row => [text(row.name), row]))
  const before = new Set([...held.values()].flatMap(row => keysFrom(row.before)))
  const health = new Map([...held].map(([name, row]) => [name, healthFrom(row)]))
  const changed = new Set<string>()
  const results = settlements.map((settlement): SettleResult => {
    const name = settlement.progress.destination
    const [row, current] = [held.get(name), health.get(name)]
    if (!row || !current || row.lease_engine === null || Number(row.epoch) !== settlement.epoch)
      return { outcome: 'lease-lost' }
    if (before.has(keyOf(settlement))) return { outcome: 'settled', health: current }
    const next = healthSettled(current, settlement.health)
    health.set(name, next)
    changed.add(name)
    return { outcome: 'settled', health: next }
  })
  await writeHealth(db, new Map([...health].filter(([name]) => changed.has(name))))
  for (const [name, { died_now: count }] of held) if (Number(count) > 0) await addDied(db, name, Number(count))
  return results
}

/** The rows of the destinations, locked, each with what was recorded before, as `keyOf` says it, and how many died. */
const record = (db: Session, settlements: readonly Settlement[]): Promise<Row[]> =>
  db.all(RECORD, [
    settlements.map(({ progress }) => progress.ticketNumber),
    settlements.map(({ progress }) => progress.destination),
    settlements.map(({ progress }) => progress.eventNumber),
    settlements.map(({ progress }) => progress.attempts),
    settlements.map(({ epoch }) => epoch),
    settlements.map(({ state }) => state),
    settlements.map(({ reason }) => reason),
    ...PROGRESS.map(column => settlements.map(({ progress }) => progress[column])),
    settlements.map(({ attempt }) => attempt.at),
    settlements.map(({ attempt }) => attempt.ms),
    settlements.map(({ attempt }) => attempt.outcome),
    settlements.map(({ attempt }) => attempt.status),
    settlements.map(({ attempt }) => attempt.excerpt),
    settlements.map(({ ref }) => ref),
  ])

const PROGRESS = [
  'level',
  'step',
  'backoffMs',
  'spentMs',
  'nextAttemptAt',
  'attemptedAt',
  'unclearCount',
  'unclearMark',
  'unavailableCount',
  'unavailableMark',
] as const

/** The destinations are locked before anything else is touched, in one order, so that nobody waits in a circle. What is seen beside them may be as
 *  old as the wait for that: what another transaction recorded meanwhile shows in the delivery only, which is read anew to be updated. A delivery
 *  that was moved to another destination while it was under way is not there any more: then there is nothing to record. */
const RECORD = `
  with given as (
    select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::integer[],
      $9::integer[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::integer[], $15::bigint[], $16::integer[],
      $17::bigint[], $18::bigint[], $19::bigint[], $20::text[], $21::integer[], $22::text[], $23::text[])
      as s (ticket_number, destination, event_number, attempt, epoch, state, reason, level, step, backoff_ms, spent_ms, next_attempt_at,
        attempted_at, unclear_count, unclear_mark, unavailable_count, unavailable_mark, at, ms, outcome, status, excerpt, ref)),
  held as materialized (
    select * from support.destinations where name = any($2::text[]) order by name for update),
  ours as materialized (
    select g.* from given g join held h on h.name = g.destination and h.epoch = g.epoch and h.lease_engine is not null),
  before as (
    select ticket_number, destination, event_number, attempt
    from ours join support.attempts using (ticket_number, destination, event_number, attempt)),
  updated as (
    update support.deliveries d
    set state = s.state, reason = s.reason, attempts = s.attempt, level = s.level, step = s.step, backoff_ms = s.backoff_ms,
      spent_ms = s.spent_ms, next_attempt_at = s.next_attempt_at, attempted_at = s.attempted_at, unclear_count = s.unclear_count,
      unclear_mark = s.unclear_mark, unavailable_count = s.unavailable_count, unavailable_mark = s.unavailable_mark
    from ours s
    where d.ticket_number = s.ticket_number and d.destination = s.destination and d.event_number = s.event_number
      and d.attempts < s.attempt and (s.ticket_number, s.destination, s.event_number, s.attempt) not in (select * from before)
    returning s.*),
  logged as (
    insert into support.attempts (ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt)
    select ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt from updated),
  referred as (
    insert into support.ticket_refs (ticket_number, destination, ref)
    select ticket_number, destination, ref from updated where ref is not null
    on conflict do nothing)
  select h.*,
    (select array_agg(concat_ws('/', ticket_number, destination, event_number, attempt)) from before where destination = h.name) as before,
    (select count(*) from updated where destination = h.name and state = 'DEAD') as died_now
  from held h`

const keysFrom = (value: Row[string]): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** Of an attempt: two with the same key are one. */
export const keyOf = ({ progress: p }: Settlement): string =>
  [p.ticketNumber, p.destination, p.eventNumber, p.attempts].join('/')
