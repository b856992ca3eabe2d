/** Time that passes from event to event. What a process is waiting for dies with it, and stands still while it is frozen. */
import type { Clock } from '../../src/domain/clock.ts'

/** One run of the program, from start to crash. */
export type Life = { readonly name: string; isDead: boolean; frozenUntil: number }

type Event = { at: number; readonly order: number; readonly life: Life | null; run: (() => void) | null }

const START_AT = 1_764_028_800_000

export class Time {
  #mono = 0
  #wall = START_AT
  #order = 0
  /** A binary heap: the earliest first, and of those at the same time the one that was made first. */
  readonly #heap: Event[] = []
  readonly #held = new Set<Promise<unknown>>()
  /** Resolves when all that follows at once has happened; then time may go on. */
  settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#mono
  }

  jump(ms: number): void {
    this.#wall += ms
  }

  /** Runs `run` after `ms`, unless the life it belongs to has ended by then. The function that comes back cancels it. */
  after(ms: number, run: () => void, life: Life | null = null): () => void {
    this.#order += 1
    const event: Event = { at: this.#mono + Math.max(0, Math.ceil(ms)), order: this.#order, life, run }
    this.#push(event)
    return () => {
      event.run = null
    }
  }

  /** Time stands still until this, which happens outside of it, is over. */
  hold(work: Promise<unknown>): void {
    this.#held.add(work)
    void work.finally(() => this.#held.delete(work)).catch(() => {}) // told by whoever waits for it
  }

  /** Resolves when nothing is under way any more that does not wait for time. */
  async settled(): Promise<void> {
    do {
      await Promise.all(this.#held)
      await this.settle()
    } while (this.#held.size > 0)
  }

  clockOf(life: Life): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      after: (ms, wake) => this.after(ms, wake, life),
    }
  }

  /** The next event, and everything that follows from it at once. False when nothing is left to happen. */
  async step(): Promise<boolean> {
    const event = this.#pop()
    if (!event) return false
    const { life, run } = event
    if (!run || life?.isDead) return true
    if (life && life.frozenUntil > event.at) {
      event.at = life.frozenUntil
      this.#push(event)
      return true
    }
    this.#wall += event.at - this.#mono
    this.#mono = event.at
    run()
    await this.settled()
    return true
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at], heap[parent])) return
      swap(heap, at, parent)
      at = parent
    }
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || first === last) return first
    heap[0] = last
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const least = isBefore(heap[right], heap[left]) ? right : left
      if (!isBefore(heap[least], heap[at])) return first
      swap(heap, at, least)
      at = least
    }
  }
}

const isBefore = (a: Event | undefined, b: Event | undefined): boolean =>
  a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order))

const swap = (heap: Event[], a: number, b: number): void => {
  const [first, second] = [heap[a], heap[b]]
  if (first && second) [heap[a], heap[b]] = [second, first]
}
