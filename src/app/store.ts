/** Opens the store that the configuration names. */
import type { Config } from '../config/config.ts'
import type { Clock, Random } from '../domain/clock.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'
import { migrate } from '../store/postgres/migrate.ts'
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

/** One for intake and one for settling in each of two lanes, and some for looking. */
const CONNECTIONS = 8

/** The database cannot be used as it is, in a sentence that says what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

/** @throws FolderRefused, DatabaseRefused */
export const openStore = async (
  config: Config,
  options: { readonly clock: Clock; readonly random: Random; readonly onFatal: (error: Error) => void },
): Promise<ServiceStore> => {
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
    throw new DatabaseRefused(sentence(error), { cause: error })
  }
}

const sentence = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof StoreUnavailable
    ? `The database of the configuration cannot be used: ${message}. Nothing was changed; start again once it can be.`
    : message
}
