/** What is announced, through whom and how often: a real engine, a real store, a clock that the test moves. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY, HOUR, ticket } from '../../test/contracts/store/arrange.ts'
import { ok, type Sent, slackTo, stage, status, webhookTo } from '../../test/support/engine-stage.ts'
import type { FakeClock } from '../../test/support/fake-clock.ts'
import type { Destination } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'
import { watchForAlerts } from './alerts.ts'

const MINUTE = 60_000
const gone = status(404, {}, 'no_service')
const refused = status(400, {}, 'invalid_payload')

const watched = async (
  destinations: readonly Destination[],
  answer: (sent: Sent) => Answer,
  options: {
    to?: string
    before?: (store: Store, clock: FakeClock) => Promise<void>
    wrap?: (store: Store) => Store
    serves?: (name: string) => boolean
  } = {},
) => {
  const { before, wrap } = options
  const at = await stage(destinations, answer, { ...(before && { before }), ...(wrap && { wrap }) })
  let ids = 0
  const watch = () =>
    watchForAlerts({
      store: at.store,
      clock: at.clock,
      tell: (name, notice) => at.engine.tell(name, notice),
      nextId: () => String(++ids),
      destinations,
      onLook: async () => {},
      healthOf: name => (options.serves?.(name) === false ? undefined : at.engine.healthOf(name)),
      to: options.to ?? null,
      observer: {
        announced: (matter, through) => at.told.push(`announced ${matter} through ${through}`),
        failed: what => at.told.push(what),
      },
    })
  return {
    ...at,
    watch,
    stop: watch(),
    announced: () => at.told.filter(line => line.startsWith('announced')),
    alerts: () => at.sent.filter(({ body }) => body.includes('Support Relay')),
  }
}
/** Every destination but these answers `bad`; alerts always pass. */
const failing =
  (bad: Answer, ...names: string[]) =>
  ({ destination, body }: Sent): Answer =>
    names.includes(destination) && !body.includes('Support Relay') ? bad : ok

test('a failing destination is announced after 5 minutes through another, once, with what waits', async () => {
  const { accept, clock, announced, alerts } = await watched([slackTo('a'), slackTo('b')], failing(gone, 'a'))
  await accept(['a'])
  await clock.advance(5 * MINUTE - 1_000)
  assert.deepEqual(announced(), [])
  await clock.advance(MINUTE)
  assert.deepEqual(announced(), ['announced a/failing through b'])
  assert.match(alerts()[0]?.body ?? '', /cannot deliver to a: .*1 delivery waits/)
  await clock.advance(3 * HOUR)
  assert.equal(announced().length, 1)
})

test('what died is announced within a minute; more of it within the hour waits and is told together', async () => {
  const { accept, clock, announced, alerts } = await watched([slackTo('a')], failing(refused, 'a'))
  await accept(['a'])
  await clock.advance(MINUTE)
  assert.deepEqual(announced(), ['announced a/dead through a'])
  for (let i = 0; i < 3; i += 1) await accept(['a'])
  await clock.advance(58 * MINUTE)
  assert.equal(announced().length, 1)
  await clock.advance(3 * MINUTE)
  assert.equal(announced().length, 2)
  assert.match(alerts()[1]?.body ?? '', /gave up 3 deliveries to a.*slack-invalid-payload \(4\)/)
})

test('what died and was replayed before it could be told is not told as given up', async () => {
  let isBad = true
  const { accept, clock, store, engine, alerts } = await watched([slackTo('a')], sent =>
    isBad ? failing(refused, 'a')(sent) : ok,
  )
  await accept(['a'])
  await clock.advance(MINUTE)
  for (let i = 0; i < 3; i += 1) await accept(['a'])
  await clock.advance(MINUTE)
  isBad = false
  const keys = [1, 2, 3, 4].map(ticketNumber => ({ ticketNumber, eventNumber: 1, destination: 'a' }))
  const order = { state: 'DEAD', to: null, isDryRun: false, id: 'r', by: 'staff', detail: '{}' } as const
  assert.equal(await store.replay({ ...order, keys, now: clock.now() }), 4)
  engine.nudge(['a'])
  await clock.advance(MINUTE)
  isBad = true
  await accept(['a'])
  await clock.advance(HOUR)
  assert.match(alerts()[1]?.body ?? '', /gave up 1 delivery to a.*1 there are given up by now/)
})

