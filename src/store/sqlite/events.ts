/** What happens to a ticket after it was written: comments, notes, changes of status, each with its deliveries. */
import type { TicketStatus } from '../../api/ticket.ts'
import { statusAfter } from '../../domain/conversation.ts'
import { MOVED } from '../../domain/delivery.ts'
import type { AddedEvent, NewEvents } from '../../domain/store.ts'
import { json, text } from '../columns.ts'
import type { Database } from './database.ts'

export const eventWrites = (db: Database) => {
  const made = db.prepare('select detail from audit where id = ?')
  const audit = db.prepare('insert into audit (id, at, by, act, detail, count) values (?, ?, ?, ?, ?, ?)')
  const ticket = db.prepare(
    `select t.status, (select max(event_number) from events where ticket_number = t.number) as last
     from tickets t where number = ?`,
  )
  // The one that brought the status about; the created event for the status that a ticket begins with.
  const broughtAbout = db.prepare(
    'select max(event_number) as event_number from events where ticket_number = ? and (status = ? or event_number = 1)',
  )
  const insertEvent = db.prepare(
    'insert into events (ticket_number, event_number, kind, at, by, message, internal, status) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const setStatus = db.prepare('update tickets set status = ? where number = ?')
  const insertDeliveries = db.prepare(
    `insert into deliveries (ticket_number, destination, event_number, next_attempt_at)
     select ticket_number, destination, ?, ? from deliveries
     where ticket_number = ? and event_number = 1 and only_created = 0 and not (state = 'DEAD' and reason is '${MOVED}')
     returning destination`,
  )

  return {
    addEvents(order: NewEvents): readonly AddedEvent[] | null {
      try {
        return db.transaction(() => {
          const before = made.get(order.id)
          if (before) return JSON.parse(text(before.detail)) as AddedEvent[] // written below
          const added = order.items.map(item => add(order, item))
          audit.run(order.id, order.at, order.by.username, order.act, json(added), added.length)
          return added
        })
      } catch (error) {
        if (error === NOT_THERE) return null
        throw error
      }
    },
  }

  function add({ by, at }: NewEvents, item: NewEvents['items'][number]): AddedEvent {
    const { ticketNumber, message, internal } = item
    const row = ticket.get(ticketNumber)
    if (!row) throw NOT_THERE
    const before = text(row.status) as TicketStatus // only ever written from the union
    const status = statusAfter(before, { by, message, internal, status: item.status })
    if (message === null && status === null) {
      const eventNumber = Number(broughtAbout.get(ticketNumber, before)?.event_number)
      return { ticketNumber, eventNumber, destinations: [] }
    }
    const eventNumber = Number(row.last) + 1
    const kind = message === null ? 'UPDATED' : 'COMMENTED'
    insertEvent.run(ticketNumber, eventNumber, kind, at, json(by), message, internal ? 1 : 0, status)
    if (status !== null) setStatus.run(status, ticketNumber)
    const deliveries = internal ? [] : insertDeliveries.all(eventNumber, at, ticketNumber)
    return { ticketNumber, eventNumber, destinations: deliveries.map(({ destination }) => text(destination)) }
  }
}

const NOT_THERE = new Error('one of the tickets is not there')
