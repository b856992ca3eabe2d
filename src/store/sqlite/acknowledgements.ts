/** Telling the writer that a ticket arrived: the delivery, and how many each address had. */
import { ACKNOWLEDGEMENTS_PER_HOUR, LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import type { Database } from './database.ts'

export const acknowledgementWrites = (db: Database) => {
  const counted = db.prepare(
    `select count(*) as n from (
       select 1 from acknowledgements where address = ? and at > ? and at < ? limit ${ACKNOWLEDGEMENTS_PER_HOUR})`,
  )
  const note = db.prepare('insert into acknowledgements (address, at, ticket_number) values (?, ?, ?)')
  const insertDelivery = db.prepare(
    `insert into deliveries (ticket_number, destination, event_number, next_attempt_at, only_created)
     values (?, ?, 1, ?, 1)`,
  )
  return {
    /** Unless the address had its share. */
    add(number: number, { destination, address }: NonNullable<NewTicket['acknowledgement']>, at: number): void {
      const row = counted.get(address, at - LIMIT_WINDOW_MS, at + LIMIT_WINDOW_MS)
      if (Number(row?.n) >= ACKNOWLEDGEMENTS_PER_HOUR) return
      note.run(address, at, number)
      insertDelivery.run(number, destination, at)
    },
  }
}
