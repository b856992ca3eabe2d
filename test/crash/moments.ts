/** When the service is killed: each moment follows from the seed; what the service is doing by then does not, and should not. */
import type { Chance } from '../simulation/chance.ts'

/** So many milliseconds after exec, or after it began to listen. */
export type Moment = { readonly after: 'exec' | 'listening'; readonly ms: number }

/** A start takes 0.4 s, or twice that on a slow machine: these fall into loading, opening the store, its checkpoint, the first deliveries. */
const EARLY = 0.25
const EARLY_MAX_MS = 900
/** Long enough that what was answered in the life's first part must have been recorded: only here the bound of 1 s can be broken. */
const LATE_EVERY = 10
const LATE_MIN_MS = 1_500
const LATE_MAX_MS = 3_000
/** The others fall into the thick of it: clients post as fast as they can, and what waited from the life before goes out. */
const USUAL_MAX_MS = 600

/** @param nth of the lives, from 1 */
export const nextMoment = (chance: Chance, nth: number): Moment => {
  if (nth % LATE_EVERY === 0) return { after: 'listening', ms: chance.between(LATE_MIN_MS, LATE_MAX_MS) }
  if (chance.is(EARLY)) return { after: 'exec', ms: chance.between(0, EARLY_MAX_MS) }
  return { after: 'listening', ms: chance.between(0, USUAL_MAX_MS) }
}
