/** A destination that fails, and how it comes back. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY, HOUR, ticket } from '../../test/contracts/store/arrange.ts'
import { ok, slackTo, stage, status, webhookTo } from '../../test/support/engine-stage.ts'
import { newHealth } from '../domain/destination-health.ts'
import type { Answer } from '../domain/outcome.ts'
import type { Lease } from '../domain/store.ts'

test('after five retries in a row only probes go out, at growing intervals up to five minutes', async () => {
  const { accept, clock, sent, gaps, health } = await stage([webhookTo('hook')], () => status(503))
  for (let i = 0; i < 20; i += 1) await accept(['hook'])
  await clock.settle()
  assert.equal((await health('hook')).health.state, 'FAILING')
  const before = sent.length
  await clock.advance(3_600_000)
  assert.deepEqual(gaps('hook').slice(before - 1, before + 12), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300])
})

test('one answer that blames the destination is enough, and nothing else is tried', async () => {
  const { accept, clock, sent, health } = await stage([slackTo('chat')], () => status(404, {}, 'no_service'))
  await accept(['chat'])
  await clock.settle()
  for (let i = 0; i < 5; i += 1) await accept(['chat'])
  await clock.advance(900)
  assert.equal(sent.length, 1)
  const { health: now, pending } = await health('chat')
  assert.deepEqual([now.state, pending], ['FAILING', 6])
})

test('a probe takes the one tried longest ago, so no ticket is probed for ever', async () => {
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => status(404))
  for (let i = 0; i < 3; i += 1) await accept(['hook'], `Ticket ${i}`)
  await clock.advance(70_000)
  const tickets = sent.slice(4).map(({ body }) => /Ticket (\d)/.exec(body)?.[1])
  assert.deepEqual(new Set(tickets.slice(0, 3)).size, 3)
})

test('the first success brings it back, and what waited goes out; probes have cost nobody anything', async () => {
  let isBack = false
  const { accept, clock, sentTo, delivery, health } = await stage([webhookTo('hook')], () =>
    isBack ? ok : status(503),
  )
  const numbers = []
  for (let i = 0; i < 20; i += 1) numbers.push(await accept(['hook']))
  await clock.advance(3 * HOUR)
  isBack = true
  await clock.advance(300_000)
  assert.equal((await health('hook')).health.state, 'OK')
  for (const number of numbers) {
    const { state, progress } = await delivery(number, 'hook')
    assert.equal(state, 'DELIVERED')
    assert.ok(progress.spentMs <= 1_000, `the outage cost ${progress.spentMs} ms of the budget`)
  }
  assert.ok(sentTo('hook').length < 36 + 45)
})

test('one poisonous ticket does not keep a destination failing', async () => {
  const { accept, clock, delivery } = await stage([webhookTo('hook')], ({ body }) =>
    body.includes('poison') ? status(404) : ok,
  )
  const poison = await accept(['hook'], 'poison')
  const others = []
  for (let i = 0; i < 12; i += 1) others.push(await accept(['hook'], `Ticket ${i}`))
  await clock.advance(120_000)
  for (const number of others) assert.equal((await delivery(number, 'hook')).state, 'DELIVERED')
  for (let i = 0; i < 12; i += 1) {
    await accept(['hook'], `Later ${i}`)
    await clock.advance(600_000)
  }
  assert.equal((await delivery(poison, 'hook')).state, 'DEAD')
})

test('what was held for thirty days without a break is given up, and said', async () => {
  const { clock, store, delivery, told } = await stage([webhookTo('hook')], () => status(404), {
    async before(store, clock) {
      const old = ticket({ createdAt: clock.now() - 31 * DAY, destinations: ['hook'] })
      await store.accept(old)
      await store.accept(ticket({ createdAt: clock.now() - 20 * DAY, destinations: ['hook'] }))
      await store.takeLeases({ engine: 'earlier', destinations: ['hook'], forMs: 0 })
      await store.steer({ destination: 'hook', state: 'PAUSED', reason: 'by-staff', now: clock.now() - 31 * DAY })
    },
  })
  await clock.advance(3_700_000)
  const { state, reason } = await delivery(1, 'hook')
  assert.deepEqual([state, reason, (await delivery(2, 'hook')).state], ['DEAD', 'held-too-long', 'PENDING'])
  assert.ok(told.includes('hook expired 1'))
  assert.equal((await store.destinations())[0]?.dead, 1)
})

/** So the engine takes over what stands in the store. */
const changedByStaff = (lease: Lease): Lease => ({ ...lease, health: { ...lease.health, revision: 1 } })

