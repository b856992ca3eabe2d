/** How large V8's young generation may become. Tickets that wait for a slow disk outlive it; it doubles up to 128 MB for them, and lets several times
 *  what is alive pile up behind it. That is worth its price only where it brings speed (docs/performance.md). V8 takes its own bound at the start of
 *  the process only, but reads anew at each collection by what it grows. */
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Both halves together: with less, collections cost a rush its throughput. */
const SMALL_BYTES = 16 * 1024 * 1024

let isFree = false
let factor = 0

/** From the first call on, which loads this file: small, unless it is free to grow. */
export const freeYoungGeneration = (isFreeNow: boolean): void => {
  isFree = isFreeNow
  bound()
}

function bound(): void {
  const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
  grow(isFree || size < SMALL_BYTES ? 2 : 1)
}

function grow(by: number): void {
  if (by !== factor) setFlagsFromString(`--semi-space-growth-factor=${by}`)
  factor = by
}

// While the program is loaded nothing is called back, and nothing of what it leaves behind is missed.
grow(1)
new PerformanceObserver(bound).observe({ type: 'gc' })
