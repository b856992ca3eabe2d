/** Records an outcome, however long the store needs: a send that is not recorded would be repeated. */
import type { Clock } from '../domain/clock.ts'
import type { Settlement, SettleResult, Store } from '../domain/store.ts'
import type { EngineObserver } from './observer.ts'

const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 2_000

/** Undefined when `signal` gave up first: nothing is known to be recorded. */
export const settleUntilDone = async (
  settlement: Settlement,
  deps: { readonly store: Pick<Store, 'settle'>; readonly clock: Clock; readonly observer: EngineObserver },
  signal: AbortSignal,
): Promise<SettleResult | undefined> => {
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_MAX_MS, waitMs * 2)) {
    try {
      return await deps.store.settle(settlement)
    } catch (error) {
      deps.observer.failed('record an outcome', settlement.progress.destination, error)
    }
    if (signal.aborted) return undefined
    await pause(waitMs, deps.clock, signal)
  }
}

/** Ends early when `signal` is aborted. */
const pause = (ms: number, clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
