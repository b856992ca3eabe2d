import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boundedWait, retryAfter } from './retry-after.ts'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
const DAY_MS = 86_400_000
const asked = (value: string, date?: string) =>
  retryAfter({ 'retry-after': value, ...(date !== undefined && { date }) }, NOW)?.waitMs

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number) => String(number).padStart(2, '0')
/** The three forms of RFC 9110, written independently of how they are read. */
const forms = (at: number): string[] => {
  const date = new Date(at)
  const [day, month] = [DAYS[date.getUTCDay()] ?? '', MONTHS[date.getUTCMonth()]]
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  const [dayOfMonth, year] = [date.getUTCDate(), date.getUTCFullYear()]
  return [
    `${day.slice(0, 3)}, ${two(dayOfMonth)} ${month} ${year} ${time} GMT`,
    `${day}, ${two(dayOfMonth)}-${month}-${two(year % 100)} ${time} GMT`,
    `${day.slice(0, 3)} ${month} ${String(dayOfMonth).padStart(2, ' ')} ${time} ${year}`,
  ]
}

test('seconds, with a fraction or a sign or spaces around, are the wait', () => {
  const table: readonly (readonly [string, number])[] = [
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['0.0001', 1],
    ['+3', 3_000],
    ['007', 7_000],
    ['86400', DAY_MS],
  ]
  for (const [value, waitMs] of table) assert.equal(asked(value), waitMs, value)
})

test('nonsense, nothing, zero and the past ask for no wait', () => {
  const values = [
    '',
    ' ',
    '0',
    '0.0',
    '-5',
    '-0',
    'soon',
    'NaN',
    'Infinity',
    '1e9',
    '0x10',
    '1.5.2',
    '5s',
    'null',
    '2026-11-23T12:01:30Z',
    'Mon, 23 Nov 2026 11:58:00 GMT',
    'Mon, 31 Feb 2027 12:00:00 GMT',
    'Mon, 23 Nov 2026 25:00:00 GMT',
    'Mon, 23 Foo 2026 12:01:00 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
  ]
  for (const value of values) assert.equal(asked(value), undefined, value)
  assert.equal(retryAfter({}, NOW), undefined)
})

test('more than a day counts as a day, and says so', () => {
  for (const value of ['93600', '86401', '9'.repeat(400), forms(NOW + 26 * 3_600_000)[0] ?? '']) {
    assert.deepEqual(retryAfter({ 'retry-after': value }, NOW), { waitMs: DAY_MS, cut: true }, value)
  }
  assert.deepEqual(retryAfter({ 'retry-after': '86400' }, NOW), { waitMs: DAY_MS, cut: false })
})

test('a date is read in all three forms, by our clock when the receiver names no time of its own', () => {
  for (const form of forms(NOW + 90_000)) assert.equal(asked(form), 90_000, form)
  for (const form of forms(Date.UTC(2026, 11, 1))) {
    assert.deepEqual(
      retryAfter({ 'retry-after': form }, Date.UTC(2026, 10, 30, 23, 59)),
      { waitMs: 60_000, cut: false },
      form,
    )
  }
})

test('a date is measured against the receiver’s own clock, ten minutes or years off', () => {
  for (const offset of [-600_000, 600_000, -400 * DAY_MS]) {
    for (const form of forms(NOW + offset + 90_000)) {
      for (const own of forms(NOW + offset)) assert.equal(asked(form, own), 90_000, `${form} at ${own}`)
    }
  }
})

test('a Date that makes no sense gives way to our clock', () => {
  const [until = ''] = forms(NOW + 90_000)
  for (const date of ['', 'today', forms(0)[0], '0']) assert.equal(asked(until, date), 90_000, date)
})

test('of several headers the longest wait counts, dates and seconds mixed', () => {
  const [fixed = '', rfc850 = '', asctime = ''] = forms(NOW + 90_000)
  assert.equal(asked('3, 7'), 7_000)
  assert.equal(asked('7, soon, 3'), 7_000)
  assert.equal(asked(`3, ${fixed}, 20`), 90_000)
  assert.equal(asked(`${rfc850}, ${asctime}`), 90_000)
  assert.equal(asked(`${fixed}, 120`), 120_000)
})

test('never earlier than asked, never more than a day, never a fraction of a millisecond, whatever the header says', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 200_000, noNaN: true }), seconds => {
      const text = seconds.toFixed(4)
      const wait = retryAfter({ 'retry-after': text }, NOW)
      if (wait === undefined) return assert.equal(Number(text), 0)
      assert.ok(Number.isInteger(wait.waitMs))
      assert.ok(wait.cut ? wait.waitMs === DAY_MS && Number(text) > 86_400 : wait.waitMs >= Number(text) * 1_000)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const wait = retryAfter({ 'retry-after': text, date: text }, NOW)
      assert.ok(wait === undefined || (wait.waitMs > 0 && wait.waitMs <= DAY_MS))
    }),
  )
})

test('a wait from a body is bounded in the same way', () => {
  assert.deepEqual(boundedWait(1_500.2), { waitMs: 1_501, cut: false })
  assert.deepEqual(boundedWait(Number.POSITIVE_INFINITY), { waitMs: DAY_MS, cut: true })
  for (const nonsense of [0, -1, Number.NaN]) assert.equal(boundedWait(nonsense), undefined)
})
