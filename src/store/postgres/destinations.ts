/** Destinations: their health, as it stands and as it is written. */
import type { DestinationHealth } from '../../domain/destination-health.ts'
import { healthAtLeaving, healthSettled, newHealth, steered } from '../../domain/destination-health.ts'
import type { SettleResult, Store, StoredDestination } from '../../domain/store.ts'
import { healthFrom, instant, type Row, text } from '../columns.ts'
import type { Session } from './session.ts'

/** Their rows, which nobody else changes until the transaction ends; in one order, so that nobody waits in a circle. */
export const lockDestinations = async (db: Session, names: ReadonlySet<string>): Promise<ReadonlyMap<string, Row>> => {
  const sql = 'select * from support.destinations where name = any($1) order by name for update'
  return new Map((await db.all(sql, [[...names]])).map(row => [text(row.name), row]))
}

/** Of destinations whose rows the caller has locked. */
export const writeHealth = async (db: Session, healths: ReadonlyMap<string, DestinationHealth>): Promise<void> => {
  if (healths.size === 0) return
  const all = [...healths.values()]
  await db.run(
    `update support.destinations d
     set state = h.state, reason = h.reason, step = h.step, probe_at = h.probe_at, held_until = h.held_until, held_since = h.held_since,
       retries_in_row = h.retries_in_row, success_count = h.success_count, last_delivered_at = h.last_delivered_at,
       wait_cut_at = h.wait_cut_at, revision = h.revision
     from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[], $8::integer[], $9::bigint[],
       $10::bigint[], $11::bigint[], $12::bigint[])
       as h (name, state, reason, step, probe_at, held_until, held_since, retries_in_row, success_count, last_delivered_at, wait_cut_at,
         revision)
     where d.name = h.name`,
    [[...healths.keys()], ...HEALTH.map(column => all.map(health => health[column]))],
  )
}

const HEALTH = [
  'state',
  'reason',
  'step',
  'probeAt',
  'heldUntil',
  'heldSince',
  'retriesInRow',
  'successCount',
  'lastDeliveredAt',
  'waitCutAt',
  'revision',
] as const

type Request<Call extends keyof Store> = Store[Call] extends (request: infer R) => unknown ? R : never

export const noteHealth = async (db: Session, request: Request<'noteHealth'>): Promise<SettleResult> => {
  const row = (await lockDestinations(db, new Set([request.destination]))).get(request.destination)
  if (!row || row.lease_engine === null || Number(row.epoch) !== request.epoch) return { outcome: 'lease-lost' }
  const health = healthSettled(healthFrom(row), request.health)
  await writeHealth(db, new Map([[request.destination, health]]))
  return { outcome: 'settled', health }
}

export const steer = async (db: Session, request: Request<'steer'>): Promise<DestinationHealth | undefined> => {
  const { destination, now, order } = request
  const row = (await lockDestinations(db, new Set([destination]))).get(destination)
  if (!row) return undefined
  const before = healthFrom(row)
  const after = steered(before, request)
  if (!after) return before
  if (order)
    await db.run('insert into support.audit (id, at, by, act, detail, count) values ($1, $2, $3, $4, $5, 1)', [
      order.id,
      now,
      order.by,
      request.state === 'PAUSED' ? 'pause' : 'resume',
      destination,
    ])
  if (after.state === 'OK')
    await db.run(
      `update support.deliveries
       set unclear_count = 0, unclear_mark = 0, step = 0, backoff_ms = 0, next_attempt_at = least(next_attempt_at, $2)
       where destination = $1 and state = 'PENDING'`,
      [destination, now],
    )
  await writeHealth(db, new Map([[destination, after]]))
  return after
}

const IS_NAMED = (name: string): string =>
  `exists (select 1 from support.engines
           where ${name} = any(destinations) and alive_until > extract(epoch from clock_timestamp()) * 1000)`

/** Those that another living engine serves are served as well. */
export const holdUnserved = async (db: Session, request: Request<'holdUnserved'>): Promise<void> => {
  await db.run(
    `insert into support.destinations (name)
     select distinct destination from support.deliveries where state = 'PENDING'
     on conflict do nothing`,
  )
  await db.run(
    `update support.destinations set held_since = $2
     where held_since is null and name <> all($1::text[]) and not ${IS_NAMED('name')}
       and exists (select 1 from support.deliveries where destination = name and state = 'PENDING')`,
    [request.served, request.now],
  )
}

export const noteServed = async (db: Session, request: Request<'noteServed'>): Promise<boolean> => {
  const { destination, isServed, isWaiting, now } = request
  const [row] = await db.all(
    'update support.destinations set unserved = not unserved where name = $1 and unserved = $2 returning *',
    [destination, isServed],
  )
  if (!row) return false
  if (!isServed) await writeHealth(db, new Map([[destination, healthAtLeaving(healthFrom(row), now, isWaiting)]]))
  return true
}

export const destinations = async (db: Session): Promise<StoredDestination[]> => {
  const rows = await db.all(
    `with named as (
       select name from support.destinations
       union
       select distinct destination from support.deliveries where state = 'PENDING')
     select n.name, d.*, n.name as name,
       ${IS_NAMED('n.name')} as is_named,
       (select count(*) from support.deliveries where destination = n.name and state = 'PENDING') as pending,
       (select count(*) from support.deliveries where destination = n.name and state = 'DEAD') as dead,
       (select min(e.at)
        from (select ticket_number, event_number from support.deliveries
              where destination = n.name and state = 'PENDING' order by ticket_number limit 100) p
        join support.events e using (ticket_number, event_number)) as oldest
     from named n
     left join support.destinations d on d.name = n.name
     order by n.name`,
  )
  return rows.map(row => {
    const health = row.revision === null ? newHealth : healthFrom(row)
    return {
      name: text(row.name),
      health,
      died: Number(row.died ?? 0),
      pending: Number(row.pending),
      dead: Number(row.dead),
      oldestPendingAt: instant(row.oldest),
      lastDeliveredAt: health.lastDeliveredAt,
      isNamedElsewhere: row.is_named === true,
      isNotedUnserved: row.unserved === true,
    }
  })
}
