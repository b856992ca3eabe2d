import assert from 'node:assert/strict'
import { accepted, firstDue, HOUR, lease, type Open, START, settle, storeTest } from './arrange.ts'

export const leaseCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `lease: ${what}`, run)
  const names = ['devsupport', 'archive']

  it('destinations never seen before come into being, healthy', async store => {
    const leases = await store.takeLeases({ engine: 'one', destinations: names, forMs: HOUR })
    assert.deepEqual(
      leases.map(({ destination, health, lastSentAt }) => [destination, health.state, lastSentAt]),
      [
        ['devsupport', 'OK', null],
        ['archive', 'OK', null],
      ],
    )
    assert.deepEqual(
      (await store.destinations()).map(destination => destination.name),
      ['archive', 'devsupport'],
    )
  })

  it('a lease that is held is not given to another engine, nor twice to the same', async store => {
    await lease(store)
    assert.deepEqual(await store.takeLeases({ engine: 'two', destinations: ['devsupport'], forMs: HOUR }), [])
    assert.deepEqual(await store.takeLeases({ engine: 'engine-1', destinations: ['devsupport'], forMs: HOUR }), [])
  })

  it('of several only the free ones are given', async store => {
    await lease(store)
    const taken = await store.takeLeases({ engine: 'two', destinations: names, forMs: HOUR })
    assert.deepEqual(
      taken.map(({ destination }) => destination),
      ['archive'],
    )
  })

  it('a lease that ran out can be taken, with a higher epoch', async store => {
    const [old] = await store.takeLeases({ engine: 'one', destinations: ['devsupport'], forMs: 0 })
    const young = await lease(store, 'devsupport', 'two')
    assert.ok(old && young.epoch > old.epoch)
  })

  it('of two engines that ask together one gets it', async store => {
    const ask = (engine: string) => store.takeLeases({ engine, destinations: ['devsupport'], forMs: HOUR })
    const answers = await Promise.all(['one', 'two', 'three'].map(ask))
    assert.equal(answers.flat().length, 1)
  })

  it('renewing tells what is still held, with its epoch and health', async store => {
    await accepted(store)
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'unavailable', reason: 'http-404' })
    const [renewed] = await store.renewLeases({ engine: 'engine-1', forMs: HOUR })
    assert.deepEqual(
      [renewed?.destination, renewed?.epoch, renewed?.health.state],
      ['devsupport', held.epoch, 'FAILING'],
    )
  })

  it('a lease that ran out cannot be renewed', async store => {
    await store.takeLeases({ engine: 'one', destinations: ['devsupport'], forMs: 0 })
    assert.deepEqual(await store.renewLeases({ engine: 'one', forMs: HOUR }), [])
  })

  it('nobody renews what another holds', async store => {
    await lease(store)
    assert.deepEqual(await store.renewLeases({ engine: 'two', forMs: HOUR }), [])
  })

  it('a lease that is given back is free at once, and hands over the moment of the last send', async store => {
    const held = await lease(store)
    await store.giveBackLease({ destination: 'devsupport', epoch: held.epoch, lastSentAt: START + 7 })
    const next = await lease(store, 'devsupport', 'two')
    assert.equal(next.lastSentAt, START + 7)
    assert.ok(next.epoch > held.epoch)
  })

  it('giving back with an older epoch takes nothing from the new holder', async store => {
    const [old] = await store.takeLeases({ engine: 'one', destinations: ['devsupport'], forMs: 0 })
    await lease(store, 'devsupport', 'two')
    await store.giveBackLease({ destination: 'devsupport', epoch: old?.epoch ?? -1, lastSentAt: null })
    assert.deepEqual(await store.takeLeases({ engine: 'three', destinations: ['devsupport'], forMs: HOUR }), [])
  })

  it('giving back without having sent keeps the earlier moment', async store => {
    const held = await lease(store)
    await store.giveBackLease({ destination: 'devsupport', epoch: held.epoch, lastSentAt: START })
    const second = await lease(store)
    await store.giveBackLease({ destination: 'devsupport', epoch: second.epoch, lastSentAt: null })
    assert.equal((await lease(store)).lastSentAt, START)
  })

  it('the epoch grows over a restart, so that nothing from before can settle', async (store, opened) => {
    await accepted(store)
    const held = await lease(store)
    await store.giveBackLease({ destination: 'devsupport', epoch: held.epoch, lastSentAt: null })
    const again = await opened.reopen()
    const next = await lease(again)
    assert.ok(next.epoch > held.epoch)
    assert.deepEqual(await settle(again, held, await firstDue(again), { kind: 'delivered' }), { outcome: 'lease-lost' })
  })
}
