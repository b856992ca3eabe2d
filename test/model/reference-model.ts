/** What idempotency and limits promise, in twenty lines: the yardstick for the real thing. */
import type { Sent } from './stage.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR

/** A ticket that was accepted; `id` once an answer has told it. */
export type Accepted = { readonly sent: Sent; readonly at: number; id?: string }

export type Expected =
  | { readonly outcome: 'accepted' | 'repeated'; readonly ticket: Accepted }
  | { readonly outcome: 'key-reused' }
  | { readonly outcome: 'limited'; readonly retryAfterSeconds: number }

export const referenceModel = (limitPerHour: number) => {
  const accepted: Accepted[] = []
  return {
    accepted,
    submit(sent: Sent, now: number): Expected {
      const own = accepted.filter(({ sent: { user } }) => user === sent.user)
      const same = own.findLast(({ sent: { key }, at }) => key !== null && key === sent.key && at > now - WEEK)
      if (same && JSON.stringify(same.sent.body) !== JSON.stringify(sent.body)) return { outcome: 'key-reused' }
      if (same) return { outcome: 'repeated', ticket: same }

      const newest = own.slice(-limitPerHour).map(({ at }) => at)
      if (newest.length === limitPerHour && newest.every(at => Math.abs(now - at) < HOUR))
        return {
          outcome: 'limited',
          retryAfterSeconds: Math.max(1, Math.ceil((Math.min(...newest) + HOUR - now) / 1_000)),
        }
      const ticket = { sent, at: now }
      accepted.push(ticket)
      return { outcome: 'accepted', ticket }
    },
  }
}
