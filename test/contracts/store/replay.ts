import assert from 'node:assert/strict'
import { type DeliveryKey, deliveryId, parseDeliveryId } from '../../../src/domain/delivery.ts'
import type { DeliveryFilter, ReplayOrder, Store } from '../../../src/domain/store.ts'
import { accepted, dueNow, firstDue, lease, type Open, START, settle, storeTest } from './arrange.ts'

const anything: DeliveryFilter = {
  ticketNumber: null,
  destination: null,
  state: null,
  reason: null,
  from: null,
  to: null,
}
const allKeys = async (store: Store, filter: Partial<DeliveryFilter>, limit = 3): Promise<DeliveryKey[]> => {
  const found: DeliveryKey[] = []
  for (let after: DeliveryKey | null = null; ; ) {
    const page = await store.deliveryKeys({ filter: { ...anything, ...filter }, after, limit })
    found.push(...page.keys)
    if (page.next === null) return found
    after = page.next
  }
}
const shown = (keys: readonly DeliveryKey[]) =>
  keys.map(({ ticketNumber, eventNumber, destination }) => `${ticketNumber}/${eventNumber}/${destination}`).sort()

const order = (keys: readonly DeliveryKey[], more: Partial<ReplayOrder> = {}): ReplayOrder => ({
  keys,
  state: 'DEAD',
  to: null,
  isDryRun: false,
  now: START + 500,
  id: 'order-1',
  by: 'staff',
  detail: '{}',
  ...more,
})

/** Ticket 1 and 2 are dead at devsupport for different reasons, 3 was delivered there, 4 waits; all wait at archive. */
const arranged = async (store: Store): Promise<void> => {
  for (let i = 0; i < 4; i += 1) await accepted(store, { createdAt: START + i * 100 })
  const held = await lease(store)
  await settle(store, held, await firstDue(store), { kind: 'refused', reason: 'slack-no-text' })
  await settle(store, held, await firstDue(store, 'devsupport', START + 101), { kind: 'refused', reason: 'too-big' })
  await settle(store, held, await firstDue(store, 'devsupport', START + 201), { kind: 'delivered' })
}

