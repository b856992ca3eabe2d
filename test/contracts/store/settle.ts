import assert from 'node:assert/strict'
import { accepted, DAY, dueNow, firstDue, lease, type Open, START, settle, storeTest } from './arrange.ts'

export const settleCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `settle: ${what}`, run)

  it('an attempt is recorded with the delivery it belongs to', async store => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    await settle(store, await lease(store), await firstDue(store), { kind: 'delivered' })
    const [delivery] = await store.deliveries({ ticketNumber: number })
    assert.equal(delivery?.state, 'DELIVERED')
    assert.equal(delivery?.reason, null)
    assert.equal(delivery?.progress.attempts, 1)
    assert.deepEqual(delivery?.log, [{ at: START + 5, ms: 5, outcome: 'DELIVERED', status: 200, excerpt: 'ok' }])
  })

  it('settling the same attempt again changes nothing', async store => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    const progress = await firstDue(store)
    assert.equal((await settle(store, held, progress, { kind: 'retry', reason: 'timeout' })).outcome, 'settled')
    const before = await store.deliveries({ ticketNumber: number })
    assert.equal((await settle(store, held, progress, { kind: 'delivered' })).outcome, 'settled')
    assert.deepEqual(await store.deliveries({ ticketNumber: number }), before)
  })

  it('attempts of one delivery are kept in order, each with its outcome', async store => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    for (let i = 0; i < 3; i += 1) {
      await settle(
        store,
        held,
        await firstDue(store, 'devsupport', START + DAY),
        { kind: 'retry', reason: `try-${i}` },
        { now: START + i },
      )
    }
    const [delivery] = await store.deliveries({ ticketNumber: number })
    assert.deepEqual(
      delivery?.log.map(({ at }) => at),
      [START - 5, START - 4, START - 3],
    )
    assert.equal(delivery?.reason, 'try-2')
    assert.equal(delivery?.progress.step, 3)
  })

  it('with an older epoch nothing is recorded', async store => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    const old = await lease(store)
    await store.giveBackLease({ destination: 'devsupport', epoch: old.epoch, lastSentAt: null })
    const young = await lease(store, 'devsupport', 'engine-2')
    const progress = await firstDue(store)
    assert.deepEqual(await settle(store, old, progress, { kind: 'delivered' }), { outcome: 'lease-lost' })
    assert.equal((await store.deliveries({ ticketNumber: number }))[0]?.state, 'PENDING')
    assert.equal((await settle(store, young, progress, { kind: 'delivered' })).outcome, 'settled')
  })

  it('after the lease was given back nothing is recorded', async store => {
    await accepted(store)
    const held = await lease(store)
    await store.giveBackLease({ destination: 'devsupport', epoch: held.epoch, lastSentAt: null })
    assert.deepEqual(await settle(store, held, await firstDue(store), { kind: 'delivered' }), { outcome: 'lease-lost' })
  })

  it('the destination is as healthy as the settlement says', async store => {
    await accepted(store)
    const held = await lease(store)
    const result = await settle(store, held, await firstDue(store), { kind: 'unavailable', reason: 'slack-no-service' })
    assert.equal(result.outcome, 'settled')
    const destination = (await store.destinations()).find(({ name }) => name === 'devsupport')
    assert.equal(destination?.health.state, 'FAILING')
    assert.equal(destination?.health.reason, 'slack-no-service')
  })

  it('staff who paused meanwhile are not overruled, and the success still counts', async store => {
    await accepted(store)
    const held = await lease(store)
    const progress = await firstDue(store)
    await store.steer({ destination: 'devsupport', state: 'PAUSED', reason: 'by-staff', now: START })
    const result = await settle(store, held, progress, { kind: 'delivered' })
    if (result.outcome !== 'settled') throw new Error('it is settled')
    assert.equal(result.health.state, 'PAUSED')
    assert.equal(result.health.successCount, 1)
  })

  it('a wait that the service asked for is kept also when staff paused meanwhile', async store => {
    await accepted(store)
    const held = await lease(store)
    const progress = await firstDue(store)
    await store.steer({ destination: 'devsupport', state: 'PAUSED', reason: 'by-staff', now: START })
    const result = await settle(store, held, progress, { kind: 'retry', reason: 'http-429', waitMs: 60_000 })
    if (result.outcome !== 'settled') throw new Error('it is settled')
    assert.equal(result.health.state, 'PAUSED')
    assert.ok((result.health.heldUntil ?? 0) >= START + 60_000)
  })

  it('the ref of the created event is kept for later events of this destination alone', async store => {
    const { number } = await accepted(store)
    await settle(store, await lease(store), await firstDue(store), { kind: 'delivered' }, { ref: '1764.0001' })
    assert.equal(
      (await store.outgoing({ ticketNumber: number, eventNumber: 1, destination: 'devsupport' }))?.ref,
      '1764.0001',
    )
    assert.equal((await store.outgoing({ ticketNumber: number, eventNumber: 1, destination: 'archive' }))?.ref, null)
  })

  it('a delivery that is given up is dead, with its reason, and no longer due', async store => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    await settle(store, await lease(store), await firstDue(store), { kind: 'refused', reason: 'slack-no-text' })
    const [delivery] = await store.deliveries({ ticketNumber: number })
    assert.deepEqual([delivery?.state, delivery?.reason], ['DEAD', 'slack-no-text'])
    assert.deepEqual(await dueNow(store, 'devsupport', START + DAY), [])
  })

  it('outcomes settled together with new tickets share neither fate nor result', async store => {
    await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    const progress = await firstDue(store)
    const [settled, ticket] = await Promise.all([settle(store, held, progress, { kind: 'delivered' }), accepted(store)])
    assert.equal(settled.outcome, 'settled')
    assert.equal(ticket.number, 2)
  })

  it('attempts are there after a restart', async (store, opened) => {
    const { number } = await accepted(store, { destinations: ['devsupport'] })
    await settle(store, await lease(store), await firstDue(store), { kind: 'delivered' })
    const again = await opened.reopen()
    assert.equal((await again.deliveries({ ticketNumber: number }))[0]?.log.length, 1)
  })

  it('what was held for 30 days is given up in slices, what is younger stays', async store => {
    for (let i = 0; i < 3; i += 1) await accepted(store, { destinations: ['devsupport'] })
    await accepted(store, { destinations: ['devsupport'], createdAt: START + 20 * DAY })
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'unavailable', reason: 'http-404' })
    const request = { destination: 'devsupport', epoch: held.epoch, before: START + DAY, limit: 2 }
    assert.deepEqual(
      [await store.expireHeld(request), await store.expireHeld(request), await store.expireHeld(request)],
      [2, 1, 0],
    )
    const states = await Promise.all(
      [1, 2, 3, 4].map(async n => (await store.deliveries({ ticketNumber: n }))[0]?.state),
    )
    assert.deepEqual(states, ['DEAD', 'DEAD', 'DEAD', 'PENDING'])
    assert.equal((await store.deliveries({ ticketNumber: 1 }))[0]?.reason, 'held-too-long')
  })

  it('what was given up while it was under way stays so and is counted once, unless it arrived', async store => {
    for (const [outcome, state, reason] of [
      [{ kind: 'retry', reason: 'timeout' }, 'DEAD', 'held-too-long'],
      [{ kind: 'refused', reason: 'slack-no-text' }, 'DEAD', 'held-too-long'],
      [{ kind: 'delivered' }, 'DELIVERED', null],
    ] as const) {
      const { number } = await accepted(store, { destinations: ['devsupport'] })
      const held = await lease(store)
      await settle(store, held, await firstDue(store), { kind: 'unavailable', reason: 'http-404' })
      const underWay = await firstDue(store, 'devsupport', START + DAY)
      const before = START + DAY
      assert.equal(await store.expireHeld({ destination: 'devsupport', epoch: held.epoch, before, limit: 2 }), 1)
      const died = (await store.destinations())[0]?.died
      assert.equal((await settle(store, held, underWay, outcome)).outcome, 'settled')
      const [found] = await store.deliveries({ ticketNumber: number })
      assert.deepEqual([found?.state, found?.reason, found?.log.length], [state, reason, 2])
      assert.equal((await store.destinations())[0]?.died, died)
      await store.giveBackLease({ destination: 'devsupport', epoch: held.epoch, lastSentAt: null })
    }
  })

  it('what was not held is not given up, however old', async store => {
    await accepted(store)
    const held = await lease(store)
    assert.equal(
      await store.expireHeld({ destination: 'devsupport', epoch: held.epoch, before: START + 60 * DAY, limit: 10 }),
      0,
    )
  })

  it('an engine that lost its lease gives nothing up', async store => {
    await accepted(store)
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'unavailable', reason: 'http-404' })
    assert.equal(
      await store.expireHeld({ destination: 'devsupport', epoch: held.epoch - 1, before: START + 60 * DAY, limit: 10 }),
      0,
    )
  })
}
