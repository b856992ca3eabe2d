/** Records an outcome, however long the store needs: a send that is not recorded would be repeated. */
import type { Clock } from '../domain/clock.ts'
import type { Settlement, SettleResult, Store } from '../domain/store.ts'
import type { EngineObserver } from './observer.ts'
import { unlessCutOff } from './within.ts'

const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 2_000
/** Once we are cut off, the store has this long for what it was already asked. */
const GRACE_MS = 500

/** An outcome that is refused, or not recorded after this long, means that the store cannot commit at the moment. */
const OVERDUE_MS = 1_000

export type RecorderDeps = {
  readonly store: Pick<Store, 'settle'>
  readonly clock: Clock
  readonly observer: EngineObserver
}

/** Records one destination's outcomes, and knows whether the store keeps up with them. */
export class Recorder {
  readonly #deps: RecorderDeps
  readonly #signal: AbortSignal
  #overdue = 0

  constructor(deps: RecorderDeps, signal: AbortSignal) {
    this.#deps = deps
    this.#signal = signal
  }

  /** Whether the store has not taken some outcome for a while. */
  get isOverdue(): boolean {
    return this.#overdue > 0
  }

  /** @param settlement made anew for each try: a later outcome may be recorded before a repetition of this one */
  async record(settlement: () => Settlement): Promise<SettleResult | undefined> {
    let isOverdue = false
    const noteOverdue = () => {
      if (!isOverdue) this.#overdue += 1
      isOverdue = true
    }
    const cancel = this.#deps.clock.after(OVERDUE_MS, noteOverdue)
    const result = await settleUntilDone(settlement, this.#deps, { signal: this.#signal, onFailure: noteOverdue })
    cancel()
    if (isOverdue) this.#overdue -= 1
    return result
  }
}

/** Undefined when `options.signal` gave up first: nothing is known to be recorded. */
const settleUntilDone = async (
  settlement: () => Settlement,
  deps: RecorderDeps,
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
