/** Destinations: their health, and the leases that let one engine serve them. */
import type { DestinationHealth } from '../../domain/destination-health.ts'
import { healthAtLeaving, healthSettled, newHealth, steered } from '../../domain/destination-health.ts'
import type { Lease, SettleResult, StoredDestination } from '../../domain/store.ts'
import { healthFrom, instant, json, leaseFrom, text } from '../columns.ts'
import type { Database } from './database.ts'

/** Reads and writes health inside the caller's transaction. */
export const writeHealth = (db: Database) => {
  const select = db.prepare('select * from destinations where name = ?')
  const update = db.prepare(
    `update destinations
     set state = ?, reason = ?, step = ?, probe_at = ?, held_until = ?, held_since = ?, retries_in_row = ?, success_count = ?,
         last_delivered_at = ?, wait_cut_at = ?, revision = ?
     where name = ?`,
  )
  const read = (name: string): DestinationHealth => {
    const row = select.get(name)
    return row ? healthFrom(row) : newHealth
  }
  const write = (name: string, h: DestinationHealth): DestinationHealth => {
    update.run(
      h.state,
      h.reason,
      h.step,
      h.probeAt,
      h.heldUntil,
      h.heldSince,
      h.retriesInRow,
      h.successCount,
      h.lastDeliveredAt,
      h.waitCutAt,
      h.revision,
      name,
    )
    return h
  }
  return {
    read,
    write,
    settle: (name: string, seen: DestinationHealth): DestinationHealth => write(name, healthSettled(read(name), seen)),
  }
}

/** Until when each lease runs, by this process's clock. In memory: the folder belongs to one process, every start frees all leases, and
 *  so a heartbeat costs no write to the disk. Outlives a connection that had to be opened anew. */
export type LeaseTimes = Map<string, number>

