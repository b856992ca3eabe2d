/** A folder that moves into a database: nobody else uses it meanwhile, and its data is only read. */
import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { storable } from '../../domain/text.ts'
import {
  BATCH_BYTES_MAX,
  BATCH_ROWS_MAX,
  type Batch,
  type Cell,
  type Cells,
  cellFrom,
  type Kind,
  MOVED_TABLES,
  type MovedTable,
  valueFrom,
} from '../moved-tables.ts'
import { type Database, DataDamaged, openDatabase, type SqlValue } from './database.ts'
import { examine } from './examine.ts'
import { DATABASE_FILE, FolderRefused, spaceOr, takeFolder } from './folder.ts'
import { sumOf } from './manifest.ts'
import { schemaKnown, schemaOf } from './migrate.ts'
import { markMoved, movedTo } from './moved-mark.ts'
import { storedKeys } from './open.ts'

export type MoveSource = {
  /** Which folder it is, and what lies in it: hashes. Whoever serves the folder in between changes the second. */
  readonly id: string
  readonly state: string
  /** Rows of all tables that move. */
  readonly rows: number
  readonly pending: number
  /** Where it was moved before, as it was marked. */
  readonly movedTo: string | undefined
  /** The rows behind `after`, or all, in the order of their key; text as a database can hold it (no NUL, no half a character). */
  batches(table: MovedTable, after?: Cells | null): Iterable<Batch>
  /** From here on no service starts on it. */
  mark(to: string, at: number): void
  close(): void
}

/** @throws FolderRefused when there is no data, somebody uses it, it is damaged, or of another version */
export const openMoveSource = (folder: string): MoveSource => {
  const path = join(folder, DATABASE_FILE)
  if (!existsSync(path) && !existsSync(`${path}-wal`))
    throw new FolderRefused(`There is no data in ${folder}. Name the folder of the service with --from.`)
  const taken = takeFolder(folder)
  let db: Database | undefined
  try {
    examine(path)
    db = openDatabase(path, { readOnly: true })
    const opened = db
    if (schemaOf(db) < schemaKnown()) throw new FolderRefused(older(folder))
    const [verdict] = Object.values(db.prepare('pragma integrity_check(1)').get() ?? {})
    if (verdict !== 'ok') throw new DataDamaged(`${verdict}`.replaceAll(/\s+/g, ' '))
    taken.moveIn()
    return {
      id: hashOf(storedKeys(openDatabase(path, { readOnly: true })).reference),
      state: hashOf(...[path, `${path}-wal`].filter(isThere).map(file => sumOf(file).sha256)),
      rows: MOVED_TABLES.map(table => count(opened, `"${table.name}" ${where(table)}`)).reduce((a, b) => a + b),
      pending: count(db, "deliveries where state = 'PENDING'"),
      movedTo: movedTo(folder),
      batches: (table, after = null) => told(() => batchesOf(opened, table, after), folder),
      mark(to, at) {
        try {
          markMoved(folder, to, at)
        } catch (error) {
          throw new FolderRefused(spaceOr(error, folder))
        }
      },
      close() {
        opened.close()
        taken.release()
      },
    }
  } catch (error) {
    db?.close()
    taken.release()
    throw error instanceof FolderRefused ? error : new FolderRefused(spaceOr(error, folder))
  }
}

const older = (folder: string): string =>
  `The data folder ${folder} was written by an older version of Support Relay. Start this version on it once with "support-relay serve", stop it, and move then; nothing was changed.`

/** Damage may show only when a page is read. */
function* told<T>(work: () => Iterable<T>, folder: string): Iterable<T> {
  try {
    yield* work()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error) throw new FolderRefused(spaceOr(error, folder))
    throw error
  }
}

function* batchesOf(db: Database, table: MovedTable, after: Cells | null): Iterable<Batch> {
  const columns = Object.entries(table.columns)
  const quoted = (names: readonly string[]) => names.map(name => `"${name}"`).join(', ')
  const behind = after && `(${quoted(table.key)}) > (${table.key.map(() => '?').join(', ')})`
  const sql = `select ${quoted(columns.map(([name]) => name))} from "${table.name}" ${where(table, behind)} order by ${quoted(table.key)}`
  // Keys hold numbers, texts and bytes.
  const values = (after ?? []).map((cell, i) => valueFrom(cell, table.columns[table.key[i] ?? '']) as SqlValue)
  let batch: Cells[] = []
  let bytes = 0
  for (const row of db.prepare(sql).iterate(...values)) {
    const cells = columns.map(([name, kind]) => cellOf(row[name], kind))
    // A character takes up to three bytes for each of its units.
    const size = cells.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? 3 * cell.length : 8), 0)
    if (batch.length > 0 && (batch.length === BATCH_ROWS_MAX || bytes + size > BATCH_BYTES_MAX)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(cells)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

const where = ({ only }: MovedTable, more: string | null = null): string => {
  const conditions = [only, more].filter(condition => condition)
  return conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''
}

const cellOf = (value: unknown, kind: Kind): Cell => {
  const cell = cellFrom(value, kind)
  return typeof cell === 'string' ? storable(cell) : cell
}

const count = (db: Database, from: string): number => Number(db.prepare(`select count(*) as n from ${from}`).get()?.n)

const isThere = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
