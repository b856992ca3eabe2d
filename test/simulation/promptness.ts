/** Whether what was due was sent in time. Only lateness that nothing explains is blamed: after whatever happens at a destination it starts to count anew. */
import type { Entry } from './entries.ts'
import type { Life, Time } from './time.ts'

/** To read what is due, and its text. The engine looks again every 2 s: whoever relies on that is late. */
const LATE_MS = 500
/** After bad weather, until all that waited for the disk is through. */
const CLEARING_MS = 10_000

export class Promptness {
  readonly #time: Time
  readonly #busyUntil = new Map<string, number>()
  #fairFrom = 0
  /** Where a store may take any time to answer, nothing follows from lateness. */
  isKnown = true

  constructor(time: Time) {
    this.#time = time
  }

  /** Something happened there, which may have kept it busy until now, or will for so much longer. */
  busy(destination: string, forMs = 0): void {
    const until = this.#time.monotonic() + forMs
    this.#busyUntil.set(destination, Math.max(until, this.#busyUntil.get(destination) ?? 0))
  }

  weather(isFair: boolean): void {
    this.#fairFrom = isFair ? this.#time.monotonic() + CLEARING_MS : Number.POSITIVE_INFINITY
  }

  /** It is about to be sent, and is no probe. */
  problem({ id, destination, waitsSince, backoffMs, isDueBlurred }: Entry, life: Life): string | undefined {
    if (!this.isKnown || waitsSince === null || isDueBlurred) return undefined
    const excusedUntil = Math.max(this.#fairFrom, life.frozenUntil + CLEARING_MS, this.#busyUntil.get(destination) ?? 0)
    const lateMs = this.#time.monotonic() - Math.max(waitsSince + backoffMs, excusedUntil)
    return lateMs > LATE_MS ? `${id} was sent ${lateMs} ms after it was due, without cause` : undefined
  }
}
