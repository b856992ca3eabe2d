/** Replay: which deliveries are meant, and putting them back to pending. */
import { type DeliveryKey, type DeliveryName, ERASED, MOVED } from '../../domain/delivery.ts'
import type { DeliveryFilter, ReplayOrder } from '../../domain/store.ts'
import { json, text } from '../columns.ts'
import { type Database, LIMIT, type Row, type SqlValue, type Statement } from './database.ts'

/** So many tickets are looked at in one go where no index leads to what is asked for: deliveries wait for the same thread. */
const WINDOW = 2_000
const KEY = 'd.ticket_number, d.event_number, d.destination'

type Page = { readonly keys: DeliveryKey[]; readonly next: DeliveryKey | null }

export const replayReads = (db: Database) => {
  const nameAfter = db.prepare('select name from destinations where name > ? order by name limit 1')
  const newest = db.prepare('select max(number) as number from tickets')
  const statements = new Map<string, Statement>()

  return {
    deliveryKeys(query: { filter: DeliveryFilter; after: DeliveryKey | null; limit: number }): Page {
      const { filter, after, limit } = query
      if (filter.ticketNumber !== null) {
        return {
          keys: matching('deliveries d where d.ticket_number = ?', filter, [filter.ticketNumber]).keys,
          next: null,
        }
      }
      return filter.state === 'DEAD' ? dead(filter, after, limit) : window(filter, after)
    },
    namedDeliveries({ names, filter }: { names: readonly DeliveryName[]; filter: DeliveryFilter }) {
      const named = names.map(name => [name.ticketId.replaceAll('-', ''), name.eventNumber, name.destination])
      const source = `json_each(?) named
        join tickets t on t.id = unhex(named.value ->> 0)
        join deliveries d on d.ticket_number = t.number and d.event_number = named.value ->> 1 and d.destination = named.value ->> 2
        where true`
      return looked(source, filter, [json(named)]).map(row => ({ key: keyFrom(row), passes: row.passes === 1 }))
    },
  }

  /** Dead ones are in an index, destination by destination. */
  function dead(filter: DeliveryFilter, after: DeliveryKey | null, limit: number): Page {
    const destination = filter.destination ?? after?.destination ?? text(nameAfter.get('')?.name ?? '')
    const source = `deliveries d indexed by deliveries_dead
      where d.state = 'DEAD' and d.destination = ? and (d.ticket_number, d.event_number) > (?, ?)
      order by d.ticket_number, d.event_number ${LIMIT}`
    const { keys, rows } = matching(source, filter, [
      destination,
      after?.ticketNumber ?? 0,
      after?.eventNumber ?? 0,
      limit,
    ])
    const last = rows.at(-1)
    if (last && rows.length === limit) return { keys, next: keyFrom(last) }
    const name = filter.destination === null ? nameAfter.get(destination)?.name : undefined
    return { keys, next: name === undefined ? null : { ticketNumber: 0, eventNumber: 0, destination: text(name) } }
  }

  function window(filter: DeliveryFilter, after: DeliveryKey | null): Page {
    const from = after?.ticketNumber ?? 0
    const source = 'deliveries d where d.ticket_number > ? and d.ticket_number <= ?'
    const { keys } = matching(source, filter, [from, from + WINDOW])
    const isLast = from + WINDOW >= Number(newest.get()?.number ?? 0)
    return { keys, next: isLast ? null : { ticketNumber: from + WINDOW, eventNumber: 0, destination: '' } }
  }

  function matching(source: string, filter: DeliveryFilter, values: readonly SqlValue[]) {
    const rows = looked(source, filter, values)
    return { rows, keys: rows.filter(({ passes }) => passes === 1).map(keyFrom) }
  }

  /** Kept by its text, of which there are a few dozen. */
  function looked(source: string, filter: DeliveryFilter, values: readonly SqlValue[]): Row[] {
    const { sql, asked } = deliveryConditions(filter)
    const query = `select ${KEY}, ${sql} as passes from ${source}`
    const statement = statements.get(query) ?? db.prepare(query)
    statements.set(query, statement)
    return statement.all(...asked, ...values)
  }
}

