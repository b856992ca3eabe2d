import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createPace } from './pace.ts'

test('no window of the rate ever holds more requests than it allows', () => {
  const steps = fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, (count, pauses) => {
      const pace = createPace({ count, perMs: 1_000 })
      const taken: number[] = []
      let now = 0
      for (const pause of pauses) {
        now += pause
        if (pace.waitMs(now) > 0) continue
        pace.take(now)
        taken.push(now)
      }
      for (const at of taken) assert.ok(taken.filter(other => other >= at && other < at + 1_000).length <= count)
    }),
  )
})

test('it says when the next one may start, and how many may now', () => {
  const pace = createPace({ count: 2, perMs: 1_000 })
  pace.take(100)
  assert.deepEqual([pace.room(100), pace.waitMs(100)], [1, 0])
  pace.take(300)
  assert.deepEqual([pace.room(300), pace.waitMs(300), pace.waitMs(1_100)], [0, 800, 0])
})

test('a request counts from when it went out, not from when its text was asked for', () => {
  const pace = createPace({ count: 1, perMs: 1_000 })
  const sendsAt = pace.take(0)
  sendsAt(700)
  assert.deepEqual([pace.waitMs(1_000), pace.waitMs(1_700)], [700, 0])
  const late = pace.take(2_000)
  assert.equal(pace.waitMs(3_500), 0)
  late(3_600)
  assert.equal(pace.waitMs(3_700), 900)
})

test('what a former holder sent counts', () => {
  assert.equal(createPace({ count: 1, perMs: 1_000 }, [-400]).waitMs(0), 600)
})

test('without a rate nothing waits', () => {
  const pace = createPace(null)
  pace.take(0)
  assert.deepEqual([pace.waitMs(0), pace.room(0)], [0, Number.POSITIVE_INFINITY])
})
