/** Looking at deliveries: pages, order, filters. */
import assert from 'node:assert/strict'
import { type DeliveryName, deliveryId } from '../../../src/domain/delivery.ts'
import type { DeliveryFilter, Store } from '../../../src/domain/store.ts'
import { accepted, dueNow, firstDue, lease, type Open, START, settle, storeTest } from './arrange.ts'

const everything: DeliveryFilter = {
  ticketNumber: null,
  destination: null,
  state: null,
  reason: null,
  from: null,
  to: null,
}
const pagesOf = async (store: Store, filter: Partial<DeliveryFilter> = {}, limit = 3): Promise<string[][]> => {
  const pages: string[][] = []
  let before: DeliveryName | null = null
  do {
    const page = await store.deliveryPage({ filter: { ...everything, ...filter }, before, limit })
    pages.push(page.deliveries.map(({ ticketId, progress }) => deliveryId(ticketId, progress)))
    before = page.next
  } while (before !== null)
  return pages
}
const idsOf = async (store: Store, filter: Partial<DeliveryFilter> = {}, limit = 3) =>
  (await pagesOf(store, filter, limit)).flat()

export const deliveryPageCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) =>
    storeTest(name, open, `looking at deliveries: ${what}`, run)

  it('newest first by id, each once, in pages of the size asked for', async store => {
    assert.deepEqual(await pagesOf(store), [[]])
    const ids: string[] = []
    for (let i = 0; i < 4; i += 1) {
      const { id } = await accepted(store, { destinations: ['a', 'b', 'c'] })
      ids.unshift(...['c', 'b', 'a'].map(destination => `${id}-1-${destination}`))
    }
    for (const limit of [1, 2, 3, 5, 12, 100]) assert.deepEqual(await idsOf(store, {}, limit), ids, `by ${limit}`)
    assert.equal((await pagesOf(store, {}, 12)).length, 1)
  })

  it('the tenth event of a ticket comes before the ninth', async store => {
    const { number, id } = await accepted(store, { destinations: ['a'] })
    const item = { ticketNumber: number, message: 'm', internal: false, status: null }
    const by = { username: 'staff', name: null, staff: true }
    await store.addEvents({ id: 'o', act: 'comment', by, at: START, items: Array(10).fill(item) })
    const numbers = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert.deepEqual(
      await idsOf(store),
      numbers.map(each => `${id}-${each}-a`),
    )
  })

  it('each filter leaves out what does not pass it', async store => {
    const first = await accepted(store, { createdAt: START })
    const second = await accepted(store, { createdAt: START + 100 })
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'refused', reason: 'too-big' })
    const [one, two] = [first.id, second.id]
    assert.deepEqual(await idsOf(store, { ticketNumber: second.number }), [`${two}-1-devsupport`, `${two}-1-archive`])
    assert.deepEqual(await idsOf(store, { destination: 'archive' }), [`${two}-1-archive`, `${one}-1-archive`])
    assert.deepEqual(await idsOf(store, { state: 'DEAD' }), [`${one}-1-devsupport`])
    assert.deepEqual(await idsOf(store, { reason: 'too-big' }), [`${one}-1-devsupport`])
    assert.deepEqual(await idsOf(store, { reason: 'too' }), [])
    assert.deepEqual(await idsOf(store, { from: START + 100 }), [`${two}-1-devsupport`, `${two}-1-archive`])
    assert.deepEqual(await idsOf(store, { to: START + 100 }), [`${one}-1-devsupport`, `${one}-1-archive`])
    assert.deepEqual(await idsOf(store, { state: 'DEAD', destination: 'archive' }), [])
    assert.deepEqual(await idsOf(store, { ticketNumber: 99 }), [])
  })

  it('shows the newest ten attempts, in order', async store => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    const { epoch, ...held } = await lease(store)
    let { health } = held
    for (let i = 1; i <= 12; i += 1) {
      const now = START + i * 100 * 3_600_000
      const [progress] = await dueNow(store, 'devsupport', now)
      assert.ok(progress)
      const settled = await settle(store, { epoch, health }, progress, { kind: 'retry', reason: 'http-500' }, { now })
      assert.ok(settled.outcome === 'settled')
      health = settled.health
    }
    const { deliveries } = await store.deliveryPage({ filter: everything, before: null, limit: 5 })
    const all = await store.deliveries({ ticketNumber: number })
    assert.deepEqual(deliveries[0]?.log, all[0]?.log.slice(-10))
    assert.equal(deliveries[0]?.progress.attempts, all[0]?.log.length)
  })
}
