/** `browseDestinations`, `testDestination`, `pauseDestination`, `resumeDestination`: how the places fare, and staff's hand on them. */
import type { Answered } from '../api/call.ts'
import { browseDestinations, pauseDestination, resumeDestination, testDestination } from '../api/delivery-calls.ts'
import type { Problem } from '../api/errors.ts'
import type { DestinationView } from '../api/ticket.ts'
import { PAUSED_BY_STAFF } from '../domain/alerts.ts'
import type { Clock } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import type { Principal } from '../domain/principal.ts'
import { isShown, shownDestination } from '../domain/shown-destination.ts'
import type { Store, StoredDestination } from '../domain/store.ts'
import type { Calls } from './call.ts'

export type TestResult = Answered<typeof testDestination>

export type DestinationsDeps = {
  readonly store: Pick<Store, 'destinations' | 'steer'>
  readonly clock: Pick<Clock, 'now'>
  readonly nextId: () => string
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
  /** Staff changed a state: whoever serves the destination is to look. */
  readonly onSteered: () => void
  /** Sends a test message; undefined when it could not go out. */
  readonly test: (destination: Destination) => Promise<TestResult | undefined>
}

export const registerDestinations = (calls: Calls, deps: DestinationsDeps): void => {
  calls.on(browseDestinations, async () => {
    const items = await listDestinations(deps)
    return { itemsPerPage: Math.max(50, items.length), items, next: null }
  })
  calls.on(pauseDestination, ({ name }, caller) => steer(deps, name, 'PAUSED', caller))
  calls.on(resumeDestination, ({ name }, caller) => steer(deps, name, 'OK', caller))
  calls.on(testDestination, ({ name }) => testNamed(deps, name))
}

export const listDestinations = async (
  deps: Pick<DestinationsDeps, 'store' | 'destinations' | 'clock'>,
): Promise<DestinationView[]> => {
  const configured = new Set(deps.destinations.map(({ name }) => name))
  return (await deps.store.destinations())
    .filter(stored => isShown(stored, configured))
    .map(stored => show(stored, deps))
}

export const testNamed = async (deps: DestinationsDeps, name: string): Promise<TestResult | Problem> => {
  const destination = deps.destinations.find(configured => configured.name === name)
  if (destination) return (await deps.test(destination)) ?? NOT_NOW
  const isLeft = (await deps.store.destinations()).some(stored => stored.name === name)
  return isLeft ? notConfigured(name) : unknownDestination(name)
}

/** Doing what is done already changes nothing and is answered alike. */
export const steer = async (deps: DestinationsDeps, name: string, state: 'PAUSED' | 'OK', by: Principal) => {
  const reason = state === 'PAUSED' ? PAUSED_BY_STAFF : null
  const order = { id: deps.nextId(), by: by.username }
  const health = await deps.store.steer({ destination: name, state, reason, now: deps.clock.now(), order })
  const stored = health && (await deps.store.destinations()).find(destination => destination.name === name)
  if (!stored) return unknownDestination(name)
  deps.onSteered()
  return show(stored, deps)
}

const show = (
  stored: StoredDestination,
  { destinations, clock }: Pick<DestinationsDeps, 'destinations' | 'clock'>,
): DestinationView => {
  const { name, pending, dead, oldestPendingAt, lastDeliveredAt } = stored
  const kinds = new Map(destinations.map(destination => [destination.name, destination.kind.kind]))
  const { state, reason, nextAttemptAt } = shownDestination(stored, new Set(kinds.keys()), clock.now())
  const kind = kinds.get(name) ?? null
  return { name, kind, state, reason, pending, dead, oldestPendingAt, nextAttemptAt, lastDeliveredAt }
}

const NOT_NOW: Problem = {
  code: 'BUSY',
  why: 'The destination asked us to wait, or is busy, so no test was sent. Try again when "nextAttemptAt" of browseDestinations is past.',
  retryAfterSeconds: 5,
}
const notConfigured = (name: string): Problem => ({
  code: 'NOT_FOUND',
  why: `"${name}" is not in the configuration of this service any more, so no test was sent.`,
})
const unknownDestination = (name: string): Problem => ({
  code: 'NOT_FOUND',
  why: `There is no destination "${name.slice(0, 63)}", so nothing was changed. browseDestinations lists those there are.`,
})
