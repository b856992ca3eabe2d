/** Rates (`5/2s`), durations (`15s`) and ages (`90 days`). */
import type { Rate } from '../domain/destination.ts'

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of `500ms`, `1.5s`, `2m`; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?(ms|s|min|m|h|d)$/.exec(text) ?? []
  const unitMs = unitsMs[unit]
  if (number === undefined || unitMs === undefined) return undefined
  const ms = Number(number) * unitMs
  const whole = Math.round(ms)
  // 1.001 * 1000 is 1000.9999999999999: what is whole in decimal must not fail for its binary form.
  return Number.isSafeInteger(whole) && Math.abs(ms - whole) < 1e-6 ? whole : undefined
}

export const DAY_MS = 86_400_000
const daysIn: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 }

/** Milliseconds of `90 days`, `2 years`; a month counts 30 days, a year 365; undefined for anything else. */
export const parseAge = (text: string): number | undefined => {
  const [, count, unit = ''] = /^(\d{1,5}) ?(day|week|month|year)s?$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (daysIn[unit] ?? 0) * DAY_MS
}

/** A rate of 1 to 100,000 requests in 1 ms to a day: `1/s`, `5/2s`, `100/h`; null for `none`; undefined for anything else. */
export const parseRate = (text: string): Rate | null | undefined => {
  if (text === 'none') return null
  const [, digits, per] = /^(\d{1,6}) ?\/ ?(\S+)$/.exec(text) ?? []
  if (digits === undefined || per === undefined) return undefined
  const count = Number(digits)
  const perMs = parseDuration(/^[a-z]/.test(per) ? `1${per}` : per)
  const isSound = count >= 1 && count <= 100_000 && perMs !== undefined && perMs >= 1 && perMs <= 86_400_000
  return isSound ? { count, perMs } : undefined
}

/** `5/2s`: the shortest form that parseRate reads back. */
export const formatRate = (rate: Rate | null): string => {
  if (rate === null) return 'none'
  const per = formatDuration(rate.perMs)
  return `${rate.count}/${per.replace(/^1(?=[a-z])/, '')}`
}

/** `15s`: in the largest unit that needs no fraction. */
export const formatDuration = (ms: number): string => {
  const unit =
    (['d', 'h', 'm', 's'] as const).find(name => ms >= (unitsMs[name] ?? 0) && ms % (unitsMs[name] ?? 1) === 0) ?? 'ms'
  return `${ms / (unitsMs[unit] ?? 1)}${unit}`
}
