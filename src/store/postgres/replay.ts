/** Replay: which deliveries are meant, and putting them back to pending. */
import { type DeliveryKey, type DeliveryName, ERASED, MOVED } from '../../domain/delivery.ts'
import type { DeliveryFilter, ReplayOrder } from '../../domain/store.ts'
import { type Row, text } from '../columns.ts'
import type { Session } from './session.ts'

/** So many tickets are looked at in one go where no index leads to what is asked for. */
const WINDOW = 2_000
const KEY = 'd.ticket_number, d.event_number, d.destination'

type Page = { readonly keys: DeliveryKey[]; readonly next: DeliveryKey | null }

export const deliveryKeys = async (
  db: Session,
  { filter, after, limit }: { filter: DeliveryFilter; after: DeliveryKey | null; limit: number },
): Promise<Page> => {
  if (filter.ticketNumber !== null) {
    const rows = await looked(db, 'support.deliveries d where d.ticket_number = $1', filter, [filter.ticketNumber])
    return { keys: passing(rows), next: null }
  }
  return filter.state === 'DEAD' ? dead(db, filter, after, limit) : window(db, filter, after)
}

export const namedDeliveries = async (
  db: Session,
  { names, filter }: { names: readonly DeliveryName[]; filter: DeliveryFilter },
) => {
  const source = `unnest($1::uuid[], $2::bigint[], $3::text[]) named (id, event_number, destination)
    join support.tickets t on t.id = named.id
    join support.deliveries d
      on d.ticket_number = t.number and d.event_number = named.event_number and d.destination = named.destination`
  const rows = await looked(db, source, filter, [
    names.map(({ ticketId }) => ticketId),
    names.map(({ eventNumber }) => eventNumber),
    names.map(({ destination }) => destination),
  ])
  return rows.map(row => ({ key: keyFrom(row), passes: row.passes === true }))
}

/** Dead ones are in an index, destination by destination. */
const dead = async (db: Session, filter: DeliveryFilter, after: DeliveryKey | null, limit: number): Promise<Page> => {
  const destination = filter.destination ?? after?.destination ?? (await nameAfter(db, '')) ?? ''
  const source = `support.deliveries d
    where d.state = 'DEAD' and d.destination = $1 and (d.ticket_number, d.event_number) > ($2::bigint, $3::integer)
    order by d.ticket_number, d.event_number limit $4`
  const from = [after?.ticketNumber ?? 0, after?.eventNumber ?? 0]
  const rows = await looked(db, source, filter, [destination, ...from, limit])
  const last = rows.at(-1)
  if (last && rows.length === limit) return { keys: passing(rows), next: keyFrom(last) }
  const name = filter.destination === null ? await nameAfter(db, destination) : undefined
  const next = name === undefined ? null : { ticketNumber: 0, eventNumber: 0, destination: name }
  return { keys: passing(rows), next }
}

const window = async (db: Session, filter: DeliveryFilter, after: DeliveryKey | null): Promise<Page> => {
  const from = after?.ticketNumber ?? 0
  const source = 'support.deliveries d where d.ticket_number > $1 and d.ticket_number <= $2'
  const rows = await looked(db, source, filter, [from, from + WINDOW])
  const [newest] = await db.all('select max(number) as number from support.tickets')
  const isLast = from + WINDOW >= Number(newest?.number ?? 0)
  return { keys: passing(rows), next: isLast ? null : { ticketNumber: from + WINDOW, eventNumber: 0, destination: '' } }
}

const nameAfter = async (db: Session, name: string): Promise<string | undefined> => {
  const [row] = await db.all('select name from support.destinations where name > $1 order by name limit 1', [name])
  return row && text(row.name)
}

const looked = (db: Session, source: string, filter: DeliveryFilter, given: readonly unknown[]): Promise<Row[]> => {
  const { sql, values } = deliveryConditions(filter, given)
  return db.all(`select ${KEY}, ${sql} as passes from ${source}`, values)
}

const passing = (rows: readonly Row[]): DeliveryKey[] => rows.filter(({ passes }) => passes === true).map(keyFrom)

