/** How a destination fares. The table of states (docs/guarantees.md shows it as a picture):
 *
 *  OK       → FAILING   5 `retry` in a row in settling order, or one `unavailable`; `refused` and `unclear` do not count
 *  FAILING  → OK        the first success
 *  any      → PAUSED    staff, or unclear answers; back to OK by resume
 *  any      → held      until the moment a `Retry-After` names, whatever else an answer means that is no success
 *
 *  NOT_CONFIGURED is not stored: it is what a destination is when no living engine's configuration names it. */

import type { AskedWait, Outcome } from './outcome.ts'
import { probeDelayMs } from './schedule.ts'

export type DestinationHealth = {
  readonly state: 'OK' | 'FAILING' | 'PAUSED'
  /** Why it is not OK: a stable code. */
  readonly reason: string | null
  /** Probes sent since it began to fail. */
  readonly step: number
  /** When the next probe goes out, while FAILING. */
  readonly probeAt: number | null
  /** No request before this instant: the service asked for it. */
  readonly heldUntil: number | null
  /** Since when it has been held in any way without a success between. */
  readonly heldSince: number | null
  /** `retry` outcomes since the last success. */
  readonly retriesInRow: number
  /** Deliveries that ever succeeded: lets a delivery see whether another passed meanwhile. */
  readonly successCount: number
  readonly lastDeliveredAt: number | null
  /** When an answer last asked to wait for more than a day, which counts as a day. */
  readonly waitCutAt: number | null
  /** Grows when staff change the state, so that an engine's older view does not overwrite it. */
  readonly revision: number
}

const RETRIES_UNTIL_FAILING = 5

export const newHealth: DestinationHealth = {
  state: 'OK',
  reason: null,
  step: 0,
  probeAt: null,
  heldUntil: null,
  heldSince: null,
  retriesInRow: 0,
  successCount: 0,
  lastDeliveredAt: null,
  waitCutAt: null,
  revision: 0,
}

/** The destination's health after an attempt with this outcome. `pause`: the delivery rules found that staff must decide. */
export const healthAfter = (
  known: DestinationHealth,
  outcome: Outcome,
  context: { readonly now: number; readonly isProbe: boolean; readonly pause: boolean },
): DestinationHealth => {
  const { now } = context
  const before = released(known, now)
  if (outcome.kind === 'delivered') {
    const success = { ...before, retriesInRow: 0, successCount: before.successCount + 1, lastDeliveredAt: now }
    if (before.state === 'PAUSED') return success
    // It may have been under way when another answer asked to wait: that wait stays.
    const heldUntil = before.heldUntil !== null && before.heldUntil > now ? before.heldUntil : null
    return { ...success, state: 'OK', reason: null, step: 0, probeAt: null, heldUntil, heldSince: null }
  }
  const asked = held(before, outcome, now)
  if (context.pause)
    return { ...asked, state: 'PAUSED', reason: outcome.reason, probeAt: null, heldSince: before.heldSince ?? now }

  const counted = outcome.kind === 'retry' ? counting(asked) : asked
  switch (counted.state) {
    case 'PAUSED':
      return counted
    case 'FAILING':
      return context.isProbe ? probed(counted, outcome, now) : counted
    case 'OK':
      return isFailing(counted, outcome) ? failing(counted, outcome.reason, now) : counted
  }
}

const counting = (health: DestinationHealth): DestinationHealth => ({
  ...health,
  retriesInRow: health.retriesInRow + 1,
})

const held = (health: DestinationHealth, { waitMs, cut = false }: AskedWait, now: number): DestinationHealth =>
  waitMs === undefined
    ? health
    : {
        ...health,
        waitCutAt: cut ? now : health.waitCutAt,
        heldUntil: Math.max(health.heldUntil ?? 0, Math.ceil(now + waitMs)),
        heldSince: health.heldSince ?? now,
      }

const isFailing = (health: DestinationHealth, outcome: Outcome): boolean =>
  outcome.kind === 'unavailable' || (outcome.kind === 'retry' && health.retriesInRow >= RETRIES_UNTIL_FAILING)

const failing = (health: DestinationHealth, reason: string, now: number): DestinationHealth => ({
  ...health,
  state: 'FAILING',
  reason,
  step: 0,
  probeAt: now + probeDelayMs(0),
  heldSince: health.heldSince ?? now,
})

/** A probe that did not succeed: the next one later; refused or unclear text says nothing about the destination, so the interval stays. */
const probed = (
  health: DestinationHealth,
  outcome: Exclude<Outcome, { kind: 'delivered' }>,
  now: number,
): DestinationHealth => {
  const blames = outcome.kind === 'retry' || outcome.kind === 'unavailable'
  const step = blames ? health.step + 1 : health.step
  return { ...health, reason: blames ? outcome.reason : health.reason, step, probeAt: now + probeDelayMs(step) }
}

/** After a restart, or when another engine takes over: a failing destination is probed at once; a pause and a `Retry-After` hold; and whatever
 *  waited only because nobody served the destination is not held any more. */
export const healthAtTaking = (stored: DestinationHealth, now: number): DestinationHealth => {
  // The clock may have been set back meanwhile.
  const health = stored.heldSince === null ? stored : { ...stored, heldSince: Math.min(stored.heldSince, now) }
  return health.state === 'FAILING' ? { ...health, probeAt: now } : released(health, now)
}

/** A hold that ran out while the destination was OK is over, though nothing was sent since: the next one begins anew. */
export const released = (health: DestinationHealth, now: number): DestinationHealth =>
  health.state === 'OK' && health.heldSince !== null && (health.heldUntil ?? 0) <= now
    ? { ...health, heldSince: null }
    : health

/** Nobody's configuration names it any more: what waits, if anything does, is held from now on if nothing else held it. */
export const healthAtLeaving = (known: DestinationHealth, now: number, isWaiting: boolean): DestinationHealth => {
  const before = released(known, now)
  return { ...before, heldSince: before.heldSince ?? (isWaiting ? now : null) }
}

/** What staff did. Undefined when nothing changes. */
export const steered = (
  known: DestinationHealth,
  order: { readonly state: 'PAUSED' | 'OK'; readonly reason: string | null; readonly now: number },
): DestinationHealth | undefined => {
  const before = released(known, order.now)
  if (order.state === 'PAUSED') {
    if (before.state === 'PAUSED') return undefined
    return {
      ...before,
      state: 'PAUSED',
      reason: order.reason,
      probeAt: null,
      heldSince: before.heldSince ?? order.now,
      revision: before.revision + 1,
    }
  }
  if (before.state !== 'PAUSED') return undefined
  return {
    ...before,
    state: 'OK',
    reason: null,
    step: 0,
    probeAt: null,
    heldSince: null,
    retriesInRow: 0,
    revision: before.revision + 1,
  }
}

/** An engine's view taken over, except for what staff changed since the engine last looked. What a service asked us to wait is never theirs
 *  to change. */
export const healthSettled = (current: DestinationHealth, seen: DestinationHealth): DestinationHealth => {
  if (current.revision === seen.revision) return seen
  const { successCount, lastDeliveredAt, heldUntil, waitCutAt } = seen
  return { ...current, successCount, lastDeliveredAt, heldUntil, waitCutAt }
}
