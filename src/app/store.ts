/** Opens the store that the configuration names. */
import type { Config } from '../config/config.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { Finding } from '../domain/finding.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import { type Store, StoreUnavailable } from '../domain/store.ts'
import { DatabaseUnavailable } from '../store/postgres/errors.ts'
import { examineServer } from '../store/postgres/examine.ts'
import { migrate, refuseWithoutRights, SchemaRefused } from '../store/postgres/migrate.ts'
import { openPrimary } from '../store/postgres/primary.ts'
import type { Primary } from '../store/postgres/session.ts'
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
  /** Called for each thing that the database could be safer in. */
  readonly onWarning?: (finding: Finding) => void
  /** Called before each change of the schema. */
  readonly onStep?: (step: { readonly name: string }) => void
}

/** One for intake and one for settling in each of two lanes, and some for looking. */
const CONNECTIONS = 8
/** One more listens. */
export const CONNECTIONS_MAX = CONNECTIONS + 1

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
    const findings = await lookAround(primary, options)
    await migrate(primary, options.onStep)
    await refuseWithoutRights(primary)
    const store = await openPostgresStore(primary, options)
    for (const finding of findings) options.onWarning?.(finding)
    // Commands ask the database themselves.
    return { ...store, announce: () => {} }
  } catch (error) {
    await primary.close()
    throw refusedDatabase(error, address) ?? error
  }
}

/** What there is to object to. @throws DatabaseRefused where a COMMIT is answered that is on no disk, which breaks the one promise there is; fsync
 *  is told only, since it takes a machine that crashes, and trials run without. */
const lookAround = async (primary: Primary, { clock }: StoreOptions): Promise<readonly Finding[]> => {
  const beside = { now: () => clock.now(), connections: CONNECTIONS_MAX }
  const findings = await primary.read(db => examineServer(db, beside))
  const commit = findings.find(({ severity, subject }) => severity === 'refused' && subject === 'synchronous_commit')
  if (commit) throw new DatabaseRefused(`${commit.what} ${commit.fix} Nothing was changed.`)
  return findings
}

/** Undefined for what passes by itself. */
export const refusedDatabase = (error: unknown, { user, database }: PostgresAddress): DatabaseRefused | undefined => {
  if (error instanceof SchemaRefused) return new DatabaseRefused(error.message, { cause: error })
  if (!(error instanceof DatabaseUnavailable && error.isPermanent)) return undefined
  const sentence = `The database "${database}" cannot be used as "${user}": ${error.message}.`
  const fix = 'Correct `store` in the configuration, or the database. Nothing was changed.'
  return new DatabaseRefused(`${sentence} ${fix}`, { cause: error })
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

/** The schema of many tickets is not changed in a moment: what takes longer is said, and can be given up; the database undoes it then. */
const openOrGiveUp = async (config: Config, options: Parameters<typeof openWhenReady>[1]): Promise<ServiceStore> => {
  const { waiting } = options
  const changing = Promise.withResolvers<void>()
  const onStep: StoreOptions['onStep'] = step => {
    options.onStep?.(step)
    changing.resolve()
  }
  const opening = openStore(config, { ...options, onStep })
  const takesLong = changing.promise.then(() => pause(LONG_MS, options))
  const isOpen = await Promise.race([opening.then(() => true), takesLong.then(() => false)])
  if (!isOpen) await options.onWaiting('the schema of the database is being changed')
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new StoreUnavailable('not-written', 'the schema of the database was not changed'))
    if (waiting?.aborted) giveUp()
    else waiting?.addEventListener('abort', giveUp)
  })
  return Promise.race([opening, givenUp])
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
