/** Stopping, starting again, losing a lease, a store that does not answer, a clock that jumps: what must go on, goes on. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY, HOUR } from '../../test/contracts/store/arrange.ts'
import { held, ok, slackTo, stage, status, webhookTo } from '../../test/support/engine-stage.ts'
import slackBot from '../destinations/slack-bot.ts'
import type { Destination } from '../domain/destination.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'

const cutOff = (signal: AbortSignal) =>
  new Promise<{ kind: 'no-answer'; failure: 'cut-off'; detail: string }>(resolve =>
    signal.addEventListener('abort', () => resolve({ kind: 'no-answer', failure: 'cut-off', detail: '' })),
  )

test('stopping lets what is under way end, records it, and gives the leases back', async () => {
  const answer = held()
  const { accept, clock, engine, delivery, makeEngine, sent } = await stage([webhookTo('hook')], () => answer.promise)
  const number = await accept(['hook'])
  await clock.settle()
  const stopping = engine.stop()
  await accept(['hook'])
  answer.resolve(ok)
  await clock.settle()
  await stopping
  assert.equal((await delivery(number, 'hook')).state, 'DELIVERED')
  assert.equal(sent.length, 1)
  await makeEngine().start()
  await clock.settle()
  assert.equal(sent.length, 2)
})

test('what hangs is cut off after eight seconds, is not recorded, and is due at once at the next start', async () => {
  let isHanging = true
  const { accept, clock, engine, delivery, makeEngine } = await stage([webhookTo('hook')], (_sent, signal) =>
    isHanging ? cutOff(signal) : ok,
  )
  const number = await accept(['hook'])
  await clock.settle()
  const stopping = engine.stop()
  await clock.advance(8_000)
  await stopping
  assert.equal((await delivery(number, 'hook')).progress.attempts, 0)
  isHanging = false
  await makeEngine().start()
  await clock.settle()
  assert.equal((await delivery(number, 'hook')).state, 'DELIVERED')
})

test('what hangs after the message is there is recorded as delivered when it is cut off, and not sent again', async () => {
  const bot: Destination = { ...slackTo('bot'), kind: slackBot, settings: { token: 'xoxb-1', channel: 'C1' } }
  const posted = { ...ok, body: JSON.stringify({ ok: true, channel: 'C1', ts: '17.1' }) }
  const { accept, clock, engine, delivery, makeEngine, sentTo } = await stage([bot], ({ destination }, signal) =>
    destination === 'chat.postMessage' ? posted : cutOff(signal),
  )
  const number = await accept(['bot'], 'long '.repeat(10_000))
  await clock.settle()
  assert.equal(sentTo('files.getUploadURLExternal').length, 1)
  const stopping = engine.stop()
  await clock.advance(8_000)
  await stopping
  assert.equal((await delivery(number, 'bot')).state, 'DELIVERED')
  await makeEngine().start()
  await clock.settle()
  assert.equal(sentTo('chat.postMessage').length, 1)
})

test('the pace is kept over a change of hands', async () => {
  const { accept, clock, engine, makeEngine, gaps } = await stage([slackTo('chat')], () => ok)
  await accept(['chat'])
  await clock.advance(300)
  await engine.stop()
  const second = makeEngine()
  await second.start()
  await accept(['chat'], 'It broke.', second)
  await clock.advance(5_000)
  assert.deepEqual(
    gaps('chat').map(gap => gap >= 1),
    [true],
  )
})

test('after a restart a pause and a Retry-After still hold, and a failing destination is probed at once', async () => {
  const { accept, clock, engine, makeEngine, sentTo } = await stage(
    [webhookTo('asked'), webhookTo('gone')],
    ({ destination }) => (destination === 'gone' ? status(404) : status(503, { 'retry-after': '600' })),
  )
  await accept(['asked', 'gone'])
  await clock.advance(100_000)
  const before = sentTo('gone').length
  await engine.stop()
  await makeEngine().start()
  await clock.settle()
  assert.equal(sentTo('gone').length, before + 1)
  await clock.advance(400_000)
  assert.equal(sentTo('asked').length, 1)
})

test('an outcome that the store cannot take is kept and recorded first; meanwhile nothing new is sent, and nothing twice', async () => {
  let isSick = false
  const { accept, clock, sent, delivery } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({
      ...store,
      settle: settlement =>
        isSick ? Promise.reject(new StoreUnavailable('not-written', 'full')) : store.settle(settlement),
    }),
  })
  isSick = true
  const first = await accept(['hook'])
  await clock.advance(1_500)
  const second = await accept(['hook'])
  await clock.advance(30_000)
  assert.equal(sent.length, 1)
  isSick = false
  await clock.advance(5_000)
  assert.equal(sent.length, 2)
  for (const number of [first, second]) assert.equal((await delivery(number, 'hook')).state, 'DELIVERED')
})

/** A store whose reads, once `late.is`, come back old: with what was there when they were asked. */
const lateReads = () => {
  const late = { is: false, release: () => {} }
  const wrap = (store: Store): Store => ({
    ...store,
    async due(query) {
      const found = await store.due(query)
      if (late.is) await new Promise<void>(resolve => Object.assign(late, { is: false, release: resolve }))
      return found
    },
  })
  return { late, wrap }
}

