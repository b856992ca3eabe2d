/** Making texts searchable, behind the commits that brought them: within them it would cost 3 to 7 times the insert. */
import { SEARCHED_UNITS } from '../../domain/search-text.ts'
import { text } from '../columns.ts'
import { SLICE_UNITS, TicketTokens } from '../ticket-tokens.ts'
import type { Database, Row } from './database.ts'

/** So many pages of the index, of 4 kB each, are merged with each slice: four times what it adds. */
const MERGED_PAGES = 64

export const indexWrites = (db: Database) => {
  // When they are first wanted, as in retention.ts.
  let prepared: ReturnType<typeof prepare> | undefined
  return {
    /** How far it has come is stored with what it has done. */
    index({ limit }: { limit: number }): number {
      prepared ??= prepare(db)
      const statements = prepared
      if (left(statements) === 0) return 0
      return db.transaction(() => {
        slice(statements, limit)
        statements.merge.run()
        return left(statements)
      })
    },
  }
}

/** Merges so many pages, if there is anything to merge. */
export const mergeOf = (pages: number): string => `insert into search (search, rank) values ('merge', ${pages})`

const prepare = (db: Database) => ({
  progress: db.prepare('select number from search_progress'),
  newest: db.prepare('select max(number) as number from tickets'),
  advance: db.prepare('update search_progress set number = ?'),
  queued: db.prepare('select count(*) as n from search_queue'),
  firstQueued: db.prepare('select ticket_number as number from search_queue order by ticket_number limit 1'),
  dequeue: db.prepare('delete from search_queue where ticket_number = ?'),
  ticketFrom: db.prepare(
    `select number, substr(subject, 1, ${SEARCHED_UNITS}) as subject, substr(message, 1, ${SEARCHED_UNITS}) as message
     from tickets
     where number >= ?
     order by number
     limit 1`,
  ),
  eventAfter: db.prepare(
    `select event_number as number, substr(message, 1, ${SEARCHED_UNITS}) as message
     from events
     where ticket_number = ? and event_number > ? and message is not null
     order by event_number
     limit 1`,
  ),
  merge: db.prepare(mergeOf(MERGED_PAGES)),
  replace: db.prepare('insert or replace into search (rowid, tokens) values (?, ?)'),
})
type Statements = ReturnType<typeof prepare>

const left = ({ progress, newest, queued }: Statements): number =>
  Math.max(0, Number(newest.get()?.number) - Number(progress.get()?.number)) + Number(queued.get()?.n)

/** What was changed first, then what is new. */
const slice = (statements: Statements, limit: number): void => {
  let [taken, units] = [0, 0]
  const take = (row: Row) => {
    const { tokens, units: read } = tokensOf(statements, row)
    statements.replace.run(Number(row.number), tokens.join(' '))
    taken += 1
    units += read
    return taken < limit && units < SLICE_UNITS
  }
  for (let goesOn = true; goesOn; ) {
    const number = statements.firstQueued.get()?.number
    if (number === undefined) break
    const row = statements.ticketFrom.get(number)
    if (row?.number === number) goesOn = take(row)
    statements.dequeue.run(number)
    if (!goesOn) return
  }
  let last = Number(statements.progress.get()?.number)
  for (let goesOn = true; goesOn; ) {
    const row = statements.ticketFrom.get(last + 1)
    if (!row) break
    goesOn = take(row)
    last = Number(row.number)
  }
  statements.advance.run(last)
}

const tokensOf = ({ eventAfter }: Statements, ticket: Row): TicketTokens => {
  const found = new TicketTokens()
  found.add(text(ticket.subject))
  found.add(text(ticket.message))
  for (let after = 1; !found.isFull; ) {
    const event = eventAfter.get(Number(ticket.number), after)
    if (!event) break
    found.add(text(event.message))
    after = Number(event.number)
  }
  return found
}
