/** How fast a destination may be sent to: at most `count` requests in any window of `perMs`, by the monotonic clock. */
import type { Rate } from '../domain/destination.ts'

export type Pace = {
  /** How many requests may start now. */
  room(nowMs: number): number
  /** Milliseconds until one more may start; 0 when one may now. */
  waitMs(nowMs: number): number
  /** One request starts. */
  take(nowMs: number): void
}

/** @param startedAt moments of earlier requests, oldest first, that a former holder of the lease made */
export const createPace = (rate: Rate | null, startedAt: readonly number[] = []): Pace => {
  if (!rate) return { room: () => Number.POSITIVE_INFINITY, waitMs: () => 0, take: () => {} }
  let recent = [...startedAt]
  const forget = (nowMs: number) => {
    recent = recent.filter(at => nowMs - at < rate.perMs)
  }
  return {
    room(nowMs) {
      forget(nowMs)
      return rate.count - recent.length
    },
    waitMs(nowMs) {
      forget(nowMs)
      const [oldest] = recent
      return recent.length < rate.count || oldest === undefined ? 0 : oldest + rate.perMs - nowMs
    },
    take(nowMs) {
      recent.push(nowMs)
    },
  }
}
