import assert from 'node:assert/strict'
import type { Store } from '../../../src/domain/store.ts'
import { accepted, dueNow, firstDue, HOUR, lease, type Open, START, settle, storeTest } from './arrange.ts'

export const destinationCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `destination: ${what}`, run)

  it('counts what waits and what was given up, and since when', async store => {
    await accepted(store, { createdAt: START + 5, destinations: ['devsupport'] })
    await accepted(store, { createdAt: START, destinations: ['devsupport'] })
    const held = await lease(store)
    await settle(store, held, await firstDue(store, 'devsupport', START), { kind: 'refused', reason: 'slack-no-text' })
    const [destination] = await store.destinations()
    assert.deepEqual([destination?.pending, destination?.dead, destination?.oldestPendingAt], [1, 1, START + 5])
  })

  it('tells when the last delivery succeeded', async store => {
    await accepted(store, { destinations: ['devsupport'] })
    await settle(store, await lease(store), await firstDue(store), { kind: 'delivered' }, { now: START + 42 })
    const [destination] = await store.destinations()
    assert.deepEqual(
      [destination?.lastDeliveredAt, destination?.pending, destination?.oldestPendingAt],
      [START + 42, 0, null],
    )
  })

  it('one that was never leased is listed while deliveries wait for it', async store => {
    await accepted(store, { destinations: ['new-one'] })
    assert.deepEqual(
      (await store.destinations()).map(each => [each.name, each.pending]),
      [['new-one', 1]],
    )
  })

  it('whether anybody names it is noted once, survives a restart, and is false at first', async (store, opened) => {
    await accepted(store, { destinations: ['new-one'] })
    await lease(store)
    const note = (isServed: boolean, to = store) =>
      to.noteServed({ destination: 'devsupport', isServed, isWaiting: false, now: START })
    const noted = async (from: Store) =>
      (await from.destinations()).filter(each => each.isNotedUnserved).map(each => each.name)
    assert.equal(await note(true), false)
    assert.deepEqual([await note(false), await note(false), await noted(store)], [true, false, ['devsupport']])
    const again = await opened.reopen()
    assert.deepEqual(await noted(again), ['devsupport'])
    assert.deepEqual([await note(true, again), await noted(again)], [true, []])
  })

  it('what waits where nobody serves it any more is held from then on, unless something held it before', async store => {
    const held = await lease(store)
    const over = { ...held.health, heldUntil: START - 1, heldSince: START - HOUR }
    await store.noteHealth({ destination: 'devsupport', epoch: held.epoch, health: over })
    const leave = { destination: 'devsupport', isServed: false, isWaiting: true, now: START } as const
    await store.noteServed(leave)
    assert.equal((await store.destinations())[0]?.health.heldSince, START)

    await store.noteServed({ ...leave, isServed: true })
    await store.noteServed({ ...leave, isWaiting: false, now: START + 1 })
    assert.equal((await store.destinations())[0]?.health.heldSince, null)

    await store.noteServed({ ...leave, isServed: true })
    await store.steer({ destination: 'devsupport', state: 'PAUSED', reason: 'by-staff', now: START + 2 })
    await store.noteServed({ ...leave, now: START + 3 })
    assert.equal((await store.destinations())[0]?.health.heldSince, START + 2)
  })

  it('pausing and resuming tells the new health, and repeating changes nothing', async store => {
    await lease(store)
    const order = { destination: 'devsupport', reason: 'by-staff', now: START } as const
    const paused = await store.steer({ ...order, state: 'PAUSED' })
    assert.deepEqual([paused?.state, paused?.reason], ['PAUSED', 'by-staff'])
    assert.deepEqual(await store.steer({ ...order, state: 'PAUSED', now: START + 1 }), paused)
    const resumed = await store.steer({ ...order, state: 'OK' })
    assert.deepEqual([resumed?.state, resumed?.reason, resumed?.heldSince], ['OK', null, null])
    assert.deepEqual(await store.steer({ ...order, state: 'OK' }), resumed)
  })

  it('an unknown one cannot be steered', async store => {
    assert.equal(await store.steer({ destination: 'nowhere', state: 'PAUSED', reason: null, now: START }), undefined)
  })

  it('a pause is seen by the engine that holds the lease at its next renewal', async store => {
    await lease(store)
    await store.steer({ destination: 'devsupport', state: 'PAUSED', reason: 'by-staff', now: START })
    const [renewed] = await store.renewLeases({ engine: 'engine-1', forMs: HOUR })
    assert.equal(renewed?.health.state, 'PAUSED')
  })

  it('resuming makes what waits due at once, with unclear counts and backoff steps at zero', async store => {
    await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'unclear', reason: 'unexpected-200' })
    assert.equal((await dueNow(store, 'devsupport', START + 100)).length, 0)
    await store.steer({ destination: 'devsupport', state: 'PAUSED', reason: 'by-staff', now: START + 50 })
    await store.steer({ destination: 'devsupport', state: 'OK', reason: null, now: START + 100 })
    const progress = await firstDue(store, 'devsupport', START + 100)
    assert.deepEqual([progress.unclearCount, progress.step, progress.attempts], [0, 0, 1])
  })

  it('health is there after a restart', async (store, opened) => {
    const held = await lease(store)
    await store.steer({ destination: 'devsupport', state: 'PAUSED', reason: 'by-staff', now: START })
    await store.giveBackLease({ destination: 'devsupport', epoch: held.epoch, lastSentAt: null })
    const again = await opened.reopen()
    assert.equal((await lease(again)).health.state, 'PAUSED')
  })
}
