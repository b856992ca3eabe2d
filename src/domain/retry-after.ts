/** How long a receiver asked us to wait. Lenient date parsers read `-3` as a year and numbers as dates; here each form is spelled out. */
import { RETRY_AFTER_MAX_MS } from './schedule.ts'

/** `cut`: more than a day was asked for, and counts as a day. */
export type Wait = { readonly waitMs: number; readonly cut: boolean }

/** The wait that an answer's `Retry-After` asks for, or undefined when it names none: absent, nonsense, zero or in the past.
 *
 *  Seconds may have a fraction (Discord) and a sign `+`; a date is measured against the receiver's own `Date`, so that a wrong clock on
 *  either side does not matter; of several headers the longest wait counts.
 *  @param headers names in lower case, repeated ones joined by ", "
 *  @param now our clock, ms, for a date from a receiver that names no `Date` of its own
 *  @example retryAfter({ 'retry-after': '1.5' }, now) // { waitMs: 1500, cut: false } */
export const retryAfter = (headers: Readonly<Record<string, string>>, now: number): Wait | undefined => {
  const ownNow = parts(headers.date ?? '').map(part => parseHttpDate(part, now))[0]
  const waits = parts(headers['retry-after'] ?? '')
    .map(part => secondsMs(part) ?? untilMs(parseHttpDate(part, now), ownNow, now))
    .filter(wait => wait !== undefined && wait > 0)
  return boundedWait(waits.reduce<number>((longest, wait) => Math.max(longest, wait ?? 0), 0))
}

/** A wait found in a receiver's own dialect (a body, another header), bounded to a day; undefined unless it is a positive number. */
export const boundedWait = (waitMs: number): Wait | undefined =>
  waitMs > 0 ? { waitMs: Math.ceil(Math.min(waitMs, RETRY_AFTER_MAX_MS)), cut: waitMs > RETRY_AFTER_MAX_MS } : undefined

/** More than any honest receiver writes. */
const VALUE_MAX_UNITS = 4_096

/** Header values are joined by commas, and two of the three date forms hold one after the name of the day. */
const parts = (value: string): string[] =>
  value
    .slice(0, VALUE_MAX_UNITS)
    .split(/,(?<!\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,)/i)
    .map(part => part.trim())

// Not `1e9` and not `Infinity`: whoever writes that wrote it by mistake, and a day of silence would follow from it.
const secondsMs = (text: string): number | undefined =>
  /^\+?\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1_000 : undefined

/** A receiver whose clock is a day off is believed only when its two dates agree with each other. */
const untilMs = (until: number | undefined, ownNow: number | undefined, now: number): number | undefined => {
  if (until === undefined) return undefined
  if (ownNow === undefined) return until - now
  const byItsOwn = until - ownNow
  const isSane = Math.abs(ownNow - now) <= RETRY_AFTER_MAX_MS || (byItsOwn > 0 && byItsOwn <= RETRY_AFTER_MAX_MS)
  return isSane ? byItsOwn : until - now
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`
/** RFC 9110 section 5.6.7: the fixed form, RFC 850's and asctime's. */
const DATE_FORMS = [
  new RegExp(String.raw`^[a-z]{3}, (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) ${TIME} GMT$`, 'i'),
  new RegExp(String.raw`^[a-z]{6,9}, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) ${TIME} GMT$`, 'i'),
  new RegExp(String.raw`^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`, 'i'),
]

const parseHttpDate = (text: string, now: number): number | undefined => {
  const found = DATE_FORMS.map(form => form.exec(text)?.groups).find(groups => groups !== undefined)
  if (found === undefined) return undefined
  const month = MONTHS.indexOf((found.month ?? '').toLowerCase())
  const [day, hour, minute, second] = [
    Number(found.day),
    Number(found.hour),
    Number(found.minute),
    Number(found.second),
  ]
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined
  const at = Date.UTC(fullYear(found.year ?? '', now), month, day, hour, minute, second)
  // 31 February would roll over into March.
  return new Date(at - second * 1_000).getUTCDate() === day ? at : undefined
}

/** Two digits that would lie more than 50 years ahead mean the past century (RFC 9110 section 5.6.7). */
const fullYear = (digits: string, now: number): number => {
  if (digits.length === 4) return Number(digits)
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}
