/** Makes what was stored searchable, beside the work: within a second of its commit, and after an upgrade for as long as it takes. */
import type { Clock } from '../domain/clock.ts'
import type { Store } from '../domain/store.ts'

/** How often one looks for something new. */
const EVERY_MS = 500
/** So many tickets hold the writer for some milliseconds (docs/performance.md). */
const TICKETS_EACH = 50
/** After each slice three times as long as it took belongs to the others. */
const REST = 3

export type Indexing = {
  readonly store: Pick<Store, 'index'>
  readonly clock: Clock
  /** Called once for each time of trouble; it is tried again all along. */
  readonly onError: (error: unknown) => void
}

/** Returns how to stop it. */
export const startIndexing = ({ store, clock, onError }: Indexing): (() => void) => {
  let isStopped = false
  let isTroubled = false
  let cancel = () => {}

  const again = (afterMs: number) => {
    if (!isStopped) cancel = clock.after(afterMs, () => void slice())
  }
  const slice = async () => {
    const from = clock.monotonic()
    try {
      const left = await store.index({ limit: TICKETS_EACH })
      isTroubled = false
      again(left > 0 ? REST * (clock.monotonic() - from) : EVERY_MS)
    } catch (error) {
      if (!isTroubled && !isStopped) onError(error)
      isTroubled = true
      again(EVERY_MS)
    }
  }
  again(0)
  return () => {
    isStopped = true
    cancel()
  }
}
