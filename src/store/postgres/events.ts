/** What happens to a ticket after it was written: comments, notes, changes of status, each with its deliveries. */
import type { TicketStatus } from '../../api/ticket.ts'
import { statusAfter } from '../../domain/conversation.ts'
import { MOVED } from '../../domain/delivery.ts'
import type { AddedEvent, NewEvents } from '../../domain/store.ts'
import { json, text } from '../columns.ts'
import { touch } from './intake.ts'
import type { Session } from './session.ts'

/** Thrown to take everything back: one of the tickets is not there. */
export const NOT_THERE = new Error('one of the tickets is not there')

export const addEvents = async (db: Session, order: NewEvents): Promise<readonly AddedEvent[]> => {
  const [made] = await db.all('select detail from support.audit where id = $1', [order.id])
  if (made) {
    await touch(db)
    return JSON.parse(text(made.detail)) as AddedEvent[] // written below
  }
  const numbers = order.items.map(({ ticketNumber }) => ticketNumber)
  // In one order, so that two such acts do not wait for each other.
  await db.all('select number from support.tickets where number = any($1::bigint[]) order by number for update', [
    numbers,
  ])
  const added: AddedEvent[] = []
  for (const item of order.items) added.push(await add(db, order, item))
  await db.run('insert into support.audit (id, at, by, act, detail, count) values ($1, $2, $3, $4, $5, $6)', [
    order.id,
    order.at,
    order.by.username,
    order.act,
    json(added),
    added.length,
  ])
  return added
}

const add = async (db: Session, { by, at }: NewEvents, item: NewEvents['items'][number]): Promise<AddedEvent> => {
  const { ticketNumber, message, internal } = item
  const [row] = await db.all(
    `select t.status, (select max(event_number) from support.events where ticket_number = t.number) as last
     from support.tickets t where number = $1`,
    [ticketNumber],
  )
  if (!row) throw NOT_THERE
  const before = text(row.status) as TicketStatus // only ever written from the union
  const status = statusAfter(before, { by, message, internal, status: item.status })
  if (message === null && status === null)
    return { ticketNumber, eventNumber: await broughtAbout(db, ticketNumber, before), destinations: [] }
  const eventNumber = Number(row.last) + 1
  const kind = message === null ? 'UPDATED' : 'COMMENTED'
  await db.run(
    `insert into support.events (ticket_number, event_number, kind, at, by, message, internal, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [ticketNumber, eventNumber, kind, at, json(by), message, internal, status],
  )
  if (message !== null)
    await db.run('insert into support.search_queue (ticket_number) values ($1) on conflict do nothing', [ticketNumber])
  if (status !== null) await db.run('update support.tickets set status = $2 where number = $1', [ticketNumber, status])
  const destinations = internal ? [] : await outbox(db, ticketNumber, eventNumber, at)
  return { ticketNumber, eventNumber, destinations }
}

/** The event that brought the status about; the created event for the status that a ticket begins with. */
const broughtAbout = async (db: Session, ticketNumber: number, status: TicketStatus): Promise<number> => {
  const [row] = await db.all(
    `select max(event_number) as number from support.events
     where ticket_number = $1 and (status = $2 or event_number = 1)`,
    [ticketNumber, status],
  )
  return Number(row?.number)
}

/** A delivery wherever the created event went. */
const outbox = async (db: Session, ticketNumber: number, eventNumber: number, at: number): Promise<string[]> => {
  const rows = await db.all(
    `insert into support.deliveries (ticket_number, destination, event_number, next_attempt_at)
     select ticket_number, destination, $2::integer, $3::bigint from support.deliveries
     where ticket_number = $1 and event_number = 1 and not only_created and not (state = 'DEAD' and reason is not distinct from '${MOVED}')
     returning destination`,
    [ticketNumber, eventNumber, at],
  )
  return rows.map(({ destination }) => text(destination))
}
