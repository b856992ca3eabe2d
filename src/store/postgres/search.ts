/** Finding tickets by their words. */
import type { Clause } from '../../domain/search-text.ts'
import type { SearchQuery, StoredTicketPage } from '../../domain/store.ts'
import { type Row, TEXT_BYTES } from '../columns.ts'
import type { Session } from './session.ts'
import { conditions, pageOf, tickets, window } from './tickets.ts'

/** A page looks for the words among so many tickets at once, whatever is common among them. */
const AMONG = 100_000

export const search = async (db: Session, query: SearchQuery): Promise<StoredTicketPage> => {
  const { clauses, filter, limit } = query
  if (clauses.length === 0) return tickets(db, query)
  const { below, floor, isLast } = await window(db, query, AMONG)
  const named = await numbersNamed(db, clauses)
  const { where, values } = conditions(filter, query, [below, floor, limit + 1, allOf(clauses), named])
  // Fenced off, so that the words are looked up in their index, whatever the planner thinks of them.
  const rows: Row[] = await db.all(
    `with holding as materialized (
       select ticket_number from support.search where tokens @> $4::text[] and id < $1 and id >= $2)
     select number, id, ${TEXT_BYTES} as bytes from support.tickets t
     where number in (select ticket_number from holding union select unnest($5::bigint[])) and id < $1 and id >= $2 ${where}
     order by id desc
     limit $3`,
    values,
  )
  return pageOf(db, rows, limit, isLast ? null : floor)
}

/** Tickets that a clause names and for which the others hold: also those that are not in the index yet. */
const numbersNamed = async (db: Session, clauses: readonly Clause[]): Promise<number[]> => {
  const found: number[] = []
  for (const { number } of clauses) {
    if (number === null) continue
    const others = clauses.filter(clause => clause.number !== number)
    if (others.length === 0 || (await holds(db, number, others))) found.push(number)
  }
  return found
}

const holds = async (db: Session, number: number, clauses: readonly Clause[]): Promise<boolean> => {
  const sql = 'select 1 from support.search where ticket_number = $1 and tokens @> $2::text[]'
  return (await db.all(sql, [number, allOf(clauses)])).length > 0
}

const allOf = (clauses: readonly Clause[]): string[] => [...new Set(clauses.flatMap(({ tokens }) => tokens))]
