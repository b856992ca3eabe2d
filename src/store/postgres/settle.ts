/** Recording attempts: a batch of them in one statement, which commits by itself and does nothing when it comes a second time. */
import type { Settlement, SettleResult } from '../../domain/store.ts'
import { healthFrom, type Row, text } from '../columns.ts'
import type { Statement } from './session.ts'

/** @param settlements each of another attempt; those of one destination in the order of its attempts */
export const settling = (settlements: readonly Settlement[]): Statement => ({
  sql: RECORD,
  values: [
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
    ...HEALTH.map(column => settlements.map(({ health }) => health[column])),
  ],
})

/** The results in the order of the settlements. @param rows what the statement returned */
export const settled = (settlements: readonly Settlement[], rows: readonly Row[]): SettleResult[] => {
  const held = new Map(rows.map(row => [text(row.name), row]))
  return settlements.map(({ epoch, progress }) => {
    const row = held.get(progress.destination)
    const isHeld = row && row.lease_engine !== null && Number(row.epoch) === epoch
    return isHeld ? { outcome: 'settled', health: healthFrom(row) } : { outcome: 'lease-lost' }
  })
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

const HEALTH = [
  'revision',
  'state',
  'reason',
  'step',
  'probeAt',
  'heldSince',
  'retriesInRow',
  'successCount',
  'lastDeliveredAt',
  'heldUntil',
  'waitCutAt',
] as const

/** The destinations are locked before anything else is touched, in one order, so that nobody waits in a circle; then the deliveries, so that what another
 *  transaction recorded during the wait is seen. One whose attempt was recorded before is left alone; one that was moved to another destination while it
 *  was under way is not there any more, and only the destination's health is kept; one that was given up meanwhile (held for too long) stays so, unless
 *  it arrived.
 *
 *  Of a destination's health the last word counts, as `healthSettled` (domain) has it: all of it unless staff steered meanwhile. */
const RECORD = `
  with given as (
    select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::integer[],
      $9::integer[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::integer[], $15::bigint[], $16::integer[],
      $17::bigint[], $18::bigint[], $19::bigint[], $20::text[], $21::integer[], $22::text[], $23::text[], $24::bigint[], $25::text[],
      $26::text[], $27::integer[], $28::bigint[], $29::bigint[], $30::integer[], $31::bigint[], $32::bigint[], $33::bigint[],
      $34::bigint[]) with ordinality
      as s (ticket_number, destination, event_number, attempt, epoch, state, reason, level, step, backoff_ms, spent_ms, next_attempt_at,
        attempted_at, unclear_count, unclear_mark, unavailable_count, unavailable_mark, at, ms, outcome, status, excerpt, ref,
        health_revision, health_state, health_reason, health_step, health_probe_at, health_held_since, health_retries_in_row,
        health_success_count, health_last_delivered_at, health_held_until, health_wait_cut_at, place)),
  held as materialized (
    select * from support.destinations where name = any($2::text[]) order by name for update),
  ours as materialized (
    select g.* from given g join held h on h.name = g.destination and h.epoch = g.epoch and h.lease_engine is not null),
  locked as materialized (
    select d.ticket_number, d.destination, d.event_number, d.attempts, d.state
    from ours join support.deliveries d using (ticket_number, destination, event_number)
    for no key update of d),
  fresh as materialized (
    select o.*, l.attempts is not null as is_there, coalesce(l.state = 'DEAD' and o.state <> 'DELIVERED', false) as is_given_up
    from ours o left join locked l using (ticket_number, destination, event_number)
    where l.attempts is null or l.attempts < o.attempt),
  updated as (
    update support.deliveries d
    set state = case when s.is_given_up then d.state else s.state end, reason = case when s.is_given_up then d.reason else s.reason end,
      attempts = s.attempt, level = s.level, step = s.step, backoff_ms = s.backoff_ms,
      spent_ms = s.spent_ms, next_attempt_at = s.next_attempt_at, attempted_at = s.attempted_at, unclear_count = s.unclear_count,
      unclear_mark = s.unclear_mark, unavailable_count = s.unavailable_count, unavailable_mark = s.unavailable_mark
    from fresh s
    where d.ticket_number = s.ticket_number and d.destination = s.destination and d.event_number = s.event_number),
  logged as (
    insert into support.attempts (ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt)
    select ticket_number, destination, event_number, attempt, at, ms, outcome, status, excerpt from fresh where is_there),
  referred as (
    insert into support.ticket_refs (ticket_number, destination, ref)
    select ticket_number, destination, ref from fresh where is_there and ref is not null
    on conflict do nothing),
  said as materialized (
    select distinct on (destination) *,
      count(*) filter (where is_there and state = 'DEAD' and not is_given_up) over (partition by destination) as died_now
    from fresh order by destination, place desc),
  became as (
    update support.destinations d
    set (state, reason, step, probe_at, held_since, retries_in_row) = (
        select s.health_state, s.health_reason, s.health_step, s.health_probe_at, s.health_held_since, s.health_retries_in_row
        where d.revision = s.health_revision
        union all
        select d.state, d.reason, d.step, d.probe_at, d.held_since, d.retries_in_row where d.revision <> s.health_revision),
      success_count = s.health_success_count, last_delivered_at = s.health_last_delivered_at, held_until = s.health_held_until,
      wait_cut_at = s.health_wait_cut_at, died = d.died + s.died_now
    from said s where d.name = s.destination
    returning d.*)
  select * from became
  union all
  select * from held where name not in (select destination from said)`

/** Of an attempt: two with the same key are one. */
export const keyOf = ({ progress: p }: Settlement): string =>
  [p.ticketNumber, p.destination, p.eventNumber, p.attempts].join('/')