test('a restart announces nothing twice, and nothing is forgotten over one', async () => {
  const { accept, clock, announced, stop, watch } = await watched([slackTo('a')], failing(refused, 'a'))
  await accept(['a'])
  await clock.advance(5_000)
  await stop()
  await clock.advance(MINUTE)
  assert.deepEqual(announced(), [])
  const again = watch()
  await clock.advance(MINUTE)
  await again()
  watch()
  await clock.advance(HOUR)
  assert.equal(announced().length, 1)
})

test('the named one is told first; while it does not work, the first private one that does; a program never unasked', async () => {
  for (const [to, isWell, through] of [
    ['c', true, 'c'],
    ['c', false, 'b'],
    ['hook', true, 'hook'],
    [undefined, true, 'b'],
  ] as const) {
    const destinations = [webhookTo('hook'), slackTo('a'), slackTo('b'), slackTo('c')]
    const answer = failing(gone, 'a', ...(isWell ? [] : ['c']))
    const { accept, clock, announced } = await watched(destinations, answer, to === undefined ? {} : { to })
    await accept(['a', 'c'])
    await clock.advance(6 * MINUTE)
    assert.equal(
      announced().find(line => line.includes(' a/failing')),
      `announced a/failing through ${through}`,
    )
  }
})

test('while nobody can be told it is in the log, once, and told as soon as somebody can be', async () => {
  let isWell = false
  const { accept, clock, announced } = await watched([slackTo('a'), slackTo('b')], ({ destination }) =>
    isWell && destination === 'b' ? ok : gone,
  )
  await accept(['a', 'b'])
  await clock.advance(30 * MINUTE)
  assert.deepEqual(announced().toSorted(), ['announced a/failing through null', 'announced b/failing through null'])
  isWell = true
  await clock.advance(6 * MINUTE)
  assert.equal(announced().at(-1), 'announced a/failing through b')
})

test('what was told and could not be noted, since the store was away, is not told again within the hour', async () => {
  let isAway = false
  const away = () => Promise.reject(new StoreUnavailable('not-written', 'away'))
  const { accept, clock, alerts } = await watched([slackTo('a'), slackTo('b')], failing(gone, 'a'), {
    wrap: store => ({
      ...store,
      noteHealth: request => (isAway ? away() : store.noteHealth(request)),
      announced: request => (isAway ? away() : store.announced(request)),
    }),
  })
  await accept(['a'])
  await clock.advance(4 * MINUTE)
  isAway = true
  await clock.advance(20 * MINUTE)
  isAway = false
  await clock.advance(20 * MINUTE)
  assert.equal(alerts().length, 1)
})

test('a refused announcement is no announcement: another destination is told', async () => {
  const { accept, clock, announced } = await watched(
    [slackTo('a'), slackTo('b'), slackTo('c')],
    ({ destination, body }) =>
      destination === 'a' || (destination === 'b' && body.includes('Support Relay')) ? gone : ok,
  )
  await accept(['a'])
  await clock.advance(6 * MINUTE)
  assert.deepEqual(announced(), ['announced a/failing through c'])
})

test('what nobody knows to have been shown is said once an hour at most, and in the log that nobody is known to have heard it', async () => {
  for (const unknown of [status(200), { kind: 'no-answer', failure: 'timeout', detail: '' } as const]) {
    let mayHear = false
    const { accept, clock, announced, alerts } = await watched(
      [slackTo('a'), slackTo('b')],
      ({ destination, body }) => {
        if (!body.includes('Support Relay')) return destination === 'a' ? gone : ok
        return mayHear ? ok : unknown
      },
    )
    await accept(['a'])
    await clock.advance(6 * MINUTE)
    assert.equal(alerts().length, 1)
    await clock.advance(50 * MINUTE)
    assert.equal(alerts().length, 1)
    await clock.advance(20 * MINUTE)
    assert.equal(alerts().length, 2)
    assert.deepEqual(announced(), ['announced a/failing through null'])
    mayHear = true
    await clock.advance(HOUR)
    assert.deepEqual(announced().slice(1), ['announced a/failing through b'])
  }
})

