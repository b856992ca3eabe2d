import assert from 'node:assert/strict'
import type { Store } from '../../../src/domain/store.ts'
import { accepted, DAY, HOUR, type Open, START, storeTest, ticket } from './arrange.ts'

const fill = async (store: Store, count: number, username = 'Ada#1234', at = START) => {
  for (let i = 0; i < count; i += 1) await accepted(store, { username, createdAt: at + i })
}

export const limitCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `limit: ${what}`, run)

  it('the eleventh ticket within an hour is refused, and says when the next one is free', async store => {
    await fill(store, 10)
    assert.deepEqual(await store.accept(ticket({ createdAt: START + 500 })), {
      outcome: 'limited',
      retryAt: START + HOUR,
    })
  })

  it('it is free again exactly one hour after the tenth-newest', async store => {
    await fill(store, 10)
    assert.equal((await store.accept(ticket({ createdAt: START + HOUR - 1 }))).outcome, 'limited')
    assert.equal((await store.accept(ticket({ createdAt: START + HOUR }))).outcome, 'accepted')
    assert.equal((await store.accept(ticket({ createdAt: START + HOUR }))).outcome, 'limited')
  })

  it('refused tickets do not count', async store => {
    await fill(store, 10)
    for (let i = 0; i < 20; i += 1) await store.accept(ticket({ createdAt: START + HOUR - 1 }))
    assert.equal((await store.accept(ticket({ createdAt: START + HOUR }))).outcome, 'accepted')
  })

  it('each user has a limit of their own', async store => {
    await fill(store, 10)
    assert.equal((await store.accept(ticket({ username: 'ada#1234' }))).outcome, 'accepted')
  })

  it('tickets that arrive together are counted one after the other', async store => {
    const results = await Promise.all(Array.from({ length: 30 }, () => store.accept(ticket())))
    assert.equal(results.filter(({ outcome }) => outcome === 'accepted').length, 10)
  })

  it('it is exact over a restart', async (store, opened) => {
    await fill(store, 10)
    const again = await opened.reopen()
    assert.equal((await again.accept(ticket())).outcome, 'limited')
  })

  it('a clock that went back a day costs no more than what lies within an hour of now', async store => {
    await fill(store, 10, 'Ada#1234', START + DAY)
    assert.equal((await store.accept(ticket({ createdAt: START }))).outcome, 'accepted')
  })

  it('a clock that went back half an hour still refuses', async store => {
    await fill(store, 10, 'Ada#1234', START + HOUR / 2)
    assert.equal((await store.accept(ticket({ createdAt: START }))).outcome, 'limited')
  })

  it('a clock that jumped back and forth opens no flood', async store => {
    await fill(store, 10)
    await fill(store, 10, 'Ada#1234', START + DAY)
    assert.equal((await store.accept(ticket({ createdAt: START + DAY + 20 }))).outcome, 'limited')
  })

  it('the limit is the one that the ticket names', async store => {
    await fill(store, 10)
    assert.equal((await store.accept(ticket({ limitPerHour: 11 }))).outcome, 'accepted')
    assert.equal((await store.accept(ticket({ limitPerHour: 3 }))).outcome, 'limited')
  })

  it('a limit of a thousand is counted as exactly', async store => {
    await Promise.all(Array.from({ length: 1_000 }, () => accepted(store, { limitPerHour: 1_000 })))
    assert.equal((await store.accept(ticket({ limitPerHour: 1_000 }))).outcome, 'limited')
  })
}
