/** Every dialect of `Retry-After` and every kind of nonsense in its place, on the wire, under 429 and 503. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterAttempt, newProgress } from '../../src/domain/delivery.ts'
import { newHealth } from '../../src/domain/destination-health.ts'
import { BACKOFF_FIRST_MS, UNNAMED_WAIT_MS } from '../../src/domain/schedule.ts'
import { answer } from './server.ts'
import { framed } from './shapes.ts'
import { AT, retry, stage } from './stage.ts'

const at = stage()

const HOUR = 3_600_000
const DAY = 24 * HOUR
const two = (number: number) => String(number).padStart(2, '0')
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
/** RFC 9110 section 5.6.7: the fixed form, RFC 850's, asctime's. Written without what reads them. */
const forms = (ms: number) => {
  const date = new Date(ms)
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/.exec(date.toUTCString()) ?? []
  const name = DAYS[date.getUTCDay()] ?? ''
  return {
    fixed: date.toUTCString(),
    rfc850: `${name}, ${day}-${month}-${two(Number(year) % 100)} ${time} GMT`,
    asctime: `${name.slice(0, 3)} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} ${year}`,
  }
}
const ahead = forms(AT + 90_000)
const past = forms(AT - 90_000)
const date = (ms: number) => `Date: ${new Date(ms).toUTCString()}`
const after = (value: string) => [`Retry-After: ${value}`]

type Row = readonly [name: string, headers: readonly string[], waitMs?: number, cut?: boolean]

const rows: readonly Row[] = [
  ['none', []],
  ['seconds', after('7'), 7_000],
  ['a name in another case', ['RETRY-AFTER: 7'], 7_000],
  ['" 7 "', ['Retry-After:   7   '], 7_000],
  ['a tab before and after', ['Retry-After:\t7\t'], 7_000],
  ['no space at all', ['Retry-After:7'], 7_000],
  ['1.5', after('1.5'), 1_500],
  ['a hair above nothing', after('0.0001'), 1],
  ['a fraction of many digits', after('0.6666666666666666'), 667],
  ['+3', after('+3'), 3_000],
  ['zeros before', after('007'), 7_000],
  ['a day', after('86400'), DAY],
  ['0', after('0')],
  ['-5', after('-5')],
  ['-0', after('-0')],
  ['empty', ['Retry-After:']],
  ['only spaces', ['Retry-After:    ']],
  ['soon', after('soon')],
  ['NaN', after('NaN')],
  ['Infinity', after('Infinity')],
  ['null', after('null')],
  ['1e9', after('1e9')],
  ['0x10', after('0x10')],
  ['1.5.2', after('1.5.2')],
  ['1,5', after('1,5'), 5_000],
  ['5s', after('5s')],
  ['"5" in quotes', after('"5"')],
  ['digits of another script', after('\u00b2')],
  ['ISO 8601', after('2025-11-25T00:01:30Z')],
  ['26 h in seconds', after('93600'), DAY, true],
  ['26 h as a date', after(forms(AT + 26 * HOUR).fixed), DAY, true],
  ['more digits than a number holds', after('9'.repeat(400)), DAY, true],
  ['a date in the fixed form', after(ahead.fixed), 90_000],
  ['a date in the form of RFC 850', after(ahead.rfc850), 90_000],
  ['a date in the form of asctime', after(ahead.asctime), 90_000],
  ['a past date in the fixed form', after(past.fixed)],
  ['a past date in the form of RFC 850', after(past.rfc850)],
  ['a past date in the form of asctime', after(past.asctime)],
  ['a date long past', after('Sun, 06 Nov 1994 08:49:37 GMT')],
  ['this very moment', after(forms(AT).fixed)],
  ['31 February', after('Mon, 31 Feb 2026 12:00:00 GMT')],
  ['a date in another zone', after('Tue, 25 Nov 2025 00:01:30 CET')],
  ['two headers, the longer last', ['Retry-After: 3', 'Retry-After: 7'], 7_000],
  ['two headers, the longer first', ['Retry-After: 7', 'Retry-After: 3'], 7_000],
  ['two headers, one of them nonsense', ['Retry-After: soon', 'Retry-After: 7'], 7_000],
  ['a date and seconds', ['Retry-After: 20', `Retry-After: ${ahead.fixed}`], 90_000],
  ['two dates with commas in them', [`Retry-After: ${past.rfc850}`, `Retry-After: ${ahead.rfc850}`], 90_000],
  // A receiver whose clock is wrong: its dates are measured against its own time.
  ...[-10, 10].flatMap(minutes => {
    const theirs = AT + minutes * 60_000
    return Object.entries(forms(theirs + 90_000)).map(
      ([form, value]): Row => [`${form}, its clock ${minutes} min off`, [date(theirs), ...after(value)], 90_000],
    )
  }),
  ['seconds, its clock 10 min off', [date(AT + 600_000), ...after('7')], 7_000],
  ['past by its clock, ahead by ours', [date(AT + 600_000), ...after(ahead.fixed)]],
  ['a Date that is nonsense', ['Date: today', ...after(ahead.fixed)], 90_000],
  ['two Dates', [date(AT), date(AT), ...after(ahead.fixed)], 90_000],
]

for (const [name, headers, waitMs, cut] of rows) {
  test(`Retry-After: ${name} → ${waitMs === undefined ? 'the normal step' : `${waitMs} ms`}`, async () => {
    for (const status of [429, 503]) {
      for (const kind of ['slack', 'webhook'] as const) {
        const { outcome } = await at.attempt(kind, answer(framed({ status, headers })))
        const isZero = headers.some(header => /: *0+$/.test(header))
        const heldMs = waitMs ?? (status === 429 && !isZero ? UNNAMED_WAIT_MS : undefined)
        assert.deepEqual(outcome, retry(`http-${status}`, heldMs, cut))

        // What follows: never earlier than asked, never faster than the normal step, and a number.
        const first = newProgress({ ticketNumber: 1, eventNumber: 1, destination: 'x' }, AT)
        const context = { now: AT, startedAt: AT, isProbe: false, fraction: 0, nextLevel: null }
        const { progress, health } = afterAttempt(first, newHealth, outcome, context)
        assert.equal(progress.nextAttemptAt, AT + BACKOFF_FIRST_MS)
        assert.equal(health.heldUntil, heldMs === undefined ? null : AT + heldMs)
      }
    }
  })
}
