/** A clock for tests with real servers: short waits pass by themselves, long ones when the test says so. */
import { type Clock, systemClock } from '../../src/domain/clock.ts'

export class HeldClock implements Clock {
  readonly #shortMs: number
  #skippedMs = 0
  readonly #held = new Set<{ readonly at: number; readonly delayMs: number; wake(): void }>()

  constructor(shortMs = 300) {
    this.#shortMs = shortMs
  }

  now(): number {
    return systemClock.now() + this.#skippedMs
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skippedMs
  }

  after(delayMs: number, wake: () => void): () => void {
    if (delayMs <= this.#shortMs) return systemClock.after(delayMs, wake)
    const timer = { at: this.monotonic() + delayMs, delayMs, wake }
    this.#held.add(timer)
    return () => void this.#held.delete(timer)
  }

  /** Resolves when somebody waits for so long. */
  async awaited(delayMs: number): Promise<void> {
    await until(() => [...this.#held].some(timer => timer.delayMs === delayMs))
  }

  /** So much time has passed all at once. */
  pass(ms: number): void {
    this.#skippedMs += ms
    const due = [...this.#held].filter(({ at }) => at <= this.monotonic()).sort((a, b) => a.at - b.at)
    for (const timer of due) if (this.#held.delete(timer)) timer.wake()
  }
}

const IN_VAIN_MS = 20_000

/** Resolves as soon as it is so; what happens meanwhile happens. */
export const until = async (isSo: () => boolean): Promise<void> => {
  const deadline = systemClock.monotonic() + IN_VAIN_MS
  while (!isSo()) {
    if (systemClock.monotonic() > deadline) throw new Error(`waited in vain: ${isSo}`)
    await new Promise(resolve => setImmediate(resolve))
  }
}
