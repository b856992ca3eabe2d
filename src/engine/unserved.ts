/** Tells when a destination with deliveries left is in nobody's configuration any more, and when it is in one again. That is stored: a
 *  configuration changes with a restart, and whoever starts then must see what is new. */
import { isConfigured } from '../domain/shown-destination.ts'
import type { Store, StoredDestination } from '../domain/store.ts'
import type { EngineObserver } from './observer.ts'

export type UnservedDeps = {
  readonly store: Pick<Store, 'noteServed'>
  /** The names in this process's configuration. */
  readonly configured: ReadonlySet<string>
  readonly observer: Pick<EngineObserver, 'stateChanged' | 'failed'>
}

/** @returns to be given all destinations at each look; of engines that share a store one tells. What cannot be noted is told by a later look. */
export const unservedWatch =
  ({ store, configured, observer }: UnservedDeps) =>
  async (all: readonly StoredDestination[]): Promise<void> => {
    for (const stored of all) {
      const { name, health, pending, dead, isNotedUnserved } = stored
      const isServed = isConfigured(stored, configured)
      const isChange = isServed ? isNotedUnserved : !isNotedUnserved && pending + dead > 0
      try {
        if (!isChange || !(await store.noteServed({ destination: name, isServed }))) continue
        if (isServed) observer.stateChanged(name, { from: 'NOT_CONFIGURED', to: health.state, reason: health.reason })
        else observer.stateChanged(name, { from: health.state, to: 'NOT_CONFIGURED', reason: null })
      } catch (error) {
        observer.failed('note whether it is configured', name, error)
      }
    }
  }