export const replayWrites = (db: Database) => {
  const fresh = `state = 'PENDING', reason = null, level = 0, step = 0, backoff_ms = 0, spent_ms = 0, next_attempt_at = ?,
    unclear_count = 0, unclear_mark = 0, unavailable_count = 0, unavailable_mark = 0`
  const at = 'where ticket_number = ? and event_number = ? and destination = ?'
  const stateOf = db.prepare(`select state, reason from deliveries ${at}`)
  const again = db.prepare(`update deliveries set ${fresh} ${at}`)
  const elsewhere = db.prepare(`update deliveries set destination = ?, ${fresh} ${at}`)
  const itsAttempts = db.prepare(`update attempts set destination = ? ${at}`)
  const copy = db.prepare(
    'insert into deliveries (ticket_number, event_number, destination, next_attempt_at) values (?, ?, ?, ?)',
  )
  const giveUp = db.prepare(`update deliveries set state = 'DEAD', reason = '${MOVED}' ${at}`)
  const audit = db.prepare(
    `insert into audit (id, at, by, act, detail, count) values (?, ?, ?, 'replay', ?, ?)
     on conflict (id) do update set count = count + excluded.count`,
  )

  return {
    replay(order: ReplayOrder): number {
      let count = 0
      try {
        db.transaction(() => {
          const done = order.keys.map(key => replayed(key, order))
          count = done.filter(what => what === 'goes-out').length
          // Tried for real and taken back: so the number is that of the real thing.
          if (order.isDryRun) throw TAKEN_BACK
          if (done.some(what => what !== 'left-alone')) audit.run(order.id, order.now, order.by, order.detail, count)
        })
      } catch (error) {
        if (error !== TAKEN_BACK) throw error
      }
      return count
    },
  }

  function replayed(key: DeliveryKey, { state, to, now }: ReplayOrder): 'goes-out' | 'given-up' | 'left-alone' {
    const where = [key.ticketNumber, key.eventNumber, key.destination] as const
    const found = stateOf.get(...where)
    // Looked at again: it may have changed since it was chosen.
    if (!found || found.reason === ERASED || found.state !== state) return 'left-alone'
    if (to === null || to === key.destination) {
      if (found.state === 'PENDING') return 'left-alone'
      again.run(now, ...where)
      return 'goes-out'
    }
    const there = stateOf.get(key.ticketNumber, key.eventNumber, to)
    if (there) {
      if (found.state !== 'DELIVERED') giveUp.run(...where)
      // What arrives there instead must not have been given up itself.
      if (there.state !== 'DEAD') return found.state === 'DELIVERED' ? 'left-alone' : 'given-up'
      again.run(now, key.ticketNumber, key.eventNumber, to)
      return 'goes-out'
    }
    // What was delivered stays told as it was; what was not goes to the other place, with its history.
    if (found.state === 'DELIVERED') copy.run(key.ticketNumber, key.eventNumber, to, now)
    else {
      elsewhere.run(to, now, ...where)
      itsAttempts.run(to, ...where)
    }
    return 'goes-out'
  }
}

const TAKEN_BACK = new Error('a dry run')

const keyFrom = (row: Row): DeliveryKey => ({
  ticketNumber: Number(row.ticket_number),
  eventNumber: Number(row.event_number),
  destination: text(row.destination),
})

/** On `deliveries d`. */
export const deliveryConditions = (filter: DeliveryFilter): { sql: string; asked: SqlValue[] } => {
  const eventAt =
    '(select e.at from events e where e.ticket_number = d.ticket_number and e.event_number = d.event_number)'
  const { ticketNumber, destination, state, reason, from, to } = filter
  const known: [sql: string, asked: SqlValue][] = [
    ['d.ticket_number = ?', ticketNumber],
    ['d.destination = ?', destination],
    ['d.state = ?', state],
    ['d.reason is ?', reason],
    [`${eventAt} >= ?`, from],
    [`${eventAt} < ?`, to],
  ]
  const given = known.filter(([, asked]) => asked !== null)
  return { sql: given.map(([sql]) => sql).join(' and ') || '1', asked: given.map(([, asked]) => asked) }
}