test('a delivery settled while a read was under way is not sent again by what that read found', async () => {
  const answer = held()
  const { late, wrap } = lateReads()
  const { accept, clock, sent, delivery } = await stage([webhookTo('hook')], () => answer.promise, { wrap })
  const first = await accept(['hook'])
  await clock.settle()
  late.is = true
  await accept(['hook'])
  await clock.settle()
  answer.resolve(ok)
  await clock.settle()
  assert.equal((await delivery(first, 'hook')).state, 'DELIVERED')
  late.release()
  await clock.advance(10_000)
  assert.equal(sent.length, 2)
})

test('a ticket that is accepted while a read is under way waits for no poll', async () => {
  const { late, wrap } = lateReads()
  const { accept, clock, engine, sent } = await stage([webhookTo('hook')], () => ok, { wrap })
  late.is = true
  engine.nudge(['hook'])
  await clock.settle()
  await accept(['hook'])
  await clock.settle()
  assert.equal(sent.length, 0)
  late.release()
  await clock.settle()
  assert.equal(sent.length, 1)
})

test('an engine whose lease was taken over records nothing and sends nothing more', async () => {
  const answer = held()
  const { accept, clock, store, sent, delivery } = await stage([webhookTo('hook')], () => answer.promise)
  const number = await accept(['hook'])
  await clock.settle()
  const [mine] = await store.renewLeases({ engine: 'engine-1', forMs: 0 })
  assert.ok(mine)
  await store.takeLeases({ engine: 'thief', destinations: ['hook'], forMs: HOUR })
  answer.resolve(ok)
  await clock.settle()
  assert.equal((await delivery(number, 'hook')).state, 'PENDING')
  await accept(['hook'])
  await clock.advance(60_000)
  assert.equal(sent.length, 1)
})

test('no send starts that its lease may not outlive', async () => {
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({ ...store, renewLeases: () => Promise.reject(new StoreUnavailable('not-written', 'away')) }),
  })
  await clock.advance(11_000)
  await accept(['hook'])
  await clock.advance(13_000)
  assert.equal(sent.length, 0)
})

test('a clock that goes back two hours delays a retry by seconds, not by hours', async () => {
  let answers = 0
  const { accept, clock, sent, told } = await stage([webhookTo('hook')], () => (++answers === 1 ? status(503) : ok))
  await accept(['hook'])
  await clock.settle()
  clock.jump(-2 * HOUR)
  await clock.advance(5_000)
  assert.equal(sent.length, 2)
  assert.ok(told.includes(`jumped ${-2 * HOUR}`))
})

test('a clock that goes forward a week undercuts no Retry-After, and kills nothing', async () => {
  let isBack = false
  const { accept, clock, sent, delivery } = await stage([webhookTo('hook')], () =>
    isBack ? ok : status(503, { 'retry-after': '600' }),
  )
  const number = await accept(['hook'])
  await clock.settle()
  clock.jump(7 * DAY)
  await accept(['hook'])
  await clock.advance(590_000)
  assert.equal(sent.length, 1)
  isBack = true
  await clock.advance(20_000)
  const { state, progress } = await delivery(number, 'hook')
  assert.equal(state, 'DELIVERED')
  assert.ok(progress.spentMs <= 2_000)
})

test('a delivery that cannot be loaded is tried again after a breath, not in a loop, and stops nobody else', async () => {
  let loads = 0
  const { accept, clock, told, delivery } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({
      ...store,
      outgoing(key) {
        if (key.ticketNumber !== 1) return store.outgoing(key)
        loads += 1
        return Promise.reject(new TypeError('a mistake of ours'))
      },
    }),
  })
  await accept(['hook'])
  await clock.advance(10_000)
  const second = await accept(['hook'])
  await clock.advance(1_000)
  assert.ok(loads > 10 && loads < 30, String(loads))
  assert.equal((await delivery(second, 'hook')).state, 'DELIVERED')
  assert.ok(told.includes('failed to deliver hook'))
})

test('a lease whose lane could not be opened is served from the next heartbeat on', async () => {
  let failures = 1
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: store => ({
      ...store,
      pullForward: request =>
        failures-- > 0 ? Promise.reject(new StoreUnavailable('not-written', 'away')) : store.pullForward(request),
    }),
  })
  await accept(['hook'])
  await clock.advance(10_001)
  assert.equal(sent.length, 1)
})

test('what is older than the lease may have arrived, as a killed engine records nothing: a kind that can search is told', async () => {
  const asked: (boolean | undefined)[] = []
  const hook = webhookTo('hook')
  const { kind } = hook
  const searchable: Destination = {
    ...hook,
    kind: {
      ...kind,
      start(event, settings, options) {
        asked.push(options.mayBeThere)
        return kind.start(event, settings, options)
      },
    },
  }
  const { accept, clock, engine, makeEngine } = await stage([searchable], () => ok)
  await engine.stop()
  await accept(['hook'])
  await clock.advance(1_000)
  await makeEngine().start()
  await clock.advance(1_000)
  await accept(['hook'])
  await clock.advance(1_000)
  assert.deepEqual(asked, [true, false])
})
