/** Tells when a destination with deliveries left is in nobody's configuration any more, and when it is in one again. That is stored: a
 *  configuration changes with a restart, and whoever starts then must see what is new. */
import type { Clock } from '../domain/clock.ts'
import { isConfigured, isShown } from '../domain/shown-destination.ts'
import type { Store, StoredDestination } from '../domain/store.ts'
import type { EngineObserver } from './observer.ts'

export type UnservedDeps = {
  readonly store: Pick<Store, 'noteServed'>
  /** The names in this process's configuration. */
  readonly configured: ReadonlySet<string>
  readonly clock: Pick<Clock, 'now'>
  readonly observer: Pick<EngineObserver, 'stateChanged' | 'failed'>
}

/** @returns to be given all destinations at each look; of engines that share a store one tells. What cannot be noted is told by a later look.
 *  Between looks another engine may have been taken for gone only because the store was away: so what is gone is seen twice before it is told. */
export const unservedWatch = ({ store, configured, clock, observer }: UnservedDeps) => {
  let gone: ReadonlySet<string> | undefined
  return async (all: readonly StoredDestination[]): Promise<void> => {
    const seen = gone
    gone = new Set(all.filter(stored => !isConfigured(stored, configured)).map(({ name }) => name))
    for (const stored of all) {
      const { name, health, pending, isNotedUnserved } = stored
      const isServed = !gone.has(name)
      const isChange = isServed
        ? isNotedUnserved
        : !isNotedUnserved && isShown(stored, configured) && (seen?.has(name) ?? true)
      const note = { destination: name, isServed, isWaiting: pending > 0, now: clock.now() }
      try {
        if (!isChange || !(await store.noteServed(note))) continue
        if (isServed) observer.stateChanged(name, { from: 'NOT_CONFIGURED', to: health.state, reason: health.reason })
        else observer.stateChanged(name, { from: health.state, to: 'NOT_CONFIGURED', reason: null })
      } catch (error) {
        observer.failed('note whether it is configured', name, error)
      }
    }
  }
}
