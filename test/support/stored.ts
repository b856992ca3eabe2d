/** What lies in a data file, read past the store's own calls: whether every ticket is whole, and what became of its deliveries. */
import { openDatabase } from '../../src/store/sqlite/database.ts'

export type Stored = {
  /** By id. */
  readonly tickets: ReadonlyMap<string, { readonly subject: string; readonly message: string }>
  readonly pending: number
  readonly delivered: number
}

/** @throws when the file is not sound, or holds half a ticket: one without its created event or without a delivery for each destination */
export const readStored = (path: string, destinations: number): Stored => {
  const db = openDatabase(path, { readOnly: true })
  try {
    const sound = db.prepare('pragma integrity_check').all()
    if (sound[0]?.integrity_check !== 'ok') throw new Error(`not sound: ${JSON.stringify(sound.slice(0, 3))}`)
    const tickets = new Map<string, { subject: string; message: string }>()
    for (const { id, subject, message, events, deliveries } of db.prepare(TICKETS).all()) {
      if (events !== 1 || deliveries !== destinations)
        throw new Error(`half a ticket: ${subject} has ${events} created events and ${deliveries} deliveries`)
      tickets.set(uuid(String(id)), { subject: String(subject), message: String(message) })
    }
    const strays = db.prepare(STRAYS).get()?.count
    if (strays !== 0) throw new Error(`${strays} rows belong to no ticket, or say DELIVERED without an attempt`)
    const states = new Map(
      db
        .prepare(STATES)
        .all()
        .map(({ state, count }) => [state, Number(count)]),
    )
    return { tickets, pending: states.get('PENDING') ?? 0, delivered: states.get('DELIVERED') ?? 0 }
  } finally {
    db.close()
  }
}

const TICKETS = `
  select lower(hex(id)) as id, subject, message,
    (select count(*) from events e where e.ticket_number = t.number and e.kind = 'CREATED') as events,
    (select count(*) from deliveries d where d.ticket_number = t.number) as deliveries
  from tickets t`

const STRAYS = `
  select (select count(*) from events where ticket_number not in (select number from tickets))
    + (select count(*) from deliveries where ticket_number not in (select number from tickets))
    + (select count(*) from deliveries d where state = 'DELIVERED' and not exists
        (select 1 from attempts a where a.ticket_number = d.ticket_number and a.destination = d.destination)) as count`

const STATES = 'select state, count(*) as count from deliveries group by state'

const uuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
