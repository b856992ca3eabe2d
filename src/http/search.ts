/** `search`: finds tickets by what is written in them. */
import type { Asked } from '../api/call.ts'
import type { Problem } from '../api/errors.ts'
import type { Page, Ticket } from '../api/ticket.ts'
import { search } from '../api/ticket-calls.ts'
import type { Principal } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import { searchClauses } from '../domain/search-text.ts'
import type { Store, StoredTicketPage } from '../domain/store.ts'
import { showTicket } from '../domain/ticket.ts'
import type { Calls } from './call.ts'
import { INVALID_NEXT, type PageTokens, positionOf } from './page-token.ts'
import { filterFrom } from './tickets.ts'

export type SearchDeps = {
  readonly store: Pick<Store, 'search'>
  readonly references: ReferenceCode
  readonly pageTokens: PageTokens
}

/** What is rare is looked for in so many of the store's slices before the page is sent as it is. */
const SLICES_MAX = 8

export const registerSearch = (calls: Calls, deps: SearchDeps): void =>
  calls.on(search, (asked, caller) => searchTickets(deps, asked, caller))

export const searchTickets = async (
  deps: SearchDeps,
  { itemsPerPage, next, ...asked }: Asked<typeof search>,
  caller: Principal,
): Promise<Page<Ticket> | Problem> => {
  const limit = itemsPerPage ?? 50
  const scope = JSON.stringify(['search', caller.username, caller.role, asked])
  const position = positionOf(deps.pageTokens, scope, next)
  if (position === undefined) return INVALID_NEXT
  const { items, next: after } = await searched(deps, asked, position, limit)
  return { itemsPerPage: limit, items, next: after && deps.pageTokens.seal(scope, after) }
}

/** Tickets that are found, from `before` on, and where the next page begins. */
export const searched = async (
  { store, references }: Omit<SearchDeps, 'pageTokens'>,
  asked: Omit<Asked<typeof search>, 'itemsPerPage' | 'next'>,
  before: string | null,
  limit: number,
): Promise<{ readonly items: readonly Ticket[]; readonly next: string | null }> => {
  const query = {
    clauses: searchClauses(asked.query ?? '', references),
    filter: filterFrom(asked),
    from: asked.from ?? null,
    to: asked.to ?? null,
  }
  const items: Ticket[] = []
  let page: StoredTicketPage = { tickets: [], next: before }
  for (let slice = 0; slice < SLICES_MAX && items.length < limit; slice += 1) {
    page = await store.search({ ...query, before: page.next, limit: limit - items.length })
    items.push(...page.tickets.map(ticket => showTicket(ticket, references)))
    if (page.next === null) break
  }
  return { items, next: page.next }
}
