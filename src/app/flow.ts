/** Tells whether many tickets come and are stored as fast: only then is more memory worth its price. */
import type { Clock } from '../domain/clock.ts'

export type FlowDeps = {
  /** How many tickets were answered since the start, and whether more wait than one commit takes. */
  readonly flow: () => { readonly answered: number; readonly isBehind: boolean }
  readonly clock: Clock
  /** At the beginning, where it is not fast, and at each change. */
  readonly onFlow: (isFast: boolean) => void
}

const LOOK_EVERY_MS = 250
const LOOKS = 4
/** Within that many looks, a second. */
const FAST_TICKETS = 500

/** Returns what ends it. */
export const watchFlow = ({ flow, clock, onFlow }: FlowDeps): (() => void) => {
  /** What was answered by each of the last looks, since it was last behind. */
  let counts: number[] = []
  let isFast = false
  const set = (isFastNow: boolean) => {
    if (isFastNow !== isFast) onFlow(isFastNow)
    isFast = isFastNow
  }
  const look = () => {
    cancel = clock.after(LOOK_EVERY_MS, look)
    const { answered, isBehind } = flow()
    counts = isBehind ? [] : [...counts, answered].slice(-LOOKS - 1)
    if (isBehind) set(false)
    else if (counts.length > LOOKS && answered - (counts[0] ?? 0) >= FAST_TICKETS) set(true)
  }
  onFlow(isFast)
  let cancel = clock.after(LOOK_EVERY_MS, look)
  return () => cancel()
}
