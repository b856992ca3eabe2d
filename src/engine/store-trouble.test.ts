/** A store that fails, hangs or answers late, at each call the engine makes. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { held, ok, slackTo, stage, status, webhookTo } from '../../test/support/engine-stage.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'

const away = () => Promise.reject(new StoreUnavailable('not-written', 'away'))
const never = () => new Promise<never>(() => {})

test('a text that cannot be loaded is asked for twice a second, not in a loop, and then sent once', async () => {
  let isSick = true
  let loads = 0
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({
      ...store,
      outgoing(key) {
        loads += 1
        return isSick ? away() : store.outgoing(key)
      },
    }),
  })
  await accept(['hook'])
  await clock.advance(5_000)
  assert.ok(loads >= 5 && loads <= 12, `${loads} loads`)
  isSick = false
  await clock.advance(2_000)
  assert.equal(sent.length, 1)
})

test('what is due is asked for twice a second while it cannot be read, however often it is nudged', async () => {
  let isSick = true
  let reads = 0
  const { accept, clock, sent, engine } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({
      ...store,
      due(query) {
        reads += 1
        return isSick ? away() : store.due(query)
      },
    }),
  })
  await accept(['hook'])
  for (let i = 0; i < 100; i += 1) {
    engine.nudge(['hook'])
    await clock.advance(50)
  }
  assert.ok(reads >= 5 && reads <= 14, `${reads} reads`)
  isSick = false
  await clock.advance(600)
  assert.equal(sent.length, 1)
})

test('from the first outcome that the store refuses, no new work begins', async () => {
  const answers = [held(), held()]
  let isSick = false
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => answers[sent.length - 1]?.promise ?? ok, {
    wrap: store => ({ ...store, settle: settlement => (isSick ? away() : store.settle(settlement)) }),
  })
  await accept(['hook'])
  await clock.settle()
  isSick = true
  answers[0]?.resolve(ok)
  await clock.settle()
  await accept(['hook'])
  await clock.advance(500)
  assert.equal(sent.length, 1)
  isSick = false
  await clock.advance(2_500)
  assert.equal(sent.length, 2)
})

test('an outcome that is recorded late does not undo what a later one said about the destination', async () => {
  const answers = [held(), held()]
  let failures = 1
  const { accept, clock, health } = await stage(
    [webhookTo('hook')],
    ({ body }) => (/first/.test(body) ? (answers[0]?.promise ?? ok) : (answers[1]?.promise ?? ok)),
    {
      wrap: store => ({ ...store, settle: settlement => (failures-- > 0 ? away() : store.settle(settlement)) }),
    },
  )
  await accept(['hook'], 'first')
  await accept(['hook'], 'second')
  await clock.settle()
  answers[0]?.resolve(ok)
  await clock.settle()
  answers[1]?.resolve(status(429, { 'retry-after': '600' }))
  await clock.settle()
  await clock.advance(3_000)
  const { health: stored } = await health('hook')
  assert.ok((stored.heldUntil ?? 0) > clock.now() + 500_000)
  assert.equal(stored.successCount, 1)
})

const hanging: Record<string, Partial<Store>> = {
  settle: { settle: never },
  'load a text': { outgoing: never },
  'read what is due': { due: never },
  'take a lease back': { giveBackLease: never },
}
for (const [what, broken] of Object.entries(hanging)) {
  test(`a store that never answers when asked to ${what} does not keep the engine from stopping within 10 s`, async () => {
    let isBroken = false
    const { accept, clock, engine } = await stage([webhookTo('hook')], () => ok, {
      wrap: store =>
        new Proxy(store, { get: (target, name) => Reflect.get(isBroken ? { ...target, ...broken } : target, name) }),
    })
    isBroken = true
    await accept(['hook'])
    await clock.settle()
    let hasStopped = false
    void engine.stop().then(() => {
      hasStopped = true
    })
    await clock.advance(10_000)
    assert.ok(hasStopped)
  })
}

test('an outcome in hand is still recorded when the store needs a moment longer than we have', async () => {
  const answer = held()
  let isSlow = false
  const { accept, clock, engine, delivery, store } = await stage([slackTo('chat')], () => answer.promise, {
    wrap: store => ({
      ...store,
      async settle(settlement) {
        if (isSlow) await new Promise<void>(resolve => clock.after(300, resolve))
        return store.settle(settlement)
      },
    }),
  })
  const number = await accept(['chat'])
  await clock.settle()
  isSlow = true
  const stopping = engine.stop()
  await clock.advance(7_900)
  answer.resolve(ok)
  await clock.advance(2_000)
  await stopping
  assert.equal((await delivery(number, 'chat')).state, 'DELIVERED')
  assert.equal((await store.destinations())[0]?.pending, 0)
})

test('a store that was away for longer than a lease lasts gets every outcome in hand, and nothing is sent twice', async () => {
  let isAway = false
  const { accept, clock, sent, delivery } = await stage([webhookTo('hook')], () => ok, {
    wrap: store =>
      new Proxy(store, {
        get: (target, name) =>
          isAway && ['settle', 'renewLeases', 'takeLeases', 'due'].includes(String(name))
            ? away
            : Reflect.get(target, name),
      }),
  })
  isAway = false
  const first = await accept(['hook'])
  isAway = true
  await clock.settle()
  await clock.advance(90_000)
  isAway = false
  const second = await accept(['hook'])
  await clock.advance(15_000)
  assert.equal(sent.length, 2)
  for (const number of [first, second]) assert.equal((await delivery(number, 'hook')).state, 'DELIVERED')
})

test('a heartbeat does not undo what an outcome that is not recorded yet said about the destination', async () => {
  let isSick = true
  const { accept, clock, health, sent } = await stage(
    [webhookTo('hook')],
    () => (sent.length === 1 ? status(503, { 'retry-after': '600' }) : ok),
    { wrap: store => ({ ...store, settle: settlement => (isSick ? away() : store.settle(settlement)) }) },
  )
  await accept(['hook'])
  await clock.advance(15_000)
  isSick = false
  await clock.advance(5_000)
  assert.equal((await health('hook')).health.heldUntil, clock.now() + 580_000)
  await clock.advance(579_000)
  assert.equal(sent.length, 1)
})
