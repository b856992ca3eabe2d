/** When a delivery or a destination is tried again. Instants and durations in integer milliseconds. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const BACKOFF_FIRST_MS = SECOND
export const BACKOFF_MAX_MS = HOUR
/** A delivery is given up when this much backoff has been waited out. Holds, downtime and clock jumps add nothing. */
export const BUDGET_MS = 72 * HOUR
const PROBE_FIRST_MS = SECOND
const PROBE_MAX_MS = 5 * MINUTE
/** Unclear answers to one delivery lie at least this far apart. */
export const UNCLEAR_WAIT_MS = MINUTE
/** A destination's `Retry-After` is never undercut up to this; a longer one counts as this. */
export const RETRY_AFTER_MAX_MS = DAY
/** How long a rate limit holds a destination where the answer does not say. A kind's first retry comes within 5 s. */
export const UNNAMED_WAIT_MS = 4 * SECOND
/** Deliveries of a destination that is held this long without a break are given up. */
export const HELD_MAX_MS = 30 * DAY

/** How long to wait before the next attempt: full jitter over 1 s · 2^step, up to an hour; never 0.
 *  @param step how many backoffs this delivery had before
 *  @param fraction random, 0 ≤ fraction < 1
 *  @example steps 0, 1, 2 wait up to 1 s, 2 s, 4 s */
export const backoffMs = (step: number, fraction: number): number =>
  Math.ceil((1 - fraction) * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(step, 30)))

/** How long to wait before the next probe of a failing destination: 1 s, doubling to 5 min. */
export const probeDelayMs = (step: number): number => Math.min(PROBE_MAX_MS, PROBE_FIRST_MS * 2 ** Math.min(step, 30))
