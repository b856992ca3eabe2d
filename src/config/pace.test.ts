import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { formatDuration, formatRate, parseAge, parseDuration, parseRate } from './pace.ts'

for (const [text, ms] of [
  ['1ms', 1],
  ['1.5s', 1_500],
  // 1.001 * 1000 and 1.005 * 1000 are not whole in binary.
  ['1.001s', 1_001],
  ['1.005s', 1_005],
  ['2m', 120_000],
  ['2min', 120_000],
  ['1 h', 3_600_000],
  ['0.5d', 43_200_000],
  ['0s', 0],
] as const) {
  test(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms))
}

for (const text of [
  '0.5ms',
  '1.0001s',
  '15',
  's',
  '.5s',
  '1.s',
  '+1s',
  '1e3s',
  '1S',
  '1  s',
  ' 1s',
  '99999999999999d',
]) {
  test(`"${text}" is no duration`, () => assert.equal(parseDuration(text), undefined))
}

for (const text of ['1/.5s', '1/0s', '1/0.5ms', '1/25h', '100001/s', '0/s', '1.5/s', '1/s/s', '1//s', 'NONE', '']) {
  test(`"${text}" is no rate`, () => assert.equal(parseRate(text), undefined))
}

test('"none" is no limit', () => {
  assert.equal(parseRate('none'), null)
  assert.equal(formatRate(null), 'none')
})

test('the limits of a rate are rates', () => {
  assert.deepEqual(parseRate('100000/ms'), { count: 100_000, perMs: 1 })
  assert.deepEqual(parseRate('1/d'), { count: 1, perMs: 86_400_000 })
})

test('every duration that is written is read back', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e12 }), ms => parseDuration(formatDuration(ms)) === ms))
})

test('every rate that is written is read back', () => {
  const perMs = fc.oneof(
    fc.integer({ min: 1, max: 86_400_000 }),
    fc.constantFrom(1, 1_000, 60_000, 3_600_000, 86_400_000),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), perMs, (count, per) => {
      assert.deepEqual(parseRate(formatRate({ count, perMs: per })), { count, perMs: per })
    }),
  )
})

test('milliseconds can be written as a fraction of a second', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 15_000 }), ms => parseDuration(`${(ms / 1_000).toFixed(3)}s`) === ms))
})

test('ages are days, weeks, months and years', () => {
  const day = 86_400_000
  const read = ['8 days', '1 day', '2weeks', '6 months', '2 years'].map(parseAge)
  assert.deepEqual(read, [8 * day, day, 14 * day, 180 * day, 730 * day])
  for (const text of ['', '8', '8 d', '-1 days', '1.5 years', 'two years', '100000 days', '1 hour'])
    assert.equal(parseAge(text), undefined, text)
})
