/** Opens the store that the configuration names. */
import type { Config } from '../config/config.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'
import { DatabaseUnavailable } from '../store/postgres/errors.ts'
import { migrate, SchemaRefused } from '../store/postgres/migrate.ts'
import { openPrimary } from '../store/postgres/primary.ts'
import { openPostgresStore } from '../store/postgres/store.ts'
import type { Announced } from '../store/sqlite/folder.ts'
import { openThreadedStore } from '../store/sqlite/threaded.ts'

export type ServiceStore = Store & {
  /** Whether more tickets wait than can be stored soon, so that the next would be refused. */
  isCrowded(): boolean
  /** How tickets come and go at the moment. */
  flow(): { readonly answered: number; readonly isBehind: boolean }
  /** Notes where the service listens, for whoever finds its folder taken. */
  announce(service: Announced): void
  /** Calls back when another process stored something for these destinations; with null when anything may have happened. */
  onPending(listener: (destinations: readonly string[] | null) => void): void
}

export type StoreOptions = {
  readonly clock: Clock
  readonly random: Random
  readonly onFatal: (error: Error) => void
}

/** One for intake and one for settling in each of two lanes, and some for looking. */
const CONNECTIONS = 8

/** The database cannot be used as it is, in a sentence that says what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

/** @throws FolderRefused, DatabaseRefused, and StoreUnavailable while the database cannot be reached */
export const openStore = async (config: Config, options: StoreOptions): Promise<ServiceStore> => {
  const address = config.store.postgres
  if (address === null) {
    const store = await openThreadedStore(config.store.folder, options)
    // The folder belongs to this process: there is no other.
    return { ...store, onPending: () => {} }
  }
  const primary = openPrimary(address, { ...options, connections: CONNECTIONS })
  try {
    await migrate(primary)
    const store = await openPostgresStore(primary, options)
    // Commands ask the database themselves.
    return { ...store, announce: () => {} }
  } catch (error) {
    await primary.close()
    throw refused(error, address) ?? error
  }
}

/** Undefined for what passes by itself. */
export const refused = (error: unknown, { user, database }: PostgresAddress): DatabaseRefused | undefined => {
  if (error instanceof SchemaRefused) return new DatabaseRefused(error.message, { cause: error })
  if (!(error instanceof DatabaseUnavailable && error.isPermanent)) return undefined
  const right = error.cause instanceof Error && 'code' in error.cause && error.cause.code === '42501'
  const sentence = right
    ? `"${user}" has no right to make or use the schema "support". Run as an administrator: GRANT CREATE ON DATABASE "${database}" TO "${user}";`
    : `The database "${database}" cannot be used as "${user}": ${error.message}. Correct \`store\` in the configuration, or the database.`
  return new DatabaseRefused(`${sentence} Nothing was changed.`, { cause: error })
}

const TRY_EVERY_MS = 1_000

/** Waits for a database that is not up yet, however long that takes. @param onWaiting called with each reason while it does */
export const openWhenReady = async (
  config: Config,
  options: StoreOptions & {
    readonly onWaiting: (why: string) => Promise<void>
    readonly waiting: AbortSignal | undefined
  },
): Promise<ServiceStore> => {
  for (;;) {
    try {
      return await openStore(config, options)
    } catch (error) {
      if (config.store.postgres === null || !(error instanceof StoreUnavailable)) throw error
      await options.onWaiting(error.message)
      if (options.waiting?.aborted) throw error
    }
    await pause(TRY_EVERY_MS, options)
  }
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