export const replayCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `replay: ${what}`, run)

  for (const [what, filter, expected] of [
    [
      'every one',
      {},
      [
        '1/1/archive',
        '1/1/devsupport',
        '2/1/archive',
        '2/1/devsupport',
        '3/1/archive',
        '3/1/devsupport',
        '4/1/archive',
        '4/1/devsupport',
      ],
    ],
    ['those of a state', { state: 'DEAD' }, ['1/1/devsupport', '2/1/devsupport']],
    ['delivered ones', { state: 'DELIVERED' }, ['3/1/devsupport']],
    ['those of a ticket', { ticketNumber: 3 }, ['3/1/archive', '3/1/devsupport']],
    ['of a destination and a state', { destination: 'devsupport', state: 'PENDING' }, ['4/1/devsupport']],
    ['by reason, exactly', { reason: 'too-big' }, ['2/1/devsupport']],
    ['dead ones by reason', { state: 'DEAD', reason: 'too-big' }, ['2/1/devsupport']],
    [
      'of a time, its beginning included and its end not',
      { from: START + 100, to: START + 200, state: 'DEAD' },
      ['2/1/devsupport'],
    ],
    ['none', { destination: 'nowhere', state: 'DEAD' }, []],
  ] satisfies [string, Partial<DeliveryFilter>, string[]][]) {
    it(`the filter finds ${what}, page by page`, async store => {
      await arranged(store)
      for (const limit of [1, 3, 100]) assert.deepEqual(shown(await allKeys(store, filter, limit)), expected)
    })
  }

  it('named deliveries are found by their ids, each with whether it passes', async store => {
    const { id } = await accepted(store)
    const names = ['devsupport', 'archive', 'nowhere'].map(destination => {
      const named = parseDeliveryId(deliveryId(id, { eventNumber: 1, destination }))
      assert.ok(named)
      return named
    })
    const filter = { ...anything, destination: 'archive' }
    const found = await store.namedDeliveries({ names, filter })
    assert.deepEqual(found.map(({ key, passes }) => `${key.ticketNumber} ${key.destination} ${passes}`).sort(), [
      '1 archive true',
      '1 devsupport false',
    ])
  })

  it('a dead one is due at once, as new: level, budget and counts at first, its attempts still told', async store => {
    await arranged(store)
    const keys = await allKeys(store, { state: 'DEAD' })
    assert.equal(await store.replay(order(keys, { state: 'DEAD' })), 2)
    const [delivery] = await store.deliveries({ ticketNumber: 1 }).then(all => all.filter(d => d.log.length > 0))
    assert.deepEqual([delivery?.state, delivery?.reason, delivery?.log.length], ['PENDING', null, 1])
    const { attempts, level, step, spentMs, nextAttemptAt } = await firstDue(store, 'devsupport', START + 500)
    assert.deepEqual([attempts, level, step, spentMs, nextAttemptAt], [0, 0, 0, 0, START + 300])
    const replayed = (await dueNow(store, 'devsupport', START + 500)).filter(each => each.attempts === 1)
    assert.deepEqual(
      replayed.map(each => [each.ticketNumber, each.level, each.step, each.spentMs, each.nextAttemptAt]),
      [
        [1, 0, 0, 0, START + 500],
        [2, 0, 0, 0, START + 500],
      ],
    )
  })

  it('twice is once: what waits already is left alone, and so is what changed since it was chosen', async store => {
    await arranged(store)
    const keys = await allKeys(store, { state: 'DEAD' })
    assert.equal(await store.replay(order(keys)), 2)
    assert.equal(await store.replay(order(keys, { id: 'order-2' })), 0)
    assert.equal(await store.replay(order(await allKeys(store, { state: 'DELIVERED' }))), 0)
  })

  it('an attempt that is recorded again after a replay changes nothing', async store => {
    await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    const progress = await firstDue(store)
    await settle(store, held, progress, { kind: 'refused', reason: 'too-big' })
    await store.replay(order(await allKeys(store, { state: 'DEAD' })))
    await settle(store, held, progress, { kind: 'refused', reason: 'too-big' })
    assert.equal((await dueNow(store, 'devsupport', START + 500)).length, 1)
  })

  /** Dead and pending ones of devsupport, which is two orders. */
  const moved = async (store: Store, to: string) => {
    let count = 0
    for (const state of ['DEAD', 'PENDING'] as const) {
      const keys = await allKeys(store, { state, destination: 'devsupport' })
      count += await store.replay(order(keys, { state, to }))
    }
    return count
  }

  it('to another destination: what is dead or waits moves there with its attempts', async store => {
    await arranged(store)
    await lease(store, 'second')
    assert.equal(await moved(store, 'second'), 3)
    assert.deepEqual(
      (await dueNow(store, 'second', START + 500)).map(each => [each.ticketNumber, each.attempts]),
      [
        [1, 1],
        [2, 1],
        [4, 0],
      ],
    )
    const [there] = (await store.deliveries({ ticketNumber: 1 })).filter(each => each.progress.destination === 'second')
    assert.equal(there?.log.length, 1)
    assert.deepEqual(shown(await allKeys(store, { ticketNumber: 1 })), ['1/1/archive', '1/1/second'])
  })

  it('to another destination that has the event already: given up here, and not sent there twice', async store => {
    await arranged(store)
    assert.equal(await moved(store, 'archive'), 0)
    assert.equal((await dueNow(store, 'archive', START + 500)).length, 4)
    assert.deepEqual(shown(await allKeys(store, { reason: 'moved' })), [
      '1/1/devsupport',
      '2/1/devsupport',
      '4/1/devsupport',
    ])
  })

  it('moved there and back again, an event waits at one of the two, and both orders are in the audit', async store => {
    await accepted(store, { destinations: ['devsupport', 'archive'] })
    for (const [from, to, count] of [
      ['devsupport', 'archive', 0],
      ['archive', 'devsupport', 1],
      ['devsupport', 'archive', 1],
    ] as const) {
      const keys = await allKeys(store, { state: 'PENDING', destination: from })
      const request = order(keys, { state: 'PENDING', to, id: `${from}-${count}` })
      assert.equal(await store.replay({ ...request, isDryRun: true }), count)
      assert.equal(await store.replay(request), count)
      assert.deepEqual(shown(await allKeys(store, { state: 'PENDING' })), [`1/1/${to}`])
    }
  })

  it('the budget is anew', async store => {
    await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    for (const at of [START, START + 60_000])
      await settle(
        store,
        held,
        await firstDue(store, 'devsupport', at),
        { kind: 'retry', reason: 'timeout' },
        { now: at },
      )
    const late = START + 120_000
    const spent = await firstDue(store, 'devsupport', late)
    assert.ok(spent.spentMs > 0 || spent.backoffMs > 0)
    await settle(store, held, spent, { kind: 'refused', reason: 'too-big' }, { now: late })
    assert.ok(((await store.deliveries({ ticketNumber: 1 }))[0]?.progress.spentMs ?? 0) > 0)
    await store.replay(order(await allKeys(store, { state: 'DEAD' }), { now: late }))
    const { spentMs, backoffMs, step, level } = await firstDue(store, 'devsupport', late)
    assert.deepEqual([spentMs, backoffMs, step, level], [0, 0, 0, 0])
  })

  it('a dry run counts what would be, and changes nothing', async store => {
    await arranged(store)
    await lease(store, 'second')
    const keys = await allKeys(store, { state: 'DEAD' })
    for (const [to, count] of [
      [null, 2],
      ['second', 2],
      ['archive', 0],
    ] as const)
      assert.equal(await store.replay(order(keys, { to, isDryRun: true })), count)
    assert.deepEqual(await allKeys(store, { state: 'DEAD' }), keys)
  })

  it('what was delivered stays told as it was, and is sent to the other destination besides', async store => {
    await arranged(store)
    await lease(store, 'second')
    const keys = await allKeys(store, { state: 'DELIVERED' })
    assert.equal(await store.replay(order(keys, { state: 'DELIVERED', to: 'second' })), 1)
    assert.deepEqual(shown(await allKeys(store, { ticketNumber: 3 })), ['3/1/archive', '3/1/devsupport', '3/1/second'])
    assert.equal((await dueNow(store, 'second', START + 500)).length, 1)
  })

  it('what was moved while it was under way is settled without harm', async store => {
    await accepted(store, { destinations: ['devsupport'] })
    const held = await lease(store)
    const progress = await firstDue(store)
    await lease(store, 'second')
    await store.replay(order(await allKeys(store, {}), { state: 'PENDING', to: 'second' }))
    const result = await settle(store, held, progress, { kind: 'delivered' })
    assert.equal(result.outcome, 'settled')
    assert.equal((await dueNow(store, 'second', START + 500)).length, 1)
    assert.deepEqual(await dueNow(store, 'devsupport', START + 500), [])
  })

  it('what died is counted for ever, whatever is replayed', async store => {
    await arranged(store)
    await store.replay(order(await allKeys(store, { state: 'DEAD' })))
    const { dead, died } = (await store.destinations()).find(each => each.name === 'devsupport') ?? {}
    assert.deepEqual([dead, died], [0, 2])
  })

  it('the reasons of what is dead are counted, the most frequent first', async store => {
    await arranged(store)
    assert.deepEqual(await store.deadReasons({ destination: 'devsupport' }), [
      { reason: 'slack-no-text', count: 1 },
      { reason: 'too-big', count: 1 },
    ])
    assert.deepEqual(await store.deadReasons({ destination: 'archive' }), [])
  })

  it('announcements are kept by their matter, over a restart', async (store, opened) => {
    await store.announced({ matter: 'devsupport/dead', at: START, mark: 1 })
    await store.announced({ matter: 'devsupport/dead', at: START + 5, mark: 2 })
    assert.deepEqual(await (await opened.reopen()).announcements(), [
      { matter: 'devsupport/dead', at: START + 5, mark: 2 },
    ])
  })

  it('deliveries of destinations that nobody serves are held from the first look on', async store => {
    await accepted(store)
    await store.holdUnserved({ served: ['archive'], now: START + 7 })
    await store.holdUnserved({ served: ['archive'], now: START + 9 })
    assert.deepEqual(
      (await store.destinations()).map(({ name, health }) => [name, health.heldSince]),
      [
        ['archive', null],
        ['devsupport', START + 7],
      ],
    )
  })

  it('health is noted under the lease only', async store => {
    const held = await lease(store)
    const health = { ...held.health, state: 'FAILING' as const, reason: 'http-404' }
    assert.equal(
      (await store.noteHealth({ destination: 'devsupport', epoch: held.epoch + 1, health })).outcome,
      'lease-lost',
    )
    assert.equal((await store.noteHealth({ destination: 'devsupport', epoch: held.epoch, health })).outcome, 'settled')
    assert.equal((await store.destinations())[0]?.health.reason, 'http-404')
  })
}
