import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { BACKOFF_MAX_MS, BUDGET_MS, backoffMs, probeDelayMs } from './schedule.ts'

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('the first retry comes within a second, and never at once', () => {
  fc.assert(
    fc.property(fraction, random => {
      const wait = backoffMs(0, random)
      assert.ok(wait >= 1 && wait <= 1_000, String(wait))
    }),
  )
})

test('a backoff is a whole number of milliseconds, above 0, and never above the doubled second nor an hour', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fraction, (step, random) => {
      const wait = backoffMs(step, random)
      assert.ok(
        Number.isInteger(wait) && wait >= 1 && wait <= Math.min(BACKOFF_MAX_MS, 1_000 * 2 ** Math.min(step, 40)),
      )
    }),
  )
})

test('the jitter is full: every part of the interval is reached', () => {
  assert.deepEqual(
    [0, 0.25, 0.5, 0.75].map(random => backoffMs(4, random)),
    [16_000, 12_000, 8_000, 4_000],
  )
})

test('72 hours are spent after about 150 attempts', () => {
  let spent = 0
  let attempts = 0
  while (spent < BUDGET_MS) {
    spent += backoffMs(attempts, 0.5)
    attempts += 1
  }
  assert.ok(attempts > 140 && attempts < 165, String(attempts))
})

test('probes come after 1 s, doubling to 5 min', () => {
  assert.deepEqual([0, 1, 2, 8, 9, 1_000].map(probeDelayMs), [1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
})
