/** Tells when a destination with deliveries left is in nobody's configuration, and when it is in one again. Nothing of that is stored: each look
 *  is compared with the one before, and the first tells how things are. */
import { isConfigured } from '../domain/shown-destination.ts'
import type { StoredDestination } from '../domain/store.ts'
import type { EngineObserver } from './observer.ts'

/** @param configured the names in this process's configuration
 *  @returns to be given all destinations at each look */
export const unservedWatch = (
  configured: ReadonlySet<string>,
  observer: Pick<EngineObserver, 'stateChanged'>,
): ((all: readonly StoredDestination[]) => void) => {
  const unserved = new Set<string>()
  return all => {
    for (const stored of all) {
      const { name, health, pending, dead } = stored
      if (isConfigured(stored, configured)) {
        if (unserved.delete(name))
          observer.stateChanged(name, { from: 'NOT_CONFIGURED', to: health.state, reason: health.reason })
      } else if (pending + dead > 0 && !unserved.has(name)) {
        unserved.add(name)
        observer.stateChanged(name, { from: health.state, to: 'NOT_CONFIGURED', reason: null })
      }
    }
  }
}
