/** One event for one destination, and what an attempt makes of it. The table of states:
 *
 *  PENDING → DELIVERED  the service's documented success
 *  PENDING → PENDING    retry: due after the backoff, which is charged once waited out · refused with a level left: at once ·
 *                       unavailable: waits for the destination · unclear, first and second: not before a minute
 *  PENDING → DEAD       refused at the last level · unavailable 8 times with another's success between each · 72 h of backoff
 *                       spent · third unclear answer while another passed (if none did, the destination is PAUSED instead) */
import type { DeliveryState } from '../api/ticket.ts'
import type { DestinationHealth } from './destination-health.ts'
import { healthAfter } from './destination-health.ts'
import type { Outcome } from './outcome.ts'
import { BUDGET_MS, backoffMs, UNCLEAR_WAIT_MS } from './schedule.ts'

export type DeliveryKey = {
  readonly ticketNumber: number
  /** 1 is the created event. */
  readonly eventNumber: number
  readonly destination: string
}

/** A delivery by its ticket's id instead of its number. */
export type DeliveryName = Omit<DeliveryKey, 'ticketNumber'> & { readonly ticketId: string }

export type DeliveryProgress = DeliveryKey & {
  /** Requests that were to show the ticket, step-downs included. */
  readonly attempts: number
  /** Index into the kind's levels. */
  readonly level: number
  /** Backoffs so far; decides how long the next one may be. */
  readonly step: number
  /** The backoff that `nextAttemptAt` waits for; charged to the budget once waited out. */
  readonly backoffMs: number
  /** Backoff waited out so far, of 72 h. */
  readonly spentMs: number
  readonly nextAttemptAt: number
  readonly attemptedAt: number | null
  readonly unclearCount: number
  /** The destination's success count at the first unclear answer. */
  readonly unclearMark: number
  readonly unavailableCount: number
  /** The destination's success count at the last counted unavailable answer. */
  readonly unavailableMark: number
}

/** Reasons of deliveries that were given up by a decision, not by an answer. */
export const ERASED = 'erased'
export const MOVED = 'moved'

export const UNAVAILABLE_MAX = 8
const UNCLEAR_MAX = 3

export const newProgress = (key: DeliveryKey, now: number): DeliveryProgress => ({
  ticketNumber: key.ticketNumber,
  eventNumber: key.eventNumber,
  destination: key.destination,
  attempts: 0,
  level: 0,
  step: 0,
  backoffMs: 0,
  spentMs: 0,
  nextAttemptAt: now,
  attemptedAt: null,
  unclearCount: 0,
  unclearMark: 0,
  unavailableCount: 0,
  unavailableMark: 0,
})

/** Ids are made of what they name, so nothing has to be stored or looked up for them. A receiver sees a delivery's id as its
 *  key for dropping repetitions: the same on every attempt, and without a full stop. */
export const eventId = (ticketId: string, eventNumber: number): string => `${ticketId}-${eventNumber}`
export const deliveryId = (ticketId: string, key: Omit<DeliveryKey, 'ticketNumber'>): string =>
  `${ticketId}-${key.eventNumber}-${key.destination}`

/** What a delivery's id names; undefined for a text that is no such id. */
export const parseDeliveryId = (id: string): DeliveryName | undefined => {
  const [, ticketId, eventNumber, destination] = /^([0-9a-f-]{36})-([1-9]\d{0,8})-([a-z0-9-]{1,63})$/i.exec(id) ?? []
  if (ticketId === undefined || destination === undefined) return undefined
  return { ticketId: ticketId.toLowerCase(), eventNumber: Number(eventNumber), destination }
}

export type AttemptContext = {
  /** When the attempt ended. */
  readonly now: number
  /** When it began. */
  readonly startedAt: number
  /** Sent to find out whether a failing destination is back: neither charges nor advances the budget. */
  readonly isProbe: boolean
  /** Random, 0 ≤ fraction < 1. */
  readonly fraction: number
  /** Index of the next level whose message differs, or null at the last. */
  readonly nextLevel: number | null
}

export type AttemptResult = {
  readonly state: DeliveryState
  readonly reason: string | null
  readonly progress: DeliveryProgress
  readonly health: DestinationHealth
}

/** What an attempt with this outcome makes of the delivery and of its destination. */
export const afterAttempt = (
  before: DeliveryProgress,
  health: DestinationHealth,
  outcome: Outcome,
  context: AttemptContext,
): AttemptResult => {
  const tried = charged(before, context)
  const next = decide(tried, health, outcome, context)
  return {
    state: next.state,
    reason: outcome.kind === 'delivered' ? null : (next.reason ?? outcome.reason),
    progress: next.progress,
    health: healthAfter(health, outcome, { now: context.now, isProbe: context.isProbe, pause: next.pause ?? false }),
  }
}

type Decision = { state: DeliveryState; progress: DeliveryProgress; reason?: string; pause?: boolean }

const charged = (before: DeliveryProgress, context: AttemptContext): DeliveryProgress => ({
  ...before,
  attempts: before.attempts + 1,
  attemptedAt: context.startedAt,
  spentMs: context.isProbe ? before.spentMs : before.spentMs + before.backoffMs,
})

const decide = (
  tried: DeliveryProgress,
  health: DestinationHealth,
  outcome: Outcome,
  context: AttemptContext,
): Decision => {
  switch (outcome.kind) {
    case 'delivered':
      return { state: 'DELIVERED', progress: tried }
    case 'retry':
      return retried(tried, context)
    case 'refused':
      return context.nextLevel === null
        ? { state: 'DEAD', progress: tried }
        : { state: 'PENDING', progress: { ...due(tried, context.now, 0), level: context.nextLevel } }
    case 'unavailable':
      return unavailable(tried, health, context)
    case 'unclear':
      return unclear(tried, health, context)
  }
}

const due = (progress: DeliveryProgress, now: number, waitMs: number): DeliveryProgress => ({
  ...progress,
  backoffMs: waitMs,
  nextAttemptAt: now + waitMs,
})

const retried = (tried: DeliveryProgress, context: AttemptContext): Decision => {
  if (context.isProbe) return { state: 'PENDING', progress: tried }
  if (tried.spentMs >= BUDGET_MS) return { state: 'DEAD', progress: tried, reason: 'budget-spent' }
  const waitMs = backoffMs(tried.step, context.fraction)
  return { state: 'PENDING', progress: { ...due(tried, context.now, waitMs), step: tried.step + 1 } }
}

const unavailable = (tried: DeliveryProgress, health: DestinationHealth, context: AttemptContext): Decision => {
  const counts = tried.unavailableCount === 0 || health.successCount > tried.unavailableMark
  const progress = counts
    ? { ...tried, unavailableCount: tried.unavailableCount + 1, unavailableMark: health.successCount }
    : tried
  if (progress.unavailableCount >= UNAVAILABLE_MAX) return { state: 'DEAD', progress }
  return { state: 'PENDING', progress: context.isProbe ? progress : due(progress, context.now, 0) }
}

const unclear = (tried: DeliveryProgress, health: DestinationHealth, context: AttemptContext): Decision => {
  const progress = {
    ...due(tried, context.now, UNCLEAR_WAIT_MS),
    unclearCount: tried.unclearCount + 1,
    unclearMark: tried.unclearCount === 0 ? health.successCount : tried.unclearMark,
  }
  if (progress.unclearCount < UNCLEAR_MAX) return { state: 'PENDING', progress }
  if (health.successCount > progress.unclearMark) return { state: 'DEAD', progress }
  return { state: 'PENDING', progress, pause: true }
}
