/** A clock that moves only when a test says so, and runs the timers it passes, in order. */
import type { Clock } from '../../src/domain/clock.ts'

export class FakeClock implements Clock {
  #wall: number
  #mono = 0
  #timers: { at: number; wake: () => void }[] = []

  constructor(at = 1_764_028_800_000) {
    this.#wall = at
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#mono
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { at: this.#mono + Math.max(0, delayMs), wake }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Lets everything that is ready happen, without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => setImmediate(resolve))
  }

  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms
    await this.settle()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#move(Math.max(next.at, this.#mono))
      next.wake()
      await this.settle()
    }
    this.#move(end)
    await this.settle()
  }

  /** Somebody sets the wall clock; the monotonic one does not notice. */
  jump(ms: number): void {
    this.#wall += ms
  }

  #move(to: number): void {
    this.#wall += to - this.#mono
    this.#mono = to
  }
}
