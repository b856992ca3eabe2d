/** Time and randomness, handed in: that is what makes a simulation possible. */

export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  now(): number
  /** Milliseconds that only ever grow, for durations and deadlines. */
  monotonic(): number
  /** Calls `wake` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, wake: () => void): () => void
}

/** The longest delay a timer of Node can hold; a longer one would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(delayMs, 0), TIMER_MAX_MS))
    return () => clearTimeout(timer)
  },
}

export interface Random {
  /** A number from 0 up to, not including, 1. For jitter. */
  fraction(): number
  /** Fresh unguessable bytes. */
  bytes(count: number): Uint8Array
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: count => crypto.getRandomValues(new Uint8Array(count)),
}
