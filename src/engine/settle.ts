/** Records an outcome, however long the store needs: a send that is not recorded would be repeated. */
import type { Clock } from '../domain/clock.ts'
import type { Settlement, SettleResult, Store } from '../domain/store.ts'
import type { EngineObserver } from './observer.ts'
import { unlessCutOff } from './within.ts'

const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 2_000
/** Once we are cut off, the store has this long for what it was already asked. */
const GRACE_MS = 500

/** Undefined when `options.signal` gave up first: nothing is known to be recorded.
 *  @param settlement made anew for each try */
export const settleUntilDone = async (
  settlement: () => Settlement,
  deps: { readonly store: Pick<Store, 'settle'>; readonly clock: Clock; readonly observer: EngineObserver },
  options: { readonly signal: AbortSignal; readonly onFailure: () => void },
): Promise<SettleResult | undefined> => {
  const { signal } = options
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_MAX_MS, waitMs * 2)) {
    const tried = settlement()
    try {
      return await unlessCutOff(signal, { clock: deps.clock, graceMs: GRACE_MS }, deps.store.settle(tried))
    } catch (error) {
      options.onFailure()
      deps.observer.failed('record an outcome', tried.progress.destination, error)
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
