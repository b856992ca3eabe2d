/** Randomness from a seed: the same seed, the same history. */
import type { Random } from '../../src/domain/clock.ts'

export type Chance = Random & {
  /** 0 … n − 1. */
  below(n: number): number
  /** From `min` to `max`, both included. */
  between(min: number, max: number): number
  is(probability: number): boolean
  pick<T>(list: readonly T[]): T
}

/** mulberry32: small, fast, good enough to scatter histories. */
export const chanceFrom = (seed: number): Chance => {
  let state = (seed * 0x9e3779b1) >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(fraction() * n)
  return {
    fraction,
    below,
    between: (min, max) => min + below(max - min + 1),
    is: probability => fraction() < probability,
    pick: list => {
      const picked = list[below(list.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    bytes: count => Uint8Array.from({ length: count }, () => below(256)),
  }
}
