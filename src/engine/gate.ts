/** Whether something may start at a destination now, and if not, when: its lease, its state, its holds, its pace and how much is under way. */
import type { Clock } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import type { Lease } from '../domain/store.ts'
import { createPace, type Pace } from './pace.ts'
import type { Standing } from './standing.ts'

/** After trouble, how long to wait before anything starts again. */
const BREATH_MS = 500

export type GateDeps = {
  readonly destination: Destination
  readonly standing: Standing
  readonly clock: Clock
  /** While an outcome waits for the store, no new work: it could not be recorded either, and would be repeated. */
  readonly isRecordingOverdue: () => boolean
}

export class Gate {
  readonly #deps: GateDeps
  readonly #pace: Pace
  /** By the monotonic clock, as the next one. */
  #leaseUntil: number
  #breathUntil = 0
  #lastSentAt: number | null
  #isClosed = false

  /** @param leaseUntil by the monotonic clock */
  constructor(lease: Lease, leaseUntil: number, deps: GateDeps) {
    this.#deps = deps
    this.#leaseUntil = leaseUntil
    this.#lastSentAt = lease.lastSentAt
    const { clock, destination } = deps
    // The former holder's last send counts, so that a change of hands does not double the pace.
    const sinceLast = lease.lastSentAt === null ? [] : [clock.monotonic() - Math.max(0, clock.now() - lease.lastSentAt)]
    this.#pace = createPace(destination.rate, sinceLast)
  }

  get lastSentAt(): number | null {
    return this.#lastSentAt
  }

  /** @param leaseUntil by the monotonic clock */
  renew(leaseUntil: number): void {
    this.#leaseUntil = leaseUntil
  }

  /** Nothing starts any more. */
  close(): void {
    this.#isClosed = true
  }

  /** Nothing starts for a moment: the store, or we ourselves, had trouble. */
  takeBreath(): void {
    this.#breathUntil = this.#deps.clock.monotonic() + BREATH_MS
  }

  /** How many deliveries may start now beside those under way; 0 when something else will wake us; below 0: look again in so many milliseconds.
   *  @param isTest a test message passes while the destination fails or is paused */
  room(underWay: number, isTest = false): number {
    const { clock, standing, destination } = this.#deps
    const mono = clock.monotonic()
    const isProbing = standing.health.state === 'FAILING' && !isTest
    if (!this.#isServing(mono, isTest)) return 0
    const waitUntil = Math.max(standing.heldUntil, this.#breathUntil)
    if (waitUntil > mono) return mono - waitUntil
    const free = (isProbing ? 1 : destination.concurrency) - underWay
    if (free <= 0) return 0
    if (isProbing && standing.probeAt > mono) return mono - standing.probeAt
    const waitMs = this.#pace.waitMs(mono)
    return waitMs > 0 ? -waitMs : Math.min(free, this.#pace.room(mono))
  }

  /** Takes a place in the pace for something that is about to be sent. @returns to be told when it is sent, should that be later */
  take(): (sentAt: number) => void {
    return this.#pace.take(this.#deps.clock.monotonic())
  }

  /** Words of our own go out at once. */
  takeNow(): void {
    this.take()
    this.#lastSentAt = this.#deps.clock.now()
  }

  /** The last look before the request leaves. What changed while the text was loaded (a pause, a hold, a lease that runs out) counts. The pace is kept
   *  between sends, not loads. @param sendsAt what `take` returned */
  maySend(isProbe: boolean, sendsAt: (sentAt: number) => void): boolean {
    const { clock, standing } = this.#deps
    const mono = clock.monotonic()
    const isHeld = standing.heldUntil > mono || (standing.health.state === 'FAILING' && !isProbe)
    if (isHeld || !this.#isServing(mono)) return false
    sendsAt(mono)
    this.#lastSentAt = clock.now()
    return true
  }

  #isServing(mono: number, isTest = false): boolean {
    const { standing, destination, isRecordingOverdue } = this.#deps
    const isPaused = standing.health.state === 'PAUSED' && !isTest
    if (this.#isClosed || isPaused || isRecordingOverdue()) return false
    return mono + destination.timeoutMs <= this.#leaseUntil
  }
}
