/** Leases: the right to serve a destination, by the database's clock, shared among the engines that live. */
import type { Lease, Store } from '../../domain/store.ts'
import { leaseFrom, text } from '../columns.ts'
import { isHalfMoved } from './half-moved.ts'
import { lockLeases } from './locks.ts'
import type { Session } from './session.ts'

type Request<Call extends keyof Store> = Store[Call] extends (request: infer R) => unknown ? R : never

/** The database's clock, in milliseconds. */
export const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint'
/** A lease that has been free for this long is taken by whoever asks, share or no share. */
const FREE_FOR_ALL_MS = 5_000

/** Who lives beside us, as far as it concerns these destinations; and how much each of us holds. */
type Neighbour = { readonly engine: string; readonly names: ReadonlySet<string>; readonly holds: number }

/** Some of these could be taken: a look that locks nothing, for the many polls that find nothing. */
export const anyFree = async (db: Session, { destinations }: Request<'takeLeases'>): Promise<boolean> => {
  const [row] = await db.all(
    `select 1 from unnest($1::text[]) wanted (name)
     left join support.destinations d using (name)
     where d.lease_engine is null or d.lease_until <= ${NOW}
     limit 1`,
    [destinations],
  )
  return row !== undefined
}

export const takeLeases = async (db: Session, request: Request<'takeLeases'>): Promise<Lease[]> => {
  const { engine, destinations, forMs } = request
  await lockLeases(db)
  if (await isHalfMoved(db)) return []
  await db.run('insert into support.destinations (name) select unnest($1::text[]) on conflict do nothing', [
    destinations,
  ])
  const free = await db.all(
    `select name, lease_until < ${NOW} - ${FREE_FOR_ALL_MS} as for_all from support.destinations
     where name = any($1) and (lease_engine is null or lease_until <= ${NOW})
     order by array_position($1, name)`,
    [destinations],
  )
  const others = await neighbours(db, engine)
  let held = await holdsOf(db, engine)
  const taken: string[] = []
  for (const row of free) {
    const name = text(row.name)
    if (row.for_all !== true && others.some(other => other.names.has(name) && other.holds < held)) continue
    taken.push(name)
    held += 1
  }
  if (taken.length === 0) return []
  const rows = await db.all(
    `update support.destinations set lease_engine = $1, lease_until = ${NOW} + $3::bigint, epoch = epoch + 1
     where name = any($2) and (lease_engine is null or lease_until <= ${NOW})
     returning *`,
    [engine, taken, forMs],
  )
  return rows.map(leaseFrom).sort((a, b) => destinations.indexOf(a.destination) - destinations.indexOf(b.destination))
}

export const renewLeases = async (db: Session, { engine, forMs }: Request<'renewLeases'>): Promise<Lease[]> => {
  const rows = await db.all(
    `with held as (
       select name from support.destinations where lease_engine = $1 and lease_until > ${NOW} order by name for update)
     update support.destinations d set lease_until = ${NOW} + $2::bigint
     from held where d.name = held.name
     returning d.*`,
    [engine, forMs],
  )
  return rows.map(leaseFrom).sort((a, b) => (a.destination < b.destination ? -1 : 1))
}

export const giveBackLease = async (db: Session, lease: Request<'giveBackLease'>): Promise<void> => {
  await db.run(
    `update support.destinations
     set lease_engine = null, lease_until = ${NOW}, last_sent_at = coalesce($3, last_sent_at)
     where name = $1 and epoch = $2`,
    [lease.destination, lease.epoch, lease.lastSentAt],
  )
}

/** Notes that the engine lives. @returns those of its destinations that others should have, so that all have their share */
export const join = async (db: Session, { engine, destinations, forMs }: Request<'join'>): Promise<string[]> => {
  await db.run(
    `insert into support.engines (id, alive_until, destinations) values ($1, ${NOW} + $3::bigint, $2)
     on conflict (id) do update set alive_until = excluded.alive_until, destinations = excluded.destinations`,
    [engine, destinations, forMs],
  )
  await db.run(`delete from support.engines where alive_until < ${NOW} - 3600000`)
  const rows = await db.all(
    `select name from support.destinations where lease_engine = $1 and lease_until > ${NOW} order by name desc`,
    [engine],
  )
  let held = rows.length
  const others = (await neighbours(db, engine)).map(other => ({ ...other }))
  const surplus: string[] = []
  for (const { name } of rows) {
    const lacking = others
      .filter(other => other.names.has(text(name)) && other.holds + 1 < held)
      .sort((a, b) => a.holds - b.holds)[0]
    if (!lacking) continue
    surplus.push(text(name))
    Object.assign(lacking, { holds: lacking.holds + 1 })
    held -= 1
  }
  return surplus
}

export const leave = async (db: Session, { engine }: Request<'leave'>): Promise<void> => {
  await db.run('delete from support.engines where id = $1', [engine])
}

const neighbours = async (db: Session, engine: string): Promise<Neighbour[]> => {
  const rows = await db.all(
    `select e.id, e.destinations,
       (select count(*) from support.destinations where lease_engine = e.id and lease_until > ${NOW}) as holds
     from support.engines e
     where id <> $1 and alive_until > ${NOW}
     order by id`,
    [engine],
  )
  return rows.map(row => ({
    engine: text(row.id),
    names: new Set(row.destinations as string[]), // a column of type text[]
    holds: Number(row.holds),
  }))
}

const holdsOf = async (db: Session, engine: string): Promise<number> => {
  const [row] = await db.all(
    `select count(*) as n from support.destinations where lease_engine = $1 and lease_until > ${NOW}`,
    [engine],
  )
  return Number(row?.n)
}
