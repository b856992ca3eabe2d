/** What is counted, in Prometheus' text format. Labels hold names from the configuration and closed lists only. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type AttemptOutcome, type DestinationState, destinationStates } from '../api/ticket.ts'
import { isShown, shownDestination } from '../domain/shown-destination.ts'
import type { StoredDestination } from '../domain/store.ts'

export type Metrics = {
  requestAnswered(route: string, method: string, status: number, seconds: number): void
  ticketAccepted(): void
  ticketRefused(code: string): void
  attempted(destination: string, outcome: AttemptOutcome, seconds: number): void
  deliveryDied(destination: string, reason: string): void
  destinationChanged(destination: string, state: DestinationState): void
  storeFailed(what: string): void
  /** What there is of our own, for the documentation. */
  described(): readonly Described[]
  /** The text for a scrape. */
  text(): Promise<{ readonly type: string; readonly body: string }>
}

export type Described = {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labels: readonly string[]
}

/** @param destinations read at each scrape, so that what waits is never out of date
 *  @param configured names of those that the configuration has */
export const createMetrics = (
  destinations: () => Promise<readonly StoredDestination[]>,
  now: () => number,
  configured: ReadonlySet<string>,
): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'support_relay_http_request_duration_seconds',
    help: 'Time from a request to its answer, by route pattern, method and status.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const accepted = new Counter({
    name: 'support_relay_tickets_accepted_total',
    help: 'Tickets stored, each counted once however often it is sent.',
    registers,
  })
  const refused = new Counter({
    name: 'support_relay_tickets_refused_total',
    help: 'Tickets not accepted, by error code.',
    labelNames: ['code'],
    registers,
  })
  const attempts = new Histogram({
    name: 'support_relay_attempt_duration_seconds',
    help: 'Attempts of deliveries, by destination and outcome.',
    labelNames: ['destination', 'outcome'],
    buckets: [0.005, 0.025, 0.1, 0.25, 1, 5, 15],
    registers,
  })
  const died = new Counter({
    name: 'support_relay_deliveries_dead_total',
    help: 'Deliveries given up, by destination and reason.',
    labelNames: ['destination', 'reason'],
    registers,
  })
  const changes = new Counter({
    name: 'support_relay_destination_changes_total',
    help: 'Times a destination came into a state.',
    labelNames: ['destination', 'state'],
    registers,
  })
  const storeFailures = new Counter({
    name: 'support_relay_store_failures_total',
    help: 'Times the store could not answer, by what was wanted.',
    labelNames: ['what'],
    registers,
  })

  const pending = new Gauge({
    name: 'support_relay_deliveries_pending',
    help: 'Deliveries that wait, by destination.',
    labelNames: ['destination'],
    registers,
  })
  const dead = new Gauge({
    name: 'support_relay_deliveries_dead',
    help: 'Deliveries given up and not replayed, by destination.',
    labelNames: ['destination'],
    registers,
  })
  const age = new Gauge({
    name: 'support_relay_oldest_pending_age_seconds',
    help: 'Age of the oldest delivery that waits, held ones included.',
    labelNames: ['destination'],
    registers,
  })
  const state = new Gauge({
    name: 'support_relay_destination_state',
    help: '1 for the state a destination is in.',
    labelNames: ['destination', 'state'],
    registers,
  })

  return {
    requestAnswered: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    ticketAccepted: () => accepted.inc(),
    ticketRefused: code => refused.inc({ code }),
    attempted: (destination, outcome, seconds) => attempts.observe({ destination, outcome }, seconds),
    deliveryDied: (destination, reason) => died.inc({ destination, reason }),
    destinationChanged: (destination, to) => changes.inc({ destination, state: to }),
    storeFailed: what => storeFailures.inc({ what }),
    described: () =>
      registry
        .getMetricsAsArray()
        .filter(({ name }) => name.startsWith('support_relay_'))
        // The names of the labels are there, and missing in the library's types.
        .map(each => ({ ...each, labels: (each as { labelNames?: string[] }).labelNames ?? [] }))
        .map(({ name, type, help, labels }) => ({ name, type: String(type), help, labels })),
    async text() {
      await refresh()
      return { type: registry.contentType, body: await registry.metrics() }
    },
  }

  async function refresh() {
    const all = (await destinations()).filter(each => isShown(each, configured))
    for (const gauge of [pending, dead, age, state]) gauge.reset()
    for (const each of all) {
      const { name: destination } = each
      pending.set({ destination }, each.pending)
      dead.set({ destination }, each.dead)
      age.set({ destination }, each.oldestPendingAt === null ? 0 : Math.max(0, (now() - each.oldestPendingAt) / 1_000))
      const current = shownDestination(each, configured, now()).state
      for (const known of destinationStates) state.set({ destination, state: known }, known === current ? 1 : 0)
    }
  }
}
