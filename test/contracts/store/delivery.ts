import assert from 'node:assert/strict'
import { accepted, dueNow, firstDue, HOUR, lease, type Open, START, settle, storeTest } from './arrange.ts'

export const deliveryCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `delivery: ${what}`, run)

  it('only what is due is given, longest due first, and when the next one is', async store => {
    await accepted(store, { createdAt: START + 20 })
    await accepted(store, { createdAt: START + 10 })
    await accepted(store, { createdAt: START + 900 })
    const { deliveries, nextAt } = await store.due({ destination: 'devsupport', now: START + 20, limit: 10 })
    assert.deepEqual(
      deliveries.map(({ ticketNumber }) => ticketNumber),
      [2, 1],
    )
    assert.equal(nextAt, START + 900)
  })

  it('no more than the limit is given', async store => {
    for (let i = 0; i < 5; i += 1) await accepted(store)
    assert.equal((await store.due({ destination: 'devsupport', now: START, limit: 3 })).deliveries.length, 3)
  })

  it('a destination sees its own deliveries only', async store => {
    await accepted(store, { destinations: ['archive'] })
    assert.deepEqual(await store.due({ destination: 'devsupport', now: START + HOUR, limit: 10 }), {
      deliveries: [],
      nextAt: null,
    })
  })

  it('reading what is due changes nothing', async store => {
    await accepted(store)
    assert.deepEqual(await dueNow(store), await dueNow(store))
  })

  it('what was delivered is not due any more', async store => {
    await accepted(store)
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'delivered' })
    assert.deepEqual(await store.due({ destination: 'devsupport', now: START + HOUR, limit: 10 }), {
      deliveries: [],
      nextAt: null,
    })
  })

  it('what is to be retried is due when its backoff is over', async store => {
    await accepted(store)
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'retry', reason: 'http-503' }, { now: START + 10 })
    const { deliveries, nextAt } = await store.due({ destination: 'devsupport', now: START + 11, limit: 10 })
    assert.deepEqual([deliveries, nextAt], [[], START + 10 + 1_000])
    assert.equal((await dueNow(store, 'devsupport', START + 1_010)).length, 1)
  })

  it('one destination settling leaves the others as they were', async store => {
    const { number } = await accepted(store)
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'delivered' })
    const states = (await store.deliveries({ ticketNumber: number })).map(({ progress, state }) => [
      progress.destination,
      state,
    ])
    assert.deepEqual(states, [
      ['archive', 'PENDING'],
      ['devsupport', 'DELIVERED'],
    ])
  })

  it('an attempt gets the ticket, its created event and no ref at first', async store => {
    const { number, id } = await accepted(store)
    const work = await store.outgoing({ ticketNumber: number, eventNumber: 1, destination: 'devsupport' })
    assert.equal(work?.ticket.id, id)
    assert.equal(work?.ref, null)
    assert.deepEqual(work?.event, {
      ticketNumber: number,
      eventNumber: 1,
      kind: 'CREATED',
      at: START,
      by: { username: 'Ada#1234', name: 'Ada Lovelace', staff: false },
      message: 'It broke.',
      internal: false,
      status: null,
    })
  })

  it('what is not there gives nothing to send', async store => {
    const { number } = await accepted(store)
    assert.equal(
      await store.outgoing({ ticketNumber: number + 1, eventNumber: 1, destination: 'devsupport' }),
      undefined,
    )
    assert.equal(await store.outgoing({ ticketNumber: number, eventNumber: 2, destination: 'devsupport' }), undefined)
  })

  it('a probe takes the one tried longest ago, the never tried before all', async store => {
    for (let i = 0; i < 3; i += 1) await accepted(store)
    const held = await lease(store)
    const [first, second] = await dueNow(store)
    if (!first || !second) throw new Error('two are due')
    await settle(store, held, first, { kind: 'retry', reason: 'http-503' }, { now: START + 50 })
    await settle(store, held, second, { kind: 'retry', reason: 'http-503' }, { now: START + 40 })
    const probed = await store.probe({ destination: 'devsupport' })
    assert.equal(probed?.ticketNumber, 3)
    if (!probed) throw new Error('there is one to probe')
    await settle(store, held, probed, { kind: 'retry', reason: 'http-503' }, { now: START + 60 })
    assert.equal((await store.probe({ destination: 'devsupport' }))?.ticketNumber, second.ticketNumber)
  })

  it('a probe does not mind that its delivery is not due', async store => {
    await accepted(store, { createdAt: START + HOUR })
    assert.equal((await store.probe({ destination: 'devsupport' }))?.ticketNumber, 1)
    assert.equal(await store.probe({ destination: 'nowhere' }), undefined)
  })

  it('a clock that went back makes nothing wait longer than its own backoff', async store => {
    await accepted(store, { createdAt: START })
    const held = await lease(store)
    await settle(store, held, await firstDue(store), { kind: 'retry', reason: 'http-503' })
    const earlier = START - 2 * HOUR
    assert.equal(await store.pullForward({ destination: 'devsupport', now: earlier }), 1)
    assert.equal(await store.pullForward({ destination: 'devsupport', now: earlier }), 0)
    assert.equal((await store.due({ destination: 'devsupport', now: earlier, limit: 10 })).nextAt, earlier + 1_000)
  })

  it('a clock that went forward is nothing to pull forward', async store => {
    await accepted(store)
    assert.equal(await store.pullForward({ destination: 'devsupport', now: START + HOUR }), 0)
  })
}
