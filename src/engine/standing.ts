/** How a destination stands, as the engine that serves it sees it: its health, and the moments that we wait for by the monotonic clock, so that
 *  no jump of the other one undercuts them. Outlives a lease: whoever loses one and takes it again still knows what it was asked to wait. */
import type { Clock } from '../domain/clock.ts'
import { type DestinationHealth, healthAtTaking, newHealth } from '../domain/destination-health.ts'
import { RETRY_AFTER_MAX_MS } from '../domain/schedule.ts'
import type { StateChange } from './observer.ts'

export class Standing {
  readonly #clock: Clock
  readonly #onChange: (change: StateChange) => void
  #health: DestinationHealth = newHealth
  #heldUntil = 0
  #probeAt = 0

  /** @param onChange told of every state that it comes into by an outcome or by staff, but not of what stood in the store */
  constructor(clock: Clock, onChange: (change: StateChange) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  get health(): DestinationHealth {
    return this.#health
  }

  /** No request before this, by the monotonic clock. */
  get heldUntil(): number {
    return this.#heldUntil
  }

  /** No probe before this, by the monotonic clock. */
  get probeAt(): number {
    return this.#probeAt
  }

  /** A lease was taken: what is stored counts, except that a wait which this process was asked for is not undercut. */
  take(stored: DestinationHealth): void {
    const known = this.#heldUntil
    const now = this.#clock.now()
    this.#set(withinADay(healthAtTaking(stored, now), now))
    if (known <= Math.max(this.#heldUntil, this.#clock.monotonic())) return
    this.#heldUntil = known
    this.#health = { ...this.#health, heldUntil: this.#byWallClock(known) }
  }

  /** An outcome made it so. */
  become(health: DestinationHealth): void {
    const from = this.#health.state
    this.#set(health)
    if (from !== health.state) this.#onChange({ from, to: health.state, reason: health.reason })
  }

  #set(health: DestinationHealth): void {
    const byMonotonic = (at: number | null) => (at === null ? 0 : this.#clock.monotonic() + at - this.#clock.now())
    // A moment that stays the same keeps what was worked out for it when it was set.
    if (health.heldUntil !== this.#health.heldUntil) this.#heldUntil = byMonotonic(health.heldUntil)
    if (health.probeAt !== this.#health.probeAt) this.#probeAt = byMonotonic(health.probeAt)
    this.#health = health
  }

  /** Takes over what staff changed since we last looked, if they did. */
  adopt(stored: DestinationHealth): void {
    if (stored.revision <= this.#health.revision) return
    // What a service asked us to wait is no matter of staff's; and what stands in the store was written before the clock jumped, if it did.
    this.become({ ...stored, heldUntil: this.#health.heldUntil })
  }

  /** The wall clock jumped: the moments that are kept and shown move along, and so does the one since when we wait. */
  shift(byMs: number): void {
    const { heldUntil, heldSince, probeAt } = this.#health
    this.#health = {
      ...this.#health,
      // From the waits, not from what stood there: an answer may have set them after the jump.
      heldUntil: heldUntil === null ? null : this.#byWallClock(this.#heldUntil),
      probeAt: probeAt === null ? null : this.#byWallClock(this.#probeAt),
      heldSince: heldSince === null ? null : Math.min(heldSince + byMs, this.#clock.now()),
    }
  }

  #byWallClock(monotonic: number): number {
    return Math.ceil(this.#clock.now() + monotonic - this.#clock.monotonic())
  }
}

/** A hold that lies further off than any `Retry-After` counts was written under a clock that has gone back since. */
const withinADay = (health: DestinationHealth, now: number): DestinationHealth =>
  health.heldUntil !== null && health.heldUntil - now > RETRY_AFTER_MAX_MS
    ? { ...health, heldUntil: now + RETRY_AFTER_MAX_MS }
    : health
