/** How fast a destination may be sent to: at most `count` requests in any window of `perMs`, by the monotonic clock. */
import type { Rate } from '../domain/destination.ts'

export type Pace = {
  /** How many requests may start now. */
  room(nowMs: number): number
  /** Milliseconds until one more may start; 0 when one may now. */
  waitMs(nowMs: number): number
  /** One request is on its way. The function that comes back says when it really goes out: its text has to be loaded first. */
  take(nowMs: number): (sentMs: number) => void
}

/** @param startedAt moments of earlier requests, oldest first, that a former holder of the lease made */
export const createPace = (rate: Rate | null, startedAt: readonly number[] = []): Pace => {
  if (!rate) return { room: () => Number.POSITIVE_INFINITY, waitMs: () => 0, take: () => () => {} }
  let recent = startedAt.map(at => ({ at }))
  const forget = (nowMs: number) => {
    recent = recent.filter(({ at }) => nowMs - at < rate.perMs)
  }
  return {
    room(nowMs) {
      forget(nowMs)
      return rate.count - recent.length
    },
    waitMs(nowMs) {
      forget(nowMs)
      if (recent.length < rate.count) return 0
      return Math.min(...recent.map(({ at }) => at)) + rate.perMs - nowMs
    },
    take(nowMs) {
      const request = { at: nowMs }
      recent.push(request)
      return sentMs => {
        request.at = sentMs
        if (!recent.includes(request)) recent.push(request)
      }
    },
  }
}
