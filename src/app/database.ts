/** What is done with a database beside serving on it: its schema is changed, or it is looked at. */
import type { Config } from '../config/config.ts'
import { type Clock, type Random, systemClock, systemRandom } from '../domain/clock.ts'
import type { Finding } from '../domain/finding.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { DatabaseUnavailable } from '../store/postgres/errors.ts'
import { examineServer } from '../store/postgres/examine.ts'
import { halfMovedFindings } from '../store/postgres/half-moved.ts'
import { type Migration, migrate, migrations, pending } from '../store/postgres/migrate.ts'
import { openPrimary } from '../store/postgres/primary.ts'
import { lookAtSchema, schemaFindings } from '../store/postgres/schema.ts'
import type { Primary } from '../store/postgres/session.ts'
import { patroniFindings } from './patroni.ts'
import { CONNECTIONS_MAX, refusedDatabase } from './postgres-store.ts'
import { DatabaseRefused } from './refused.ts'

export type Surroundings = { readonly clock?: Clock; readonly random?: Random }
export type SchemaStep = Omit<Migration, 'sql'>

/** The steps that are missing, in order; nothing is changed. @throws DatabaseRefused */
export const planMigration = (address: PostgresAddress, surroundings: Surroundings = {}) =>
  onPrimary(address, surroundings, async primary => (await pending(primary)).map(described))

/** Applies the steps that are missing, each as a whole. @param onStep called before each @returns those it applied
 *  @throws DatabaseRefused */
export const migrateDatabase = (
  address: PostgresAddress,
  onStep: (step: SchemaStep) => void,
  surroundings: Surroundings = {},
) => onPrimary(address, surroundings, async primary => (await migrate(primary, onStep)).map(described))

const described = ({ version, name, title }: Migration): SchemaStep => ({ version, name, title })

/** Everything there is to object to in the database of the configuration, and in the Patroni that answers at these addresses; nothing is changed. */
export const examineDatabase = async (
  config: Config,
  address: PostgresAddress,
  patroni: readonly string[],
  surroundings: Surroundings = {},
): Promise<readonly Finding[]> => {
  const { clock = systemClock } = surroundings
  const beside = { now: () => clock.now(), connections: CONNECTIONS_MAX }
  const look = withPrimary(address, surroundings, primary =>
    primary.read(async db => {
      const schema = await lookAtSchema(db)
      return [
        ...schemaFindings(schema, migrations().length),
        ...(await halfMovedFindings(db, schema)),
        ...(await examineServer(db, beside)),
      ]
    }),
  )
  const [database, ...managers] = await Promise.all([
    look.catch(error => [unusable(error, address)]),
    ...patroni.map(url => patroniFindings(url, config.network.caFile?.pem, clock)),
  ])
  return [...database, ...managers.flat()]
}

const unusable = (error: unknown, { user, database }: PostgresAddress): Finding => {
  if (!(error instanceof StoreUnavailable)) throw error
  const isPermanent = error instanceof DatabaseUnavailable && error.isPermanent
  return {
    severity: 'refused',
    subject: 'store',
    what: `The database "${database}" cannot be used as "${user}": ${error.message}.`,
    fix: isPermanent
      ? 'Correct `store` in the configuration, or the database.'
      : 'See that it answers, and look again.',
  }
}

const withPrimary = async <T>(
  address: PostgresAddress,
  { clock = systemClock, random = systemRandom }: Surroundings,
  work: (primary: Primary) => Promise<T>,
): Promise<T> => {
  const primary = openPrimary(address, { clock, random, connections: 1 })
  try {
    return await work(primary)
  } finally {
    await primary.close()
  }
}

/** With a sentence for whoever waits. */
const onPrimary: typeof withPrimary = async (address, surroundings, work) => {
  try {
    return await withPrimary(address, surroundings, work)
  } catch (error) {
    const refused = refusedDatabase(error, address)
    if (refused || !(error instanceof StoreUnavailable)) throw refused ?? error
    const why = `The database "${address.database}" cannot be used now: ${error.message}.`
    throw new DatabaseRefused(`${why} Try again: what was applied stays, and nothing is applied twice.`, {
      cause: error,
    })
  }
}