export const leaseWrites = (db: Database, now: () => number, until: LeaseTimes) => {
  const insert = db.prepare('insert or ignore into destinations (name) values (?)')
  const holder = db.prepare('select lease_engine from destinations where name = ?')
  const take = db.prepare('update destinations set lease_engine = ?, epoch = epoch + 1 where name = ? returning *')
  const heldBy = db.prepare('select * from destinations where lease_engine = ? order by name')
  const giveBack = db.prepare(
    'update destinations set lease_engine = null, last_sent_at = coalesce(?, last_sent_at) where name = ? and epoch = ?',
  )
  const resetWaiting = db.prepare(
    `update deliveries set unclear_count = 0, unclear_mark = 0, step = 0, backoff_ms = 0, next_attempt_at = min(next_attempt_at, ?)
     where destination = ? and state = 'PENDING'`,
  )
  const audit = db.prepare(
    `insert into audit (id, at, by, act, detail, count) values (?, ?, ?, iif(? = 'PAUSED', 'pause', 'resume'), ?, 1)`,
  )
  const held = db.prepare('select 1 from destinations where name = ? and epoch = ? and lease_engine is not null')
  const known = db.prepare(
    `insert or ignore into destinations (name)
     select distinct destination from deliveries indexed by deliveries_due where state = 'PENDING'`,
  )
  const holdUnserved = db.prepare(
    `update destinations set held_since = ?
     where held_since is null and name not in (select value from json_each(?))
       and exists (select 1 from deliveries where destination = name and state = 'PENDING')`,
  )
  const noteServed = db.prepare(
    'update destinations set unserved = not unserved where name = ? and unserved = ? returning 1',
  )
  const leased = db.prepare('select name from destinations where lease_engine is not null')
  const freeAll = db.prepare('update destinations set lease_engine = null where lease_engine is not null')
  const health = writeHealth(db)
  const isFree = (name: string, at: number) => holder.get(name)?.lease_engine === null || (until.get(name) ?? 0) <= at

  return {
    takeLeases(request: { engine: string; destinations: readonly string[]; forMs: number }): Lease[] {
      const at = now()
      return db.transaction(() =>
        request.destinations.flatMap(name => {
          insert.run(name)
          const row = isFree(name, at) ? take.get(request.engine, name) : undefined
          if (!row) return []
          until.set(name, at + request.forMs)
          return [leaseFrom(row)]
        }),
      )
    },
    renewLeases(request: { engine: string; forMs: number }): Lease[] {
      const at = now()
      const held = heldBy
        .all(request.engine)
        .map(leaseFrom)
        .filter(({ destination }) => (until.get(destination) ?? 0) > at)
      for (const { destination } of held) until.set(destination, at + request.forMs)
      return held
    },
    giveBackLease(lease: { destination: string; epoch: number; lastSentAt: number | null }): void {
      db.transaction(() => giveBack.run(lease.lastSentAt, lease.destination, lease.epoch))
    },
    steer(request: {
      destination: string
      state: 'PAUSED' | 'OK'
      reason: string | null
      now: number
      order?: { readonly id: string; readonly by: string }
    }): DestinationHealth | undefined {
      return db.transaction(() => {
        if (!holder.get(request.destination)) return undefined
        const before = health.read(request.destination)
        const after = steered(before, request)
        if (!after) return before
        if (request.order)
          audit.run(request.order.id, request.now, request.order.by, request.state, request.destination)
        if (after.state === 'OK') resetWaiting.run(request.now, request.destination)
        return health.write(request.destination, after)
      })
    },
    noteHealth(request: { destination: string; epoch: number; health: DestinationHealth }): SettleResult {
      const { destination, epoch } = request
      return db.transaction(() => {
        if (!held.get(destination, epoch)) return { outcome: 'lease-lost' }
        return { outcome: 'settled', health: health.settle(destination, request.health) }
      })
    },
    holdUnserved(request: { served: readonly string[]; now: number }): void {
      db.transaction(() => {
        known.run()
        holdUnserved.run(request.now, json(request.served))
      })
    },
    noteServed(request: { destination: string; isServed: boolean; isWaiting: boolean; now: number }): boolean {
      const { destination, isServed, isWaiting } = request
      return db.transaction(() => {
        if (!noteServed.get(destination, isServed ? 1 : 0)) return false
        if (!isServed) health.write(destination, healthAtLeaving(health.read(destination), request.now, isWaiting))
        return true
      })
    },
    /** The connection was lost, the engine in this process was not: it still holds what it held, for as long as a lease may last. */
    keepLeases(forMs: number): void {
      for (const row of leased.all()) until.set(text(row.name), now() + forMs)
    },
    /** The folder's lock proves that no other engine lives: whatever is leased was left by a process that is gone. */
    freeAllLeases: () => void db.transaction(() => freeAll.run()),
  }
}

export const destinationReads = (db: Database) => {
  const all = db.prepare('select * from destinations order by name')
  const unleased = db.prepare(
    `select distinct destination as name from deliveries indexed by deliveries_due
     where state = 'PENDING' and destination not in (select name from destinations)`,
  )
  const pending = db.prepare(`select count(*) as n from deliveries where destination = ? and state = 'PENDING'`)
  const dead = db.prepare(`select count(*) as n from deliveries where destination = ? and state = 'DEAD'`)
  // Of the hundred tickets that were accepted first: a look at the event of each of a million would stop deliveries for seconds.
  const oldest = db.prepare(
    `select min(e.at) as at
     from (select ticket_number, event_number from deliveries where destination = ? and state = 'PENDING'
           order by ticket_number limit 100) d
     join events e on e.ticket_number = d.ticket_number and e.event_number = d.event_number`,
  )
  return {
    destinations(): StoredDestination[] {
      const leased = all.all().map(row => ({
        name: text(row.name),
        health: healthFrom(row),
        died: Number(row.died),
        isNotedUnserved: row.unserved === 1,
      }))
      const others = unleased
        .all()
        .map(row => ({ name: text(row.name), health: newHealth, died: 0, isNotedUnserved: false }))
      return [...leased, ...others]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, health, died, isNotedUnserved }) => ({
          name,
          health,
          died,
          isNotedUnserved,
          pending: Number(pending.get(name)?.n),
          dead: Number(dead.get(name)?.n),
          oldestPendingAt: instant(oldest.get(name)?.at),
          lastDeliveredAt: health.lastDeliveredAt,
          isNamedElsewhere: false, // the folder belongs to one process
        }))
    },
  }
}