export const replay = async (db: Session, order: ReplayOrder): Promise<number> => {
  const { to, now, state } = order
  const rows = await db.all(
    `select ${KEY}, d.state, d.reason,
       (select state from support.deliveries
        where ticket_number = d.ticket_number and event_number = d.event_number and destination = $4) as there
     from unnest($1::bigint[], $2::integer[], $3::text[]) with ordinality k (ticket_number, event_number, destination, place)
     join support.deliveries d using (ticket_number, event_number, destination)
     order by d.ticket_number, d.destination, d.event_number
     for update of d`,
    [...keyColumns(order.keys), to],
  )
  // Looked at again: it may have changed since it was chosen.
  const meant = rows.filter(row => row.reason !== ERASED && row.state === state)
  const own = meant.filter(({ destination }) => to === null || destination === to)
  const again = state === 'PENDING' ? [] : own
  const { moved, isThere } = parted(meant.filter(row => !own.includes(row)))
  // What arrives there instead must not have been given up itself.
  const revived = firstOfEach(isThere.filter(({ there }) => there === 'DEAD')).map(row => ({ ...row, destination: to }))
  const count = again.length + moved.length + revived.length
  if (order.isDryRun) return count
  await rearm(db, [...again, ...revived], now)
  // What was delivered stays told as it was; what was not goes to the other place, with its history.
  if (state === 'DELIVERED') await copyTo(db, moved, to, now)
  else {
    await giveUp(db, isThere)
    await moveTo(db, moved, to, now)
  }
  if (count > 0 || (isThere.length > 0 && state !== 'DELIVERED'))
    await db.run(
      `insert into support.audit (id, at, by, act, detail, count) values ($1, $2, $3, 'replay', $4, $5)
       on conflict (id) do update set count = audit.count + excluded.count`,
      [order.id, now, order.by, order.detail, count],
    )
  return count
}

/** Of several deliveries of one event, the first goes to the other place. */
const parted = (rows: readonly Row[]): { moved: Row[]; isThere: Row[] } => {
  const seen = new Set<string>()
  const [moved, isThere]: [Row[], Row[]] = [[], []]
  for (const row of rows) {
    const event = `${row.ticket_number}/${row.event_number}`
    if (row.there !== null || seen.has(event)) isThere.push(row)
    else moved.push(row)
    seen.add(event)
  }
  return { moved, isThere }
}

const firstOfEach = (rows: readonly Row[]): Row[] => [
  ...new Map(rows.toReversed().map(row => [`${row.ticket_number}/${row.event_number}`, row])).values(),
]

const FRESH = `state = 'PENDING', reason = null, level = 0, step = 0, backoff_ms = 0, spent_ms = 0, unclear_count = 0, unclear_mark = 0,
  unavailable_count = 0, unavailable_mark = 0`
const THESE = `from unnest($1::bigint[], $2::integer[], $3::text[]) k (ticket_number, event_number, destination)
  where d.ticket_number = k.ticket_number and d.event_number = k.event_number and d.destination = k.destination`

const rearm = (db: Session, rows: readonly Row[], now: number) =>
  some(rows, keys => db.run(`update support.deliveries d set ${FRESH}, next_attempt_at = $4 ${THESE}`, [...keys, now]))

const giveUp = (db: Session, rows: readonly Row[]) =>
  some(rows, keys => db.run(`update support.deliveries d set state = 'DEAD', reason = '${MOVED}' ${THESE}`, keys))

const moveTo = (db: Session, rows: readonly Row[], to: string | null, now: number) =>
  some(rows, async keys => {
    await db.run(`update support.deliveries d set destination = $4, ${FRESH}, next_attempt_at = $5 ${THESE}`, [
      ...keys,
      to,
      now,
    ])
    await db.run(`update support.attempts d set destination = $4 ${THESE}`, [...keys, to])
  })

const copyTo = (db: Session, rows: readonly Row[], to: string | null, now: number) =>
  some(rows, ([numbers, events]) =>
    db.run(
      `insert into support.deliveries (ticket_number, event_number, destination, next_attempt_at)
       select *, $3, $4::bigint from unnest($1::bigint[], $2::integer[])`,
      [numbers, events, to, now],
    ),
  )

const some = async (rows: readonly Row[], work: (keys: unknown[][]) => Promise<unknown>): Promise<void> => {
  if (rows.length > 0) await work(keyColumns(rows.map(keyFrom)))
}

const keyColumns = (keys: readonly DeliveryKey[]): unknown[][] => [
  keys.map(({ ticketNumber }) => ticketNumber),
  keys.map(({ eventNumber }) => eventNumber),
  keys.map(({ destination }) => destination),
]

const keyFrom = (row: Row): DeliveryKey => ({
  ticketNumber: Number(row.ticket_number),
  eventNumber: Number(row.event_number),
  destination: text(row.destination),
})

/** On `deliveries d`, with the values that stand before them. */
export const deliveryConditions = (
  filter: DeliveryFilter,
  before: readonly unknown[],
): { readonly sql: string; readonly values: unknown[] } => {
  const eventAt =
    '(select e.at from support.events e where e.ticket_number = d.ticket_number and e.event_number = d.event_number)'
  const { ticketNumber, destination, state, reason, from, to } = filter
  const known: [sql: string, asked: string | number | null][] = [
    ['d.ticket_number =', ticketNumber],
    ['d.destination =', destination],
    ['d.state =', state],
    ['d.reason is not distinct from', reason],
    [`${eventAt} >=`, from],
    [`${eventAt} <`, to],
  ]
  const values = [...before]
  const given = known.filter(([, asked]) => asked !== null).map(([sql, asked]) => `${sql} $${values.push(asked)}`)
  return { sql: given.join(' and ') || 'true', values }
}
