/** Opens the store that the configuration names. */
import type { Config } from '../config/config.ts'
import type { Clock } from '../domain/clock.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { openThreadedStore } from '../store/sqlite/threaded.ts'
import type { ServiceStore, StoreOptions } from './store-shapes.ts'

/** @throws FolderRefused, DatabaseRefused, and StoreUnavailable while the database cannot be reached */
export const openStore = async (config: Config, options: StoreOptions): Promise<ServiceStore> => {
  const address = config.store.postgres
  if (address !== null) {
    // Loaded by whoever has one.
    const { openOnPostgres } = await import('./postgres-store.ts')
    return openOnPostgres(address, options)
  }
  const store = await openThreadedStore(config.store.folder, options)
  // The folder belongs to this process: there is no other.
  return { ...store, onPending: () => {} }
}

const TRY_EVERY_MS = 1_000
const LONG_MS = 1_000

/** Waits for a database that is not up yet, however long that takes. @param onWaiting called with each reason while it does */
export const openWhenReady = async (
  config: Config,
  options: StoreOptions & {
    readonly onWaiting: (why: string) => Promise<void>
    readonly waiting: AbortSignal | undefined
  },
): Promise<ServiceStore> => {
  if (config.store.postgres === null) return openStore(config, options)
  for (;;) {
    try {
      return await openOrGiveUp(config, options)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await options.onWaiting(error.message)
      if (options.waiting?.aborted) throw error
    }
    await pause(TRY_EVERY_MS, options)
  }
}

/** A database that takes its time is not waited for in silence. The schema of many tickets is not changed in a moment either: that can be given up; the
 *  database undoes it then. */
const openOrGiveUp = async (config: Config, options: Parameters<typeof openWhenReady>[1]): Promise<ServiceStore> => {
  const { waiting, onWaiting } = options
  let [isOver, isChanging] = [false, false]
  const changing = Promise.withResolvers<void>()
  const onStep: StoreOptions['onStep'] = step => {
    options.onStep?.(step)
    isChanging = true
    changing.resolve()
  }
  const opening = openStore(config, { ...options, onStep }).finally(() => {
    isOver = true
  })
  const sayIfSilent = async () => {
    await pause(LONG_MS, options)
    if (!isOver && !isChanging) await onWaiting('the database has not answered yet')
  }
  const sayIfBusy = async () => {
    await changing.promise
    await pause(LONG_MS, options)
    if (!isOver) await onWaiting('the schema of the database is being changed')
  }
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new StoreUnavailable('not-written', 'the schema of the database was not changed'))
    if (waiting?.aborted) giveUp()
    else waiting?.addEventListener('abort', giveUp)
  })
  // Where nothing can be said, nothing is waited for.
  return Promise.race([opening, givenUp, Promise.all([sayIfSilent(), sayIfBusy()]).then(() => opening)])
}

/** Ends early when `waiting` is aborted. */
const pause = (ms: number, { clock, waiting }: { readonly clock: Clock; readonly waiting: AbortSignal | undefined }) =>
  new Promise<void>(resolve => {
    const end = () => {
      cancel()
      waiting?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    waiting?.addEventListener('abort', end)
  })
