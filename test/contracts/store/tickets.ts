/** Looking at tickets: pages, filters, timelines. */
import assert from 'node:assert/strict'
import type { Store, TicketFilter } from '../../../src/domain/store.ts'
import { accepted, type Open, START, storeTest } from './arrange.ts'

const EVERYTHING: TicketFilter = { username: null, status: null, type: null, destination: null, delivery: null }

/** Page after page to the end: the ids on each. */
const pagesOf = async (store: Store, filter: Partial<TicketFilter>, limit: number): Promise<string[][]> => {
  const pages: string[][] = []
  let before: string | null = null
  do {
    const page = await store.tickets({ filter: { ...EVERYTHING, ...filter }, before, limit })
    pages.push(page.tickets.map(({ id }) => id))
    before = page.next
  } while (before !== null)
  return pages
}
const idsOf = async (store: Store, filter: Partial<TicketFilter> = {}, limit = 3) =>
  (await pagesOf(store, filter, limit)).flat()

export const ticketCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `looking: ${what}`, run)

  it('an empty store has one empty page', async store => {
    assert.deepEqual(await pagesOf(store, {}, 10), [[]])
    assert.deepEqual(await pagesOf(store, { username: 'nobody' }, 10), [[]])
  })

  it('tickets come newest first, each once, in pages of the size asked for', async store => {
    const ids: string[] = []
    for (let i = 0; i < 7; i += 1) ids.unshift((await accepted(store, { limitPerHour: 100 })).id)
    assert.deepEqual(await pagesOf(store, {}, 3), [ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)])
    assert.deepEqual(await pagesOf(store, { username: 'Ada#1234' }, 7), [ids])
    assert.deepEqual(
      await pagesOf(store, {}, 1),
      ids.map(id => [id]),
    )
  })

  it('a page holds whole tickets, as they are one by one', async store => {
    const { number } = await accepted(store)
    const { tickets } = await store.tickets({ filter: EVERYTHING, before: null, limit: 10 })
    assert.deepEqual(tickets, [await store.ticket({ number })])
  })

  it('what is accepted between two pages moves nothing: no ticket twice, none left out', async store => {
    const first = await Promise.all(Array.from({ length: 5 }, () => accepted(store, { limitPerHour: 100 })))
    const filter = EVERYTHING
    const page = await store.tickets({ filter, before: null, limit: 2 })
    await accepted(store, { limitPerHour: 100 })
    const rest = await store.tickets({ filter, before: page.next, limit: 10 })
    const seen = [...page.tickets, ...rest.tickets].map(({ id }) => id)
    assert.deepEqual(seen, first.map(({ id }) => id).toReversed())
  })

  it('each filter holds its tickets only, and several together those that pass all', async store => {
    const bug = await accepted(store, { username: 'a', type: 'BUG', destinations: ['x'] })
    const idea = await accepted(store, { username: 'a', type: 'SUGGESTION', destinations: ['x', 'y'] })
    const other = await accepted(store, { username: 'b', type: null, destinations: [] })
    assert.deepEqual(await idsOf(store, { username: 'a' }), [idea.id, bug.id])
    assert.deepEqual(await idsOf(store, { username: 'A' }), [])
    assert.deepEqual(await idsOf(store, { type: 'BUG' }), [bug.id])
    assert.deepEqual(await idsOf(store, { status: 'RECEIVED' }), [other.id, idea.id, bug.id])
    assert.deepEqual(await idsOf(store, { status: 'CLOSED' }), [])
    assert.deepEqual(await idsOf(store, { destination: 'x' }), [idea.id, bug.id])
    assert.deepEqual(await idsOf(store, { destination: 'x', username: 'b' }), [])
    assert.deepEqual(await idsOf(store, { destination: 'y', type: 'SUGGESTION', username: 'a', status: 'RECEIVED' }), [
      idea.id,
    ])
    assert.deepEqual(await idsOf(store, { destination: "x' or ''='" }), [])
  })

  it('a destination and a state together mean one delivery', async store => {
    const waits = await accepted(store, { destinations: ['x', 'y'] })
    await store.takeLeases({ engine: 'e', destinations: ['x'], forMs: 60_000 })
    const dead = await accepted(store, { destinations: ['z'] })
    assert.deepEqual(await idsOf(store, { delivery: 'PENDING' }), [dead.id, waits.id])
    assert.deepEqual(await idsOf(store, { delivery: 'PENDING', destination: 'y' }), [waits.id])
    assert.deepEqual(await idsOf(store, { delivery: 'DEAD', destination: 'y' }), [])
    assert.deepEqual(await idsOf(store, { delivery: 'DELIVERED' }), [])
  })

  it('a rare ticket behind many others is found, on a later page, and none is lost on the way', async store => {
    const rare = await accepted(store, { type: 'QUESTION', username: 'rare' })
    // More at once would be turned away.
    for (let at = 0; at < 5_100; at += 1_020) {
      const some = Array.from({ length: 1_020 }, (_, i) =>
        accepted(store, { username: `u${i % 100}`, type: null, destinations: [], limitPerHour: 1_000 }),
      )
      await Promise.all(some)
    }
    assert.deepEqual(await idsOf(store, { type: 'QUESTION' }), [rare.id])
    assert.equal((await idsOf(store, {}, 1_000)).length, 5_101)
  })

  it('long texts make short pages, one ticket at least, and none is lost', async store => {
    const message = 'x'.repeat(1536 * 1024)
    const ids = [await accepted(store, { message }), await accepted(store, { message }), await accepted(store)].map(
      ({ id }) => id,
    )
    assert.deepEqual(await pagesOf(store, {}, 10), [[ids[2], ids[1]], [ids[0]]])
    assert.deepEqual(await idsOf(store, { username: 'Ada#1234' }, 10), ids.toReversed())
  })

  it('not the message alone makes a page long: context and subject count too', async store => {
    const context = { text: 'x'.repeat(1_200_000) }
    const ids = [await accepted(store, { context }), await accepted(store, { context })].map(({ id }) => id)
    assert.deepEqual(await pagesOf(store, {}, 10), [[ids[1]], [ids[0]]])
  })

  it('a new ticket’s timeline is its created event, by its writer; another’s is empty', async store => {
    const { number } = await accepted(store)
    assert.deepEqual(await store.events({ ticketNumber: number }), [
      {
        ticketNumber: number,
        eventNumber: 1,
        kind: 'CREATED',
        at: START,
        by: { username: 'Ada#1234', name: 'Ada Lovelace', staff: false },
        message: 'It broke.',
        internal: false,
        status: null,
      },
    ])
    assert.deepEqual(await store.events({ ticketNumber: 99 }), [])
  })

  it('pages outlive a restart', async (store, opened) => {
    const older = await accepted(store)
    await accepted(store)
    const { next } = await store.tickets({ filter: EVERYTHING, before: null, limit: 1 })
    const again = await opened.reopen()
    const { tickets } = await again.tickets({ filter: EVERYTHING, before: next, limit: 5 })
    assert.deepEqual(
      tickets.map(({ id }) => id),
      [older.id],
    )
  })
}
