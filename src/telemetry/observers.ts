/** Turns what the rooms tell about themselves into log lines and counts. */
import type { Attempt } from '../api/ticket.ts'
import type { AttemptResult } from '../domain/delivery.ts'
import type { ShownState } from '../domain/shown-destination.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

export const engineObserver = (log: Log, metrics: Metrics) => ({
  attempted(destination: string, attempt: Attempt, after: AttemptResult) {
    metrics.attempted(destination, attempt.outcome, attempt.ms / 1_000)
    const facts = {
      destination,
      ticketNumber: after.progress.ticketNumber,
      event: after.progress.eventNumber,
      attempt: after.progress.attempts,
      outcome: attempt.outcome,
      status: attempt.status,
      reason: after.reason,
      ms: attempt.ms,
    }
    if (after.state === 'DEAD') {
      metrics.deliveryDied(destination, after.reason ?? 'unknown')
      log.warn('delivery given up', facts)
    } else log.info(after.state === 'DELIVERED' ? 'delivered' : 'attempt did not succeed', facts)
  },
  stateChanged(destination: string, change: { from: ShownState; to: ShownState; reason: string | null }) {
    metrics.destinationChanged(destination, change.to)
    log.warn('destination changed', { destination, ...change })
  },
  clockJumped: (byMs: number) => log.warn('the clock jumped; waiting times keep their length', { byMs }),
  expired: (destination: string, count: number) =>
    log.warn('deliveries given up: held for 30 days', { destination, count }),
  announced(matter: string, through: string | null) {
    if (through === null) log.warn('nobody is known to have been told: no private destination took it', { matter })
    else log.warn('announced', { matter, through })
  },
  failed(what: string, destination: string | null, error: unknown) {
    metrics.storeFailed(what)
    log.error(`could not ${what}`, error, { destination })
  },
})

export const httpObserver = (log: Log, metrics: Metrics) => ({
  answered(request: {
    route: string
    method: string
    status: number
    ms: number
    requestId: string
    client: string | null
    code: string | null
    reason: string | null
  }) {
    metrics.requestAnswered(request.route, request.method, request.status, request.ms / 1_000)
    if (request.status >= 400) log.info('request refused', { ...request, ms: Math.round(request.ms) })
  },
  failed: (requestId: string, error: unknown) => log.error('a mistake of ours', error, { requestId }),
})

export const keysObserver = (log: Log) => ({
  keySkipped: (skipped: { kid: string | null; why: string }) =>
    log.warn('a key that the issuer publishes cannot be used', { kid: skipped.kid?.slice(0, 100), why: skipped.why }),
  keysNotFetched: (why: string, known: number) => log.warn("the issuer's keys could not be fetched", { why, known }),
})
