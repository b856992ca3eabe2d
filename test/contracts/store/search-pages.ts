/** Pages of what is found, and that the index keeps up with what is stored and forgotten. */
import assert from 'node:assert/strict'
import { referenceCode } from '../../../src/domain/reference.ts'
import { accepted, DAY, lease, type Open, START, settle, storeTest } from './arrange.ts'
import { found, indexed, madeAt, many, pageOf } from './searching.ts'

export const searchPageCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `search: ${what}`, run)

  it('pages hold whole tickets, newest first, each once, and only the last has no next', async store => {
    const numbers = (await many(store, 7)).map(({ number }) => number).toReversed()
    await indexed(store)
    const first = await pageOf(store, 'broke', { limit: 3 })
    assert.deepEqual(first.tickets[0], await store.ticket({ number: numbers[0] ?? 0 }))
    assert.deepEqual(
      first.tickets.map(({ number }) => number),
      numbers.slice(0, 3),
    )
    for (const limit of [1, 3, 7, 50]) assert.deepEqual(await found(store, 'broke', { limit }), numbers)
    assert.equal((await pageOf(store, 'broke', { limit: 7 })).next, null)
  })

  it('what is accepted between two pages moves nothing', async store => {
    const numbers = (await many(store, 5)).map(({ number }) => number).toReversed()
    await indexed(store)
    const first = await pageOf(store, 'broke', { limit: 2 })
    await many(store, 1)
    await indexed(store)
    assert.deepEqual(await found(store, 'broke', { before: null, limit: 9 }).then(all => all.length), 6)
    const rest = await pageOf(store, 'broke', { before: first.next, limit: 9 })
    assert.deepEqual(
      [...first.tickets, ...rest.tickets].map(({ number }) => number),
      numbers,
    )
  })

  it('long texts make short pages, one ticket at least, and none is lost', async store => {
    const message = `word ${'x'.repeat(1536 * 1024)}`
    const numbers = [await accepted(store, { message }), await accepted(store, { message })].map(({ number }) => number)
    await indexed(store)
    assert.equal((await pageOf(store, 'word')).tickets.length, 1)
    assert.deepEqual(await found(store, 'word'), numbers.toReversed())
  })

  it('a rare one among many that hold the words is found, on a later page', async store => {
    const rare = (await accepted(store, { type: 'QUESTION', username: 'rare' })).number
    for (let i = 0; i < 5; i += 1) await many(store, 1_020, { type: null, username: `u${i}` })
    await indexed(store, 1_000)
    assert.deepEqual(await found(store, 'broke', { filter: { type: 'QUESTION' } }), [rare])
    assert.equal((await found(store, 'it broke', { limit: 1_000 })).length, 5_101)
  })

  it('a text is found within its first 65,536 characters', async store => {
    const message = `${'x'.repeat(65_530)} near far ${'y'.repeat(99)} beyond`
    const { number } = await accepted(store, { message })
    await indexed(store)
    assert.deepEqual(await found(store, 'near'), [number])
    assert.deepEqual(await found(store, 'beyond'), [])
  })

  it('a slice takes no more than it is told, oldest first, and says what is left', async store => {
    await many(store, 5)
    assert.equal(await store.index({ limit: 2 }), 3)
    assert.deepEqual(await found(store, 'broke'), [2, 1])
    assert.equal(await store.index({ limit: 2 }), 1)
    assert.equal(await store.index({ limit: 2 }), 0)
    assert.deepEqual(await found(store, 'broke'), [5, 4, 3, 2, 1])
  })

  it('long texts end a slice early', async store => {
    await many(store, 4, { message: 'long text '.repeat(10_000) })
    assert.equal(await store.index({ limit: 4 }), 2)
  })

  it('what was indexed, and what is still to be, outlives a restart', async (store, opened) => {
    await many(store, 4)
    await store.index({ limit: 2 })
    const again = await opened.reopen()
    assert.deepEqual(await found(again, 'broke'), [2, 1])
    assert.equal(await again.index({ limit: 100 }), 0)
    assert.deepEqual(await found(again, 'broke'), [4, 3, 2, 1])
  })

  it('what is forgotten is found no more, and what is left is', async store => {
    const old = await madeAt(store, START, { destinations: ['devsupport'] })
    const young = await madeAt(store, START + 2 * DAY, { destinations: ['devsupport'] })
    const unindexed = await madeAt(store, START + 3 * DAY, { destinations: ['devsupport'] })
    await store.index({ limit: 2 })
    const held = await lease(store)
    for (const progress of (await store.due({ destination: 'devsupport', now: START + 4 * DAY, limit: 9 })).deliveries)
      await settle(store, held, progress, { kind: 'delivered' }, { now: START + 4 * DAY })
    await store.forgetTickets({ before: START + DAY, after: null, limit: 10 })
    assert.deepEqual(await found(store, 'broke'), [young])
    assert.deepEqual(await found(store, referenceCode(store.keys.reference).format(old)), [])
    await store.forgetTickets({ before: START + 9 * DAY, after: null, limit: 10 })
    assert.deepEqual(await found(store, 'broke'), [])
    await indexed(store)
    assert.deepEqual(await found(store, 'broke'), [unindexed])
  })
}
