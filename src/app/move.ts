/** Moves a folder into a database: copied, read back, compared; then the folder is marked, and then the database may be served. Killed at any moment, it
 *  leaves the one or the other usable, or, in between, neither: never both. */
import { databaseInWords } from '../config/summary.ts'
import { type Clock, systemClock, systemRandom } from '../domain/clock.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { type Digest, digestOf, MOVED_TABLES } from '../store/moved-tables.ts'
import { DatabaseUnavailable } from '../store/postgres/errors.ts'
import { migrate } from '../store/postgres/migrate.ts'
import {
  addRows,
  beginMove,
  endMove,
  MoveRefused,
  type Place,
  rowsOf,
  spoilMove,
} from '../store/postgres/move-target.ts'
import { openPrimary } from '../store/postgres/primary.ts'
import type { Primary } from '../store/postgres/session.ts'
import { FolderRefused } from '../store/sqlite/folder.ts'
import { type MoveSource, openMoveSource } from '../store/sqlite/move-source.ts'
import { refusedDatabase } from './postgres-store.ts'
import { DatabaseRefused, MoveUnfinished } from './refused.ts'

export type Moved = {
  readonly from: string
  /** Such as `relay on db1:5432`. */
  readonly to: string
  /** `before`: all was there already, and nothing was done. */
  readonly outcome: 'moved' | 'resumed' | 'before'
  /** Deliveries that the database will send. */
  readonly pending: number
  /** What was found the same on both sides. */
  readonly tables: Readonly<Record<string, Digest>>
}

export type MoveProgress = { readonly step: 'copied' | 'compared'; readonly rows: number; readonly of: number }

export type MoveOrder = {
  /** Absolute. */
  readonly folder: string
  readonly address: PostgresAddress
  readonly onProgress: (progress: MoveProgress) => void
}

/** @throws FolderRefused, DatabaseRefused, MoveUnfinished */
export const move = async ({ folder, address, onProgress }: MoveOrder): Promise<Moved> => {
  const clock = systemClock
  const to = databaseInWords(address)
  const source = openMoveSource(folder)
  const primary = openPrimary(address, { clock, random: systemRandom, connections: 2 })
  try {
    if (source.movedTo !== undefined && source.movedTo !== to) throw new FolderRefused(movedElsewhere(folder, source))
    await migrate(primary)
    const { outcome, place } = await primary.transaction(db => beginMove(db, source, clock.now()))
    const report = { from: folder, to, pending: source.pending }
    if (outcome === 'done') {
      if (source.movedTo === undefined) source.mark(to, clock.now())
      return { ...report, outcome: 'before', tables: {} }
    }
    const patient = patiently(primary, clock, to)
    await copy(source, patient, place, onProgress)
    const tables = await compare(source, patient, onProgress)
    // In this order: a service on both would deliver everything twice.
    source.mark(to, clock.now())
    await patient.transaction(db => endMove(db, clock.now()))
    return { ...report, outcome: outcome === 'new' ? 'moved' : outcome, tables }
  } catch (error) {
    throw told(error, folder, to, address)
  } finally {
    source.close()
    await primary.close()
  }
}

type Asked = Pick<Primary, 'read' | 'transaction'>

const copy = async (
  source: MoveSource,
  primary: Asked,
  from: Place,
  onProgress: MoveOrder['onProgress'],
): Promise<void> => {
  const tables = MOVED_TABLES.slice(from.last ? MOVED_TABLES.findIndex(({ name }) => name === from.last?.table) : 0)
  let place = from
  for (const table of tables) {
    const after = place.last?.table === table.name ? place.last.key : null
    for (const batch of source.batches(table, after)) {
      const before = place
      place = await primary.transaction(db => addRows(db, table, batch, before))
      onProgress({ step: 'copied', rows: place.rows, of: source.rows })
    }
  }
}

/** Each side is read anew and hashed by itself. */
const compare = async (
  source: MoveSource,
  primary: Asked,
  onProgress: MoveOrder['onProgress'],
): Promise<Moved['tables']> => {
  const tables: Record<string, Digest> = {}
  let rows = 0
  for (const table of MOVED_TABLES) {
    const [here, there] = [await digestOf(source.batches(table)), await digestOf(rowsOf(primary, table))]
    if (here.rows !== there.rows || here.sha256 !== there.sha256) {
      await primary.transaction(spoilMove)
      throw new MoveUnfinished(
        `What arrived in the table "${table.name}" is not what the folder holds (${there.rows} rows there, ${here.rows} in the folder). The folder is as it was, and nothing was delivered from the database. Run the same again: it begins anew; should it end like this once more, name another database.`,
      )
    }
    tables[table.name] = here
    rows += here.rows
    onProgress({ step: 'compared', rows, of: source.rows })
  }
  return tables
}

/** Longer than a cluster needs to choose another primary. */
const PATIENCE_MS = 60_000
const TRY_EVERY_MS = 1_000

/** Asks again while the database is away. All that is asked may be asked twice. */
const patiently = (primary: Primary, clock: Clock, to: string): Asked => {
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    const until = clock.monotonic() + PATIENCE_MS
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        if (clock.monotonic() > until || (error instanceof DatabaseUnavailable && error.isPermanent))
          throw new MoveUnfinished(
            `The database ${to} cannot be asked any more: ${error.message}. What has arrived stays there. Run the same again, and it goes on from there.`,
            { cause: error },
          )
      }
      await new Promise<void>(resolve => clock.after(TRY_EVERY_MS, resolve))
    }
  }
  return {
    read: work => ask(() => primary.read(work)),
    transaction: work => ask(() => primary.transaction(work)),
  }
}

const movedElsewhere = (folder: string, { movedTo }: MoveSource): string =>
  `The data of ${folder} was moved to the PostgreSQL database ${movedTo} before. Name that one; nothing was changed.`

const told = (error: unknown, folder: string, to: string, address: PostgresAddress): unknown => {
  if (error instanceof MoveRefused)
    return new DatabaseRefused(`The database ${to} cannot take ${folder}. ${error.message}`, { cause: error })
  if (!(error instanceof Error)) return error
  const isRight = error.cause instanceof Error && 'code' in error.cause && error.cause.code === '42501'
  if (error instanceof DatabaseUnavailable && isRight) {
    const sentence = `"${address.user}" may not make or fill the schema "support" of ${to}. Move as the role that owns it, or that may create it; nothing was changed.`
    return new DatabaseRefused(sentence, { cause: error })
  }
  const refusal = refusedDatabase(error, address)
  if (refusal || !(error instanceof StoreUnavailable)) return refusal ?? error
  return new DatabaseRefused(
    `The database ${to} cannot be asked: ${error.message}. Run the same again once it answers.`,
    { cause: error },
  )
}