test('a day of being paused by staff is announced, if anything waits', async () => {
  const { accept, clock, announced, store, engine } = await watched([slackTo('a'), slackTo('b')], () => ok)
  await store.steer({ destination: 'a', state: 'PAUSED', reason: 'paused-by-staff', now: clock.now() })
  await engine.refresh()
  await accept(['a'])
  clock.jump(7 * DAY)
  await clock.advance(DAY - MINUTE)
  assert.deepEqual(announced(), [])
  await clock.advance(2 * MINUTE)
  assert.deepEqual(announced(), ['announced a/held through b'])
})

test('a wait of more than a day is announced: it counts as a day', async () => {
  const { accept, clock, announced, alerts } = await watched(
    [slackTo('a'), slackTo('b')],
    failing(status(429, { 'retry-after': '100000' }), 'a'),
  )
  await accept(['a'])
  await clock.advance(MINUTE)
  assert.deepEqual(announced(), ['announced a/wait-cut through b'])
  assert.match(alerts()[0]?.body ?? '', /a asked Support Relay to wait for more than a day/)
})

test('an announcement keeps the pace and the holds of the destination that carries it', async () => {
  const { accept, clock, sentTo } = await watched([slackTo('a'), slackTo('b')], failing(gone, 'a'))
  await accept(['a'])
  await clock.advance(5 * MINUTE)
  for (let i = 0; i < 30; i += 1) await accept(['b'])
  await clock.advance(MINUTE)
  const times = sentTo('b').map(({ at }) => at)
  assert.equal(times.length, 31)
  for (const [i, at] of times.entries()) if (i > 0) assert.ok(at - (times[i - 1] ?? 0) >= 1_000)
})

test('a destination that is gone from the configuration: held from the start, announced after a day, given up after 30', async () => {
  const left = [slackTo('b')]
  const at = await watched(left, () => ok, {
    before: async store => {
      await store.accept(ticket({ destinations: ['a', 'b'] }))
    },
  })
  const heldSince = at.clock.now()
  assert.equal((await at.health('a')).health.heldSince, heldSince)
  at.clock.jump(DAY)
  await at.clock.advance(MINUTE)
  assert.deepEqual(at.announced(), ['announced a/held through b'])
  assert.match(at.alerts()[0]?.body ?? '', /not in the configuration any more/)
  at.clock.jump(29 * DAY)
  await at.clock.advance(HOUR + MINUTE)
  const { state, reason } = await at.delivery(1, 'a')
  assert.deepEqual([state, reason], ['DEAD', 'held-too-long'])
  assert.deepEqual(at.announced().slice(1), ['announced a/dead through b'])
})

test('one that comes back into the configuration is served as if nothing had been, and nothing is given up', async () => {
  const at = await watched([slackTo('a')], () => ok, {
    before: async (store, clock) => {
      await store.accept(ticket({ destinations: ['a'] }))
      await store.holdUnserved({ served: [], now: clock.now() - 40 * DAY })
    },
  })
  await at.clock.advance(HOUR + MINUTE)
  assert.equal((await at.delivery(1, 'a')).state, 'DELIVERED')
  assert.equal((await at.health('a')).health.heldSince, null)
})

test('where every channel fails and has nothing to send, what is to be announced is the probe', async () => {
  let isSick = true
  const { accept, clock, announced, told, sentTo } = await watched([slackTo('a'), slackTo('b')], ({ destination }) =>
    destination === 'a' ? refused : isSick ? gone : ok,
  )
  await accept(['a'])
  await clock.advance(2 * MINUTE)
  assert.ok(told.includes('b OK→FAILING'))
  // Probed at the pace of probes, not at each look.
  const probes = sentTo('b').length
  assert.ok(probes >= 4 && probes <= 8, String(probes))
  isSick = false
  await clock.advance(5 * MINUTE)
  assert.deepEqual(announced(), ['announced a/dead through null', 'announced a/dead through b'])
  assert.equal(told.filter(line => line === 'b FAILING→OK').length, 1)
})

test('of engines that share a store the one that serves the first channel announces; if it does not, another', async () => {
  for (const [mine, expected] of Object.entries({ b: [], c: ['announced a/dead through c'] })) {
    const options = { to: 'c', serves: (name: string) => name === mine }
    const { accept, clock, announced } = await watched(['a', 'b', 'c'].map(slackTo), failing(refused, 'a'), options)
    await accept(['a'])
    await clock.advance(25_000)
    assert.deepEqual(announced(), expected)
    await clock.advance(MINUTE - 25_000)
    assert.deepEqual(announced(), [`announced a/dead through ${mine}`])
  }
})
