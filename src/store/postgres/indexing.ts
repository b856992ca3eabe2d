/** Making texts searchable, behind the commits that brought them. */
import { SEARCHED_UNITS } from '../../domain/search-text.ts'
import { type Row, text } from '../columns.ts'
import { SLICE_UNITS, TicketTokens } from '../ticket-tokens.ts'
import type { Session } from './session.ts'

/** Of how many are left no more is counted than this. */
const COUNTED_MAX = 10_000

/** What another engine is taking just now is passed over. */
export const index = async (db: Session, { limit }: { limit: number }): Promise<number> => {
  const queued = await db.all(
    `select q.ticket_number as number, t.id, left(t.subject, ${SEARCHED_UNITS}) as subject, left(t.message, ${SEARCHED_UNITS}) as message
     from support.search_queue q
     left join support.tickets t on t.number = q.ticket_number
     order by q.ticket_number
     limit $1
     for update of q skip locked`,
    [limit],
  )
  let units = 0
  const taken: Row[] = []
  const tokens: (readonly string[])[] = []
  for (const row of queued) {
    if (units >= SLICE_UNITS) break
    taken.push(row)
    if (row.id === null) continue
    const read = await tokensOf(db, row)
    tokens.push(read.tokens)
    units += read.units
  }
  const there = taken.filter(({ id }) => id !== null)
  for (const [i, row] of there.entries())
    await db.run(
      `insert into support.search (ticket_number, id, tokens) values ($1, $2, $3)
       on conflict (ticket_number) do update set tokens = excluded.tokens`,
      [row.number, row.id, tokens[i]],
    )
  if (taken.length > 0)
    await db.run('delete from support.search_queue where ticket_number = any($1::bigint[])', [
      taken.map(({ number }) => number),
    ])
  const [left] = await db.all(`select count(*) as n from (select 1 from support.search_queue limit ${COUNTED_MAX}) q`)
  return Number(left?.n)
}

const tokensOf = async (db: Session, ticket: Row): Promise<TicketTokens> => {
  const found = new TicketTokens()
  found.add(text(ticket.subject))
  found.add(text(ticket.message))
  for (let after = 1; !found.isFull; ) {
    const [event] = await db.all(
      `select event_number as number, left(message, ${SEARCHED_UNITS}) as message from support.events
       where ticket_number = $1 and event_number > $2 and message is not null
       order by event_number
       limit 1`,
      [ticket.number, after],
    )
    if (!event) break
    found.add(text(event.message))
    after = Number(event.number)
  }
  return found
}
