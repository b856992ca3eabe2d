import assert from 'node:assert/strict'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { NewEvents, Store } from '../../../src/domain/store.ts'
import { accepted, DAY, lease, type Open, START, settle, storeTest, ticket } from './arrange.ts'

let made = 0
/** As the service makes ids: they begin with their time. */
const idAt = (at: number): string => {
  made += 1
  const time = at.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${made.toString(16).padStart(12, '0')}`
}
/** A ticket of that moment; each by another user, so that no limit matters. */
const storedAt = async (store: Store, at: number, overrides: Parameters<typeof ticket>[0] = {}): Promise<number> => {
  const id = idAt(at)
  return (await accepted(store, { id, createdAt: at, username: id, destinations: ['devsupport'], ...overrides })).number
}
const settleAll = async (store: Store, held: Awaited<ReturnType<typeof lease>>, now: number) => {
  for (const progress of (await store.due({ destination: 'devsupport', now, limit: 1_000 })).deliveries)
    await settle(store, held, progress, { kind: 'delivered' }, { now, ref: `ref-${progress.ticketNumber}` })
}
const forgetAll = (store: Store, before: number, after: string | null = null) =>
  store.forgetTickets({ before, after, limit: 100 })
const closing = (ticketNumber: number, by: NewEvents['by']): NewEvents => ({
  id: `closing-${ticketNumber}`,
  act: 'status',
  by,
  at: START + 1_000,
  items: [{ ticketNumber, message: null, internal: false, status: 'CLOSED' }],
})
const there = async (store: Store, numbers: readonly number[]): Promise<boolean[]> =>
  Promise.all(numbers.map(async number => (await store.ticket({ number })) !== undefined))

export const retentionCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `retention: ${what}`, run)

  it('what is older and delivered goes with all that is theirs; what is younger stays', async store => {
    const old = await storedAt(store, START)
    const young = await storedAt(store, START + DAY)
    await storedAt(store, START + 2 * DAY)
    await settleAll(store, await lease(store), START + 3 * DAY)
    assert.equal((await forgetAll(store, START + DAY)).removed, 1)
    assert.deepEqual(await there(store, [old, young]), [false, true])
    assert.deepEqual(await store.events({ ticketNumber: old }), [])
    assert.deepEqual(await store.deliveries({ ticketNumber: old }), [])
    assert.equal(await store.outgoing({ ticketNumber: old, eventNumber: 1, destination: 'devsupport' }), undefined)
    assert.equal((await store.deliveries({ ticketNumber: young }))[0]?.log.length, 1)
  })

  it('what is pending anywhere stays, and goes once it is delivered', async store => {
    const half = await storedAt(store, START, { destinations: ['devsupport', 'archive'] })
    await storedAt(store, START + 2 * DAY)
    await settleAll(store, await lease(store), START + 3 * DAY)
    assert.equal((await forgetAll(store, START + DAY)).removed, 0)
    const [progress] = (await store.due({ destination: 'archive', now: START + 3 * DAY, limit: 1 })).deliveries
    await settle(store, await lease(store, 'archive'), progress ?? assert.fail(), { kind: 'delivered' })
    assert.equal((await forgetAll(store, START + DAY)).removed, 1)
    assert.deepEqual(await there(store, [half]), [false])
  })

  it('what was given up stays, since nobody has closed the ticket', async store => {
    const dead = await storedAt(store, START)
    await storedAt(store, START + 2 * DAY)
    const [progress] = (await store.due({ destination: 'devsupport', now: START + DAY, limit: 1 })).deliveries
    await settle(store, await lease(store), progress ?? assert.fail(), { kind: 'refused', reason: 'slack-no-text' })
    assert.equal((await store.deliveries({ ticketNumber: dead }))[0]?.state, 'DEAD')
    assert.equal((await forgetAll(store, START + DAY)).removed, 0)
    assert.deepEqual(await there(store, [dead]), [true])
  })

  it('what was given up goes once staff closed the ticket; that its writer closed it does not count', async store => {
    const closed = [await storedAt(store, START), await storedAt(store, START)]
    await storedAt(store, START + 2 * DAY)
    const held = await lease(store)
    for (const progress of (await store.due({ destination: 'devsupport', now: START + DAY, limit: 2 })).deliveries)
      await settle(store, held, progress, { kind: 'refused', reason: 'slack-no-text' })
    for (const [at, ticketNumber] of closed.entries()) {
      const by = { username: 'ada', name: 'Ada', staff: at === 0 }
      await store.addEvents(closing(ticketNumber, by))
      await settleAll(store, held, START + DAY)
    }
    assert.equal((await forgetAll(store, START + DAY)).removed, 1)
    assert.deepEqual(await there(store, closed), [false, true])
  })

  it('what staff and users did is remembered as long as the tickets of its time', async store => {
    const number = await storedAt(store, START + DAY)
    const order = closing(number, { username: 'grace', name: 'Grace', staff: true })
    const events = async () => (await store.events({ ticketNumber: number })).length
    await store.addEvents(order)
    await store.addEvents(order)
    assert.equal(await events(), 2)
    await forgetAll(store, order.at)
    await store.addEvents(order)
    assert.equal(await events(), 2)
    assert.equal((await forgetAll(store, order.at + 1)).isLast, true)
    await store.addEvents({
      ...order,
      items: [{ ticketNumber: number, message: null, internal: false, status: 'IN_PROGRESS' }],
    })
    assert.equal(await events(), 3)
  })

  it('a slice looks at so many and says where the next one begins; what stayed is not looked at again', async store => {
    for (let i = 0; i < 5; i += 1) await storedAt(store, START + i, i === 0 ? { destinations: ['archive'] } : {})
    await storedAt(store, START + 2 * DAY)
    await settleAll(store, await lease(store), START + 3 * DAY)
    const removed: number[] = []
    let after: string | null = null
    for (let isLast = false; !isLast; ) {
      const slice: Awaited<ReturnType<typeof forgetAll>> = await store.forgetTickets({
        before: START + DAY,
        after,
        limit: 2,
      })
      removed.push(slice.removed)
      ;({ after, isLast } = slice)
    }
    assert.deepEqual(removed, [1, 2, 1])
    // A day later it goes on from there.
    assert.deepEqual(await forgetAll(store, START + DAY, after), { removed: 0, after, isLast: true })
  })

  it('tickets of a clock that was ahead hold up no others, and stay until their time', async store => {
    const ahead = await storedAt(store, START + 400 * DAY)
    const old = await storedAt(store, START)
    await storedAt(store, START + 2 * DAY)
    await settleAll(store, await lease(store), START + 500 * DAY)
    await forgetAll(store, START + DAY)
    assert.deepEqual(await there(store, [ahead, old]), [true, false])
  })

  it('no number is given twice, even where everything is old', async store => {
    const numbers = [await storedAt(store, START), await storedAt(store, START + 1)]
    await settleAll(store, await lease(store), START + DAY)
    assert.equal((await forgetAll(store, START + 10 * DAY)).removed, 1)
    numbers.push(await storedAt(store, START + 20 * DAY))
    assert.equal(new Set(numbers).size, 3)
  })

  it('attempts go when they are old, unless their delivery is pending; the delivery stays', async store => {
    const held = await lease(store)
    const [done, waiting, late] = [
      await storedAt(store, START),
      await storedAt(store, START),
      await storedAt(store, START),
    ]
    const tried = async (number: number, outcome: Outcome, now: number) => {
      const { deliveries } = await store.due({ destination: 'devsupport', now: START + 9 * DAY, limit: 9 })
      const progress = deliveries.find(({ ticketNumber }) => ticketNumber === number) ?? assert.fail()
      await settle(store, held, progress, outcome, { now })
    }
    await tried(done, { kind: 'delivered' }, START + 10)
    await tried(waiting, { kind: 'retry', reason: 'http-500' }, START + 20)
    await tried(late, { kind: 'delivered' }, START + DAY)
    assert.deepEqual(await store.forgetAttempts({ before: START + DAY - 5, after: 0, limit: 100 }), {
      removed: 1,
      after: late,
      isLast: true,
    })
    const left = [done, waiting, late].map(async ticketNumber => (await store.deliveries({ ticketNumber }))[0])
    const deliveries = await Promise.all(left)
    assert.deepEqual(
      deliveries.map(delivery => [delivery?.log.length, delivery?.progress.attempts, delivery?.state]),
      [
        [0, 1, 'DELIVERED'],
        [1, 1, 'PENDING'],
        [1, 1, 'DELIVERED'],
      ],
    )
  })

  it('attempts are looked at in slices too', async store => {
    for (let i = 0; i < 5; i += 1) await storedAt(store, START + i)
    await settleAll(store, await lease(store), START + 10)
    const first = await store.forgetAttempts({ before: START + DAY, after: 0, limit: 3 })
    assert.deepEqual(first, { removed: 3, after: 3, isLast: false })
    assert.deepEqual(await store.forgetAttempts({ before: START + DAY, after: first.after, limit: 3 }), {
      removed: 2,
      after: 5,
      isLast: true,
    })
  })

  it('the limit and the keys of those who wrote lately are as they were', async store => {
    const key = { idempotency: { key: 'k', fingerprint: Uint8Array.of(1) }, username: 'Ada#1234' }
    await storedAt(store, START, { username: 'Ada#1234' })
    const kept = await storedAt(store, START + 30 * DAY, key)
    await storedAt(store, START + 30 * DAY)
    await settleAll(store, await lease(store), START + 30 * DAY)
    assert.equal((await forgetAll(store, START + 22 * DAY)).removed, 1)
    const now = START + 30 * DAY
    const again = await store.accept(ticket({ ...key, createdAt: now + 1 }))
    assert.deepEqual(again.outcome === 'accepted' && [again.repeated, again.number], [true, kept])
    const other = await store.accept(ticket({ username: 'Ada#1234', createdAt: now + 2, limitPerHour: 1 }))
    assert.equal(other.outcome, 'limited')
  })
}
