/** Recording attempts: one batch inside the caller's transaction. */
import { healthSettled } from '../../domain/destination-health.ts'
import type { Settlement, SettleResult } from '../../domain/store.ts'
import { healthFrom, text } from '../columns.ts'
import { addDied } from './deliveries.ts'
import { lockDestinations, writeHealth } from './destinations.ts'
import type { Session } from './session.ts'

/** The results in the order of the settlements, of which each is of another attempt. */
export const settleAll = async (db: Session, settlements: readonly Settlement[]): Promise<SettleResult[]> => {
  const held = await lockDestinations(db, new Set(settlements.map(({ progress }) => progress.destination)))
  const holds = ({ progress, epoch }: Settlement) => {
    const row = held.get(progress.destination)
    return row !== undefined && row.lease_engine !== null && Number(row.epoch) === epoch
  }
  const ours = settlements.filter(holds)
  const before = await attemptedBefore(db, ours)
  const fresh = ours.filter(settlement => !before.has(keyOf(settlement)))
  if (fresh.length > 0) await record(db, fresh)

  const health = new Map([...held].map(([name, row]) => [name, healthFrom(row)]))
  const results = settlements.map((settlement): SettleResult => {
    const name = settlement.progress.destination
    const current = health.get(name)
    if (!holds(settlement) || !current) return { outcome: 'lease-lost' }
    if (before.has(keyOf(settlement))) return { outcome: 'settled', health: current }
    const next = healthSettled(current, settlement.health)
    health.set(name, next)
    return { outcome: 'settled', health: next }
  })
  const changed = new Set(fresh.map(({ progress }) => progress.destination))
  await writeHealth(db, new Map([...health].filter(([name]) => changed.has(name))))
  return results
}

const attemptedBefore = async (db: Session, settlements: readonly Settlement[]): Promise<ReadonlySet<string>> => {
  const rows = await db.all(
    `select a.ticket_number, a.destination, a.event_number, a.attempt
     from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[]) k (ticket_number, destination, event_number, attempt)
     join support.attempts a using (ticket_number, destination, event_number, attempt)`,
    keyColumns(settlements),
  )
  return new Set(rows.map(row => [row.ticket_number, row.destination, row.event_number, row.attempt].join('/')))
}

/** One that was moved to another destination while it was under way is not there any more: then there is nothing to record. */
const record = async (db: Session, fresh: readonly Settlement[]): Promise<void> => {
  const died = await db.all(RECORD, [
    ...keyColumns(fresh),
    fresh.map(({ state }) => state),
    fresh.map(({ reason }) => reason),
    ...PROGRESS.map(column => fresh.map(({ progress }) => progress[column])),
    fresh.map(({ attempt }) => attempt.at),
    fresh.map(({ attempt }) => attempt.ms),
    fresh.map(({ attempt }) => attempt.outcome),
    fresh.map(({ attempt }) => attempt.status),
    fresh.map(({ attempt }) => attempt.excerpt),
    fresh.map(({ ref }) => ref),
  ])
  for (const row of died) await addDied(db, text(row.destination), Number(row.count))
}

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

const RECORD = `
  with settled as (
    select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::integer[], $8::integer[],
      $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::integer[], $14::bigint[], $15::integer[], $16::bigint[],
      $17::bigint[], $18::bigint[], $19::text[], $20::integer[], $21::text[], $22::text[])
      as s (ticket_number, destination, event_number, attempt, state, reason, level, step, backoff_ms, spent_ms, next_attempt_at,
        attempted_at, unclear_count, unclear_mark, unavailable_count, unavailable_mark, at, ms, outcome, status, excerpt, ref)),
  updated as (
    update support.deliveries d
    set state = s.state, reason = s.reason, attempts = s.attempt, level = s.level, step = s.step, backoff_ms = s.backoff_ms,
      spent_ms = s.spent_ms, next_attempt_at = s.next_attempt_at, attempted_at = s.attempted_at, unclear_count = s.unclear_count,
      unclear_mark = s.unclear_mark, unavailable_count = s.unavailable_count, unavailable_mark = s.unavailable_mark
    from settled s
    where d.ticket_number = s.ticket_number and d.destination = s.destination and d.event_number = s.event_number
    returning s.*),
  logged as (
    insert into support.attempts (ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt)
    select ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt from updated),
  referred as (
    insert into support.ticket_refs (ticket_number, destination, ref)
    select ticket_number, destination, ref from updated where ref is not null
    on conflict do nothing)
  select destination, count(*) as count from updated where state = 'DEAD' group by destination`

const keyColumns = (settlements: readonly Settlement[]): unknown[][] => [
  settlements.map(({ progress }) => progress.ticketNumber),
  settlements.map(({ progress }) => progress.destination),
  settlements.map(({ progress }) => progress.eventNumber),
  settlements.map(({ progress }) => progress.attempts),
]

/** Of an attempt: two with the same key are one. */
export const keyOf = ({ progress: p }: Settlement): string =>
  [p.ticketNumber, p.destination, p.eventNumber, p.attempts].join('/')
