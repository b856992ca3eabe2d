/** Opens the store on a PostgreSQL: looks at it, brings its schema up to date, and says in words what is wrong with it. */
import type { Finding } from '../domain/finding.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import { DatabaseUnavailable } from '../store/postgres/errors.ts'
import { examineServer } from '../store/postgres/examine.ts'
import { migrate, refuseWithoutRights, SchemaRefused } from '../store/postgres/migrate.ts'
import { openPrimary } from '../store/postgres/primary.ts'
import type { Primary } from '../store/postgres/session.ts'
import { openPostgresStore } from '../store/postgres/store.ts'
import { DatabaseRefused } from './refused.ts'
import type { ServiceStore, StoreOptions } from './store-shapes.ts'

/** One for intake and one for settling in each of two lanes, and some for looking. */
const CONNECTIONS = 8
/** One more listens. */
export const CONNECTIONS_MAX = CONNECTIONS + 1

/** @throws DatabaseRefused, and StoreUnavailable while the database cannot be reached */
export const openOnPostgres = async (address: PostgresAddress, options: StoreOptions): Promise<ServiceStore> => {
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