test('what is replayed a month after a wait that ran out is tried, not given up', async () => {
  const first = Promise.withResolvers<Answer>()
  const { clock, store, engine, delivery } = await stage([webhookTo('hook')], () => first.promise, {
    wrap: store => ({ ...store, renewLeases: async order => (await store.renewLeases(order)).map(changedByStaff) }),
  })
  const past = clock.now() - 31 * DAY
  const quiet = { ...newHealth, heldUntil: past + 1_000, heldSince: past }
  await store.noteHealth({ destination: 'hook', epoch: 1, health: quiet })
  await engine.refresh()
  // It is under way when what is overdue is looked for, once an hour.
  await clock.advance(HOUR - 1_000)
  await store.accept(ticket({ createdAt: past, destinations: ['hook'] }))
  engine.nudge(['hook'])
  await clock.advance(5_000)
  first.resolve(status(503))
  await clock.advance(2 * HOUR)
  assert.equal((await delivery(1, 'hook')).state, 'PENDING')
})

test('a test where another engine holds the lease is sent and told, and changes nothing there', async () => {
  let isBusy = false
  const { clock, engine, store, makeEngine, sent } = await stage([webhookTo('hook')], () =>
    isBusy ? status(429, { 'retry-after': '60' }) : status(404),
  )
  const other = makeEngine()
  await other.start()
  const notice = { id: 'test-1', type: 'support.test', at: clock.now(), headline: 'h', text: 't' } as const
  assert.deepEqual([engine.healthOf('hook')?.state, other.healthOf('hook')], ['OK', undefined])
  assert.equal((await other.tell('hook', notice))?.outcome.kind, 'unavailable')
  assert.equal((await store.destinations())[0]?.health.state, 'OK')
  // What the destination asked to wait holds for whoever asks.
  isBusy = true
  await engine.tell('hook', notice)
  assert.equal(await other.tell('hook', notice), undefined)
  assert.equal(sent.length, 2)
  await Promise.all([engine.stop(), other.stop()])
})

test('a pause by staff is kept from the next heartbeat on, and a resume lets everything out', async () => {
  const { accept, clock, store, sent } = await stage([webhookTo('hook')], () => ok)
  await store.steer({ destination: 'hook', state: 'PAUSED', reason: 'by-staff', now: clock.now() })
  await clock.advance(10_000)
  await accept(['hook'])
  await clock.advance(60_000)
  assert.equal(sent.length, 0)
  await store.steer({ destination: 'hook', state: 'OK', reason: null, now: clock.now() })
  await clock.advance(10_000)
  assert.equal(sent.length, 1)
})

test('an unclear answer to a probe is not repeated within a minute either', async () => {
  let answers = 0
  const { accept, clock, sent, health } = await stage([slackTo('chat')], () =>
    ++answers <= 6 ? status(503) : status(200, {}, '<html>hello</html>'),
  )
  await accept(['chat'])
  await clock.advance(600_000)
  const unclear = sent.slice(6).map(({ at }) => at)
  assert.equal(unclear.length, 3)
  for (const [i, at] of unclear.entries()) if (i > 0) assert.ok(at - (unclear[i - 1] ?? 0) >= 60_000)
  assert.equal((await health('chat')).health.state, 'PAUSED')
})

test('what was still being loaded when the destination began to fail is not sent', async () => {
  const gate = Promise.withResolvers<void>()
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => status(404), {
    wrap: store => ({
      ...store,
      async outgoing(key) {
        if (key.ticketNumber === 2) await gate.promise
        return store.outgoing(key)
      },
    }),
  })
  await accept(['hook'])
  await accept(['hook'])
  await clock.settle()
  gate.resolve()
  await clock.settle()
  assert.equal(sent.length, 1)
})

test('a clock that goes forward by forty days gives up nothing that was held for a minute', async () => {
  const { accept, clock, delivery, told } = await stage([webhookTo('hook')], () => status(404))
  const number = await accept(['hook'])
  await clock.advance(60_000)
  clock.jump(40 * DAY)
  await clock.advance(2 * HOUR)
  assert.equal((await delivery(number, 'hook')).state, 'PENDING')
  assert.ok(!told.some(line => line.includes('expired')))
})

test('a failing destination that asks to wait is not probed before', async () => {
  const answer = status(401, { 'retry-after': '200' })
  const { accept, clock, sent } = await stage([slackTo('chat')], () => answer)
  await accept(['chat'])
  await clock.advance(199_000)
  assert.equal(sent.length, 1)
  await clock.advance(3_000)
  assert.equal(sent.length, 2)
})
