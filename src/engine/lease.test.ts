/** Taking, keeping, losing and giving back leases, when calls fail or come at an awkward moment. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { HOUR } from '../../test/contracts/store/arrange.ts'
import { held, ok, stage, webhookTo } from '../../test/support/engine-stage.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'

const away = () => Promise.reject(new StoreUnavailable('unknown', 'away'))

/** A store whose leases are not free at first. */
const takenAtFirst = (store: Store, take: Store['takeLeases']): Store => {
  let calls = 0
  return {
    ...store,
    takeLeases(request) {
      calls += 1
      return calls === 1 ? Promise.resolve([]) : take(request)
    },
  }
}

test('a lease that falls free is taken within two seconds', async () => {
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => takenAtFirst(store, store.takeLeases),
  })
  await accept(['hook'])
  await clock.advance(2_000)
  assert.equal(sent.length, 1)
})

test('a lease that was taken though the answer never came is served all the same', async () => {
  let isLost = true
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store =>
      takenAtFirst(store, async request => {
        const leases = await store.takeLeases(request)
        if (!isLost) return leases
        isLost = false
        return away()
      }),
  })
  await accept(['hook'])
  await clock.advance(20_000)
  assert.equal(sent.length, 1)
})

test('a store that cannot bring retries forward is asked again, and keeps no destination from being served', async () => {
  let failures = 2
  const pulled: string[] = []
  const { accept, clock, sentTo } = await stage([webhookTo('a'), webhookTo('b'), webhookTo('c')], () => ok, {
    wrap: store => ({
      ...takenAtFirst(store, store.takeLeases),
      async pullForward(request) {
        if (failures-- > 0) return away()
        pulled.push(request.destination)
        return store.pullForward(request)
      },
    }),
  })
  await accept(['a', 'b', 'c'])
  await clock.advance(4_000)
  for (const name of ['a', 'b', 'c']) assert.equal(sentTo(name).length, 1, name)
  await clock.advance(4_000)
  assert.deepEqual(pulled.toSorted(), ['a', 'b', 'c'])
})

test('a lease that arrives while we are stopping is given back, not served', async () => {
  const gate = Promise.withResolvers<void>()
  const { accept, clock, engine, makeEngine, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store =>
      takenAtFirst(store, async request => {
        await gate.promise
        return store.takeLeases(request)
      }),
  })
  await accept(['hook'])
  await clock.advance(2_000)
  const stopping = engine.stop()
  gate.resolve()
  await clock.advance(10_000)
  await stopping
  assert.equal(sent.length, 0)
  await makeEngine().start()
  await clock.settle()
  assert.equal(sent.length, 1)
})

test('what is under way at a destination that was lost delays no other', async () => {
  const answer = held()
  const { accept, clock, store, sentTo } = await stage([webhookTo('lost'), webhookTo('mine')], ({ destination }) =>
    destination === 'lost' ? answer.promise : ok,
  )
  await accept(['lost'])
  await clock.settle()
  await steal(store, 'lost')
  for (let i = 1; i <= 10; i += 1) {
    await clock.advance(4_000)
    await accept(['mine'])
    await clock.settle()
    assert.equal(sentTo('mine').length, i)
  }
  answer.resolve(ok)
})

test('a destination that was lost is served again when it falls free, once what was under way has ended', async () => {
  const answer = held()
  let isOpen = true
  const { accept, clock, store, sentTo } = await stage([webhookTo('hook')], () => (isOpen ? answer.promise : ok))
  await accept(['hook'])
  await clock.settle()
  await steal(store, 'hook', 20_000)
  await clock.advance(30_000)
  assert.equal(sentTo('hook').length, 1)
  isOpen = false
  answer.resolve(ok)
  await clock.advance(4_000)
  assert.equal(sentTo('hook').length, 2)
})

test('a lease that ran out is not taken again before the outcome in hand is recorded under it', async () => {
  const answer = held()
  let isAway = true
  const { accept, clock, delivery, sent } = await stage([webhookTo('hook')], () => answer.promise, {
    wrap: store => ({
      ...store,
      renewLeases: request => (isAway ? away() : store.renewLeases(request)),
    }),
  })
  await clock.advance(9_000)
  const number = await accept(['hook'])
  await clock.advance(17_000)
  isAway = false
  await clock.advance(6_000)
  answer.resolve(ok)
  await clock.advance(4_000)
  assert.equal((await delivery(number, 'hook')).state, 'DELIVERED')
  assert.equal(sent.length, 1)
})

test('stopping waits for what is under way at a destination that was lost', async () => {
  const answer = held()
  const { accept, clock, engine, store } = await stage([webhookTo('hook')], () => answer.promise)
  await accept(['hook'])
  await clock.settle()
  await steal(store, 'hook')
  await clock.advance(10_000)
  let hasStopped = false
  const stopping = engine.stop().then(() => {
    hasStopped = true
  })
  await clock.advance(1_000)
  assert.equal(hasStopped, false)
  answer.resolve(ok)
  await stopping
})

test('a text that took long to load is not sent when the lease may not outlive the send', async () => {
  const gate = Promise.withResolvers<void>()
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({
      ...store,
      renewLeases: away,
      async outgoing(key) {
        await gate.promise
        return store.outgoing(key)
      },
    }),
  })
  await accept(['hook'])
  await clock.advance(11_000)
  gate.resolve()
  await clock.settle()
  assert.equal(sent.length, 0)
})

/** Another engine comes to hold the lease of engine-1, which does not know it yet. */
const steal = async (store: Store, destination: string, forMs = HOUR): Promise<void> => {
  const mine = await store.renewLeases({ engine: 'engine-1', forMs: 25_000 })
  const epoch = mine.find(lease => lease.destination === destination)?.epoch ?? 0
  await store.giveBackLease({ destination, epoch, lastSentAt: null })
  const [lease] = await store.takeLeases({ engine: 'thief', destinations: [destination], forMs })
  assert.ok(lease)
}

test('a store that cannot be reached keeps no engine from stopping', async () => {
  const { engine, told } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({ ...store, leave: away, giveBackLease: away }),
  })
  await engine.stop()
  assert.deepEqual(told, ['failed to give a lease back hook', 'failed to say that it leaves null'])
})
