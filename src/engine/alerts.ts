/** Announces what stays undelivered, through a destination that works. Looks at what is stored, again and again: so whatever happens
 *  between a happening and its announcement, it is announced. */
import { alertText, isDue, type Matter, mattersOf, QUIET_MS } from '../domain/alerts.ts'
import type { Clock } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import type { DestinationHealth } from '../domain/destination-health.ts'
import { isConfigured } from '../domain/shown-destination.ts'
import type { Announcement, Store, StoredDestination } from '../domain/store.ts'
import type { Engine } from './engine.ts'
import type { EngineObserver } from './observer.ts'

/** An announcement goes out within a minute, two destinations that take their time included. */
const LOOK_EVERY_MS = 10_000
/** So long whoever serves the first channel is left to announce a matter, before any other engine does. */
const PATIENCE_MS = 20_000

export type AlertsDeps = {
  readonly store: Pick<Store, 'destinations' | 'announcements' | 'announced' | 'deadReasons'>
  readonly tell: Engine['tell']
  readonly healthOf: Engine['healthOf']
  readonly clock: Clock
  readonly nextId: () => string
  /** Those of the configuration, in its order. */
  readonly destinations: readonly Destination[]
  /** Who is to hear of it; null for the first private one that works. */
  readonly to: string | null
  readonly observer: Pick<EngineObserver, 'announced' | 'failed'>
  /** Given what each look finds, before anything of it is announced. */
  readonly onLook: (all: readonly StoredDestination[]) => Promise<void>
}

/** @returns stops looking; resolves when the last look has ended */
export const watchForAlerts = (deps: AlertsDeps): (() => Promise<void>) => {
  const { store, clock, destinations, observer } = deps
  const configured = new Set(destinations.map(({ name }) => name))
  let isStopped = false
  let looking: Promise<void> = Promise.resolve()
  let cancel = () => {}
  /** Since when, by the monotonic clock, each matter has been due at every look. */
  let dueSince = new Map<string, number>()
  /** Matters that could not be announced, and are in the log. */
  const unheard = new Set<string>()
  /** When each matter may have been shown to people, though nobody knows: they are not to read it every ten seconds. */
  const shownAt = new Map<string, number>()
  schedule()
  return async () => {
    isStopped = true
    cancel()
    await looking
  }

  function schedule() {
    if (isStopped) return
    cancel = clock.after(LOOK_EVERY_MS, () => {
      looking = look()
        .catch(error => observer.failed('look for what to announce', null, error))
        .finally(schedule)
    })
  }

  async function look() {
    // What is stored stands by a clock that may have jumped since.
    const all = (await store.destinations()).map(stored => ({
      ...stored,
      health: deps.healthOf(stored.name) ?? stored.health,
    }))
    await deps.onLook(all)
    const due = new Map<string, number>()
    const known = new Map((await store.announcements()).map(announcement => [announcement.matter, announcement]))
    for (const stored of all) {
      for (const matter of mattersOf(stored, isConfigured(stored, configured), clock.now())) {
        const last = known.get(matter.key)
        const isShown = Math.abs(clock.now() - (shownAt.get(matter.key) ?? Number.NEGATIVE_INFINITY)) < QUIET_MS
        if (isStopped || isShown || !isDue(matter, last, clock.now())) continue
        due.set(matter.key, dueSince.get(matter.key) ?? clock.monotonic())
        await announce(matter, stored, all, last)
      }
    }
    dueSince = due
  }

  async function announce(
    matter: Matter,
    stored: StoredDestination,
    all: readonly StoredDestination[],
    last: Announcement | undefined,
  ) {
    const reasons = matter.kind === 'dead' ? await store.deadReasons({ destination: stored.name }) : []
    const words = alertText(matter, stored, { last, reasons, isConfigured: isConfigured(stored, configured) })
    const names = channels(all)
    // Of engines that share the store the one that serves the first channel speaks, so that people read it once; if it does not, the others do.
    const isOurs = (name: string) => deps.healthOf(name) !== undefined
    const waitedMs = clock.monotonic() - (dueSince.get(matter.key) ?? clock.monotonic())
    if (names[0] !== undefined && !isOurs(names[0]) && waitedMs < PATIENCE_MS) return
    for (const name of names.filter(isOurs)) {
      const at = clock.now()
      const told = await deps.tell(name, { id: `alert-${deps.nextId()}`, type: 'support.alert', at, ...words })
      const outcome = told?.outcome
      if (outcome?.kind === 'delivered') return heard(matter, name)
      if (outcome?.kind === 'unclear' || (outcome?.kind === 'retry' && outcome.reason === 'timeout'))
        shownAt.set(matter.key, clock.now())
    }
    // Until one of them works again; in the log once.
    if (!unheard.has(matter.key)) observer.announced(matter.key, null)
    unheard.add(matter.key)
  }

  async function heard(matter: Matter, by: string) {
    unheard.delete(matter.key)
    // Until it is noted: the store may be away just now.
    shownAt.set(matter.key, clock.now())
    observer.announced(matter.key, by)
    await store.announced({ matter: matter.key, at: clock.now(), mark: matter.mark })
    shownAt.delete(matter.key)
  }

  /** Who can hear of it now: whoever is named first, then every private one. Then those that fail and are to be probed: with nothing else to send
   *  there, nobody would notice that they work again. */
  function channels(all: readonly StoredDestination[]): string[] {
    const healths = new Map(all.map(({ name, health }) => [name, health]))
    const named = destinations.filter(({ name }) => name === deps.to)
    const others = destinations.filter(({ name, kind }) => name !== deps.to && kind.isPrivate)
    const names = [...named, ...others].map(({ name }) => name)
    const may = (state: DestinationHealth['state']) =>
      names.filter(name => {
        const health = healths.get(name)
        return health?.state === state && Math.max(health.heldUntil ?? 0, health.probeAt ?? 0) <= clock.now()
      })
    return [...may('OK'), ...may('FAILING')]
  }
}
