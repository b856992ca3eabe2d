/** The limit: exact across restarts, and what a wall clock that jumps can do to it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { configurationFor, home, post } from '../support/service.ts'
import { startStage } from './stage.ts'

let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver.close())

test('the tenth ticket in an hour is taken and the eleventh is not, before and after a restart; a repetition is free', async () => {
  const at = home(configurationFor(receiver.url))
  try {
    let running = await at.start()
    const send = (message: string, key?: string) =>
      post(running.address, { message }, key ? { 'idempotency-key': key } : {})
    const first = await send('first', 'k')
    for (let i = 2; i <= 9; i += 1) assert.equal((await send(`${i}`)).status, 200)
    assert.equal((await send(' ')).status, 400, 'what is refused does not count')
    await running.end('SIGTERM')

    running = await at.start()
    assert.equal((await send('tenth')).status, 200)
    const eleventh = await send('eleventh')
    assert.deepEqual([eleventh.status, (await eleventh.json()).errorCode], [429, 'RATE_LIMITED'])
    const wait = Number(eleventh.headers.get('retry-after'))
    assert.ok(Number.isInteger(wait) && wait > 3_500 && wait <= 3_600, `${wait} s`)
    await running.end('SIGKILL')

    running = await at.start()
    assert.equal((await send('eleventh')).status, 429)
    const again = await send('first', 'k')
    assert.deepEqual([again.status, again.headers.get('ticket-id')], [200, first.headers.get('ticket-id')])
  } finally {
    await at.dispose()
  }
})

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const LIMIT = 3

type Jump = { readonly at: number; readonly ms: number }

/** Somebody who tries again and again while the clock jumps; returns the true times, in minutes, at which tickets were taken. */
const insist = async (tries: readonly number[], ...jumps: readonly Jump[]): Promise<number[]> => {
  const stage = await startStage('direct', LIMIT)
  const taken: number[] = []
  const happenings = [...jumps, ...tries.map(at => ({ at, ms: undefined }))].toSorted((a, b) => a.at - b.at)
  try {
    let minute = 0
    for (const { at, ms } of happenings) {
      await stage.clock.advance((at - minute) * MINUTE)
      minute = at
      if (ms !== undefined) stage.clock.jump(ms)
      else if ((await stage.send({ user: 'a', key: null, body: { message: 'm' } })).ok) taken.push(at)
    }
  } finally {
    await stage.close()
  }
  return taken
}

/** The most that were taken in any true hour. */
const mostInAnHour = (taken: readonly number[]): number =>
  Math.max(0, ...taken.map(from => taken.filter(at => at >= from && at < from + 60).length))

const EVERY_FIVE_MINUTES = Array.from({ length: 60 }, (_, i) => i * 5)
const jump = fc.record({
  at: fc.integer({ min: 1, max: 150 }),
  ms: fc.oneof(fc.integer({ min: -DAY, max: DAY }), fc.integer({ min: -2 * HOUR, max: 2 * HOUR })),
})

test('a clock that jumps by up to a day keeps nobody out for longer than one more hour', async () => {
  await fc.assert(
    fc.asyncProperty(jump, async one => {
      const taken = await insist(EVERY_FIVE_MINUTES, one)
      // Tries lie five minutes apart. Everybody may have to wait for one window; only the jump adds another.
      const next = taken.find(at => at >= one.at) ?? assert.fail(`${JSON.stringify(one)}: never again after ${taken}`)
      assert.ok(next - one.at <= 2 * 60 + 5, `${JSON.stringify(one)}: ${taken}`)
      // After that the jump is forgotten.
      const later = taken.filter(at => at >= one.at + 2 * 60)
      for (const [i, at] of later.slice(1).entries())
        assert.ok(at - (later[i] ?? 0) <= 60, `${JSON.stringify(one)}: ${taken}`)
    }),
    { seed: 4, numRuns: 150 },
  )
})

test('nor does it open a flood: at most twice the limit in any true hour', async () => {
  await fc.assert(
    fc.asyncProperty(jump, async one => {
      const taken = await insist(EVERY_FIVE_MINUTES, one)
      assert.ok(mostInAnHour(taken) <= 2 * LIMIT, `${JSON.stringify(one)}: ${taken}`)
    }),
    { seed: 5, numRuns: 150 },
  )
})

test('a clock that is set back a little again and again opens nothing', async () => {
  const small = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 200 }), ms: fc.integer({ min: -19 * MINUTE, max: -1 }) }),
    { maxLength: 3 },
  )
  await fc.assert(
    fc.asyncProperty(small, async jumps => {
      const taken = await insist(EVERY_FIVE_MINUTES, ...jumps)
      assert.ok(mostInAnHour(taken) <= LIMIT, `${JSON.stringify(jumps)}: ${taken}`)
    }),
    { seed: 6, numRuns: 100 },
  )
})

test('who writes now and then is never refused, also when a day comes once more', async () => {
  const everyEightHours = Array.from({ length: 9 }, (_, i) => i * 480)
  const taken = await insist(everyEightHours, { at: 24 * 60 + 1, ms: -DAY })
  assert.deepEqual(taken, everyEightHours)
})

test('without a jump it is exact: never more than the limit in any hour, and the next as soon as it may be', async () => {
  const taken = await insist(EVERY_FIVE_MINUTES)
  assert.deepEqual(taken.slice(0, 6), [0, 5, 10, 60, 65, 70])
  assert.equal(mostInAnHour(taken), LIMIT)
})
