/** What the cases of searching have in common: making what was stored searchable, and asking. */
import assert from 'node:assert/strict'
import { referenceCode } from '../../../src/domain/reference.ts'
import { searchClauses } from '../../../src/domain/search-text.ts'
import type { SearchQuery, Store } from '../../../src/domain/store.ts'
import { accepted, type ticket } from './arrange.ts'

const EVERYTHING = { username: null, status: null, type: null, destination: null, delivery: null }
export type Asked = Partial<Omit<SearchQuery, 'clauses' | 'filter'>> & {
  readonly filter?: Partial<SearchQuery['filter']>
}

/** Everything that was stored can be found from here on. */
export const indexed = async (store: Store, limit = 100): Promise<void> => {
  for (let slices = 1; (await store.index({ limit })) > 0; slices += 1) assert.ok(slices < 1_000, 'it comes to no end')
}
export const pageOf = (store: Store, text: string, { filter, ...asked }: Asked = {}) =>
  store.search({
    clauses: searchClauses(text, referenceCode(store.keys.reference)),
    filter: { ...EVERYTHING, ...filter },
    from: null,
    to: null,
    before: null,
    limit: 50,
    ...asked,
  })
/** Numbers of all that is found, page after page. */
export const found = async (store: Store, text: string, asked: Asked = {}): Promise<number[]> => {
  const numbers: number[] = []
  for (let before: string | null | undefined; before !== null; ) {
    const page = await pageOf(store, text, { ...asked, before: before ?? null })
    numbers.push(...page.tickets.map(({ number }) => number))
    assert.ok(page.next === null || page.next !== before, 'the next page is another')
    before = page.next
  }
  return numbers
}
let made = 0
/** As the service makes ids: they begin with their time. */
export const madeAt = async (
  store: Store,
  at: number,
  overrides: Parameters<typeof ticket>[0] = {},
): Promise<number> => {
  made += 1
  const time = at.toString(16).padStart(12, '0')
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${made.toString(16).padStart(12, '0')}`
  return (await accepted(store, { id, createdAt: at, username: `u${made}`, ...overrides })).number
}
export const many = (store: Store, count: number, overrides: Parameters<typeof ticket>[0] = {}) =>
  Promise.all(
    Array.from({ length: count }, () => accepted(store, { limitPerHour: 1e6, destinations: [], ...overrides })),
  )
