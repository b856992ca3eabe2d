/** Telling the writer that a ticket arrived: which of the new tickets do, and how many each address had. */
import { ACKNOWLEDGEMENTS_PER_HOUR, LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import { text } from '../columns.ts'
import type { Session } from './session.ts'

type Acknowledged = { readonly id: string; readonly at: number; readonly destination: string; readonly address: string }

/** Of those that ask for it, in order, the ones whose address has not had its share. The addresses are locked. */
export const acknowledged = async (db: Session, tickets: readonly NewTicket[]): Promise<readonly Acknowledged[]> => {
  const asked = tickets.flatMap(({ id, createdAt: at, acknowledgement }) =>
    acknowledgement ? [{ id, at, ...acknowledgement }] : [],
  )
  if (asked.length === 0) return []
  const moments = asked.map(({ at }) => at)
  const rows = await db.all(
    `select address, array_agg(at::float8) as moments from support.acknowledgements
     where address = any($1::text[]) and at > $2 and at < $3 group by address`,
    [
      asked.map(({ address }) => address),
      Math.min(...moments) - LIMIT_WINDOW_MS,
      Math.max(...moments) + LIMIT_WINDOW_MS,
    ],
  )
  const had = new Map(rows.map(row => [text(row.address), row.moments as number[]])) // an array of float8
  return asked.filter(({ address, at }) => {
    const before = had.get(address) ?? []
    const near = before.filter(moment => Math.abs(moment - at) < LIMIT_WINDOW_MS)
    if (near.length >= ACKNOWLEDGEMENTS_PER_HOUR) return false
    had.set(address, [...before, at])
    return true
  })
}

export const noteAcknowledged = async (
  db: Session,
  told: readonly Acknowledged[],
  numbers: ReadonlyMap<string, number>,
): Promise<void> => {
  if (told.length === 0) return
  await db.run(
    `insert into support.acknowledgements (address, at, ticket_number)
     select * from unnest($1::text[], $2::bigint[], $3::bigint[])`,
    [told.map(({ address }) => address), told.map(({ at }) => at), told.map(({ id }) => numbers.get(id))],
  )
}
