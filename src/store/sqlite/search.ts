/** Finding tickets by their words. Walks by number: that is the order of ids, unless the clock was set back while the service stood still. */
import type { Clause } from '../../domain/search-text.ts'
import type { SearchQuery, StoredTicketPage } from '../../domain/store.ts'
import { TEXT_BYTES, ticketFrom, uuidBytes, uuidText } from '../columns.ts'
import type { Database, Row } from './database.ts'
import { conditions, fitting, idsOf, ticketReads } from './tickets.ts'

/** Words that are common, but seldom together, are looked for among so many tickets at once. */
const NUMBERS_MAX = 250_000
/** A page looks at no more tickets than these that hold the words, passing the filter or not: deliveries wait for the same thread. */
const LOOK_AT_MAX = 2_500
/** So many that hold the words are taken from the index at once: most pages need no more. */
const STEP = 200

export const searchReads = (db: Database) => {
  const { tickets } = ticketReads(db)
  // When they are first wanted, as in retention.ts.
  let prepared: ReturnType<typeof prepare> | undefined

  return {
    search(query: SearchQuery): StoredTicketPage {
      if (query.clauses.length === 0) return tickets(query)
      prepared ??= prepare(db)
      const statements = prepared
      const { below, from } = numbersOf(statements, query)
      const floor = Math.max(from, below - NUMBERS_MAX)
      const { where, values } = conditions(query.filter, query)
      const passing = db.prepare(
        `select number, id, ${TEXT_BYTES} as bytes from tickets t
         where ${['number = ?', ...where].join(' and ')}`,
      )
      const rows: Row[] = []
      let [lookedAt, reached] = [0, floor]
      for (const number of matching(statements, query.clauses, below, floor)) {
        rows.push(...passing.all(number, ...values))
        lookedAt += 1
        if (rows.length <= query.limit && lookedAt < LOOK_AT_MAX) continue
        reached = number
        break
      }
      const shown = rows.slice(0, fitting(rows, query.limit))
      const last = shown.length < rows.length ? shown.at(-1)?.id : reached > from && statements.idFrom.get(reached)?.id
      return {
        tickets: shown.flatMap(({ number = 0 }) => statements.byNumber.all(number).map(ticketFrom)),
        next: last instanceof Uint8Array ? uuidText(last) : null,
      }
    },
  }
}

const prepare = (db: Database) => ({
  byNumber: db.prepare('select * from tickets where number = ?'),
  byId: db.prepare('select number from tickets where id >= ? order by id limit 1'),
  lastBelow: db.prepare('select max(number) as number from tickets where number < ?'),
  idFrom: db.prepare('select id from tickets where number >= ? order by number limit 1'),
  holding: db.prepare(
    `select rowid as number from search
     where search match ? and rowid < ? and rowid >= ?
     order by rowid desc
     limit ${STEP}`,
  ),
  // Not `rowid = ?`: beside a match, FTS5 of this version passes over it where an index keeps no places.
  holds: db.prepare('select 1 from search where search match ?1 and rowid >= ?2 and rowid <= ?2'),
})
type Statements = ReturnType<typeof prepare>

/** Where to look: from the one number up, below the other, which follows a ticket that is there: so each page comes further than the last. */
const numbersOf = ({ byId, lastBelow }: Statements, query: SearchQuery): { from: number; below: number } => {
  const firstOf = (id: Uint8Array) => Number(byId.get(id)?.number ?? Number.MAX_SAFE_INTEGER)
  const ids = idsOf(query)
  const end = Math.min(
    query.before === null ? Number.MAX_SAFE_INTEGER : firstOf(uuidBytes(query.before)),
    firstOf(ids.below),
  )
  return { from: firstOf(ids.from), below: Number(lastBelow.get(end)?.number ?? 0) + 1 }
}

/** Numbers of tickets for which every clause holds, highest first. */
function* matching(statements: Statements, clauses: readonly Clause[], below: number, floor: number) {
  const named = numbersNamed(statements, clauses).filter(number => number < below && number >= floor)
  const expression = allOf(clauses)
  for (let top = below; top > floor; ) {
    const found = statements.holding.all(expression, top, floor).map(({ number }) => Number(number))
    const end = found.length === STEP ? (found.at(-1) ?? floor) : floor
    const within = named.filter(number => number < top && number >= end)
    yield* within.length === 0 ? found : [...new Set([...found, ...within])].sort((a, b) => b - a)
    top = end
  }
}

/** Tickets that a clause names and for which the others hold: also those that are not in the index yet. */
const numbersNamed = ({ holds }: Statements, clauses: readonly Clause[]): number[] =>
  clauses.flatMap(({ number }) => {
    if (number === null) return []
    const others = clauses.filter(clause => clause.number !== number)
    return others.length === 0 || holds.get(allOf(others), number) ? [number] : []
  })

/** Between quotes nothing means anything but itself. */
const allOf = (clauses: readonly Clause[]): string =>
  [...new Set(clauses.flatMap(({ tokens }) => tokens))].map(token => `"${token.replaceAll('"', '""')}"`).join(' ')
