/** One connection to the embedded database: the only file that knows `node:sqlite` (its class is about to be renamed). */
import * as sqlite from 'node:sqlite'

export type SqlValue = string | number | bigint | Uint8Array | null
export type Row = Record<string, SqlValue>

export type Statement = {
  run(...values: SqlValue[]): { changes: number }
  get(...values: SqlValue[]): Row | undefined
  all(...values: SqlValue[]): Row[]
  /** One row after the other, for more of them than memory holds. */
  iterate(...values: SqlValue[]): Iterable<Row>
}

export type Database = {
  prepare(sql: string): Statement
  exec(sql: string): void
  /** Runs `work` in one transaction that is committed when it returns and rolled back when it throws.
   *  A failing COMMIT throws `CommitFailed`: whether the data is there is then not known, and nothing more is written on this connection. */
  transaction<T>(work: () => T): T
  close(): void
}

/** COMMIT did not succeed. In WAL mode the frames may be in the file all the same, so the outcome is unknown. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed'
}

/** The files are not, or not any more, what was written. */
export class DataDamaged extends Error {
  override readonly name = 'DataDamaged'
}

/** The same as SQLite tells it: SQLITE_CORRUPT, SQLITE_NOTADB, and their kin. */
export const isDamage = (error: unknown): boolean =>
  error instanceof DataDamaged ||
  (error instanceof Error && 'errcode' in error && [11, 26].includes(Number(error.errcode) & 0xff))

export type OpenOptions = {
  readonly readOnly?: boolean
  /** For a file that only serves as a lock: no log, no waiting for another holder. */
  readonly lock?: boolean
}

/** Each ticket touches one page of the users' index, at random, and each commit writes every touched page whole: with SQLite's usual
 *  4 KiB a ticket cost 11 kB of writes, with these two 7 in the same run (docs/performance.md). */
const PAGE_BYTES = 1_024
export const CHECKPOINT_BYTES = 16 * 1024 * 1024

/** How long a connection waits for another one's lock. */
export const BUSY_TIMEOUT_MS = 5_000

/** Opens `path` (or `:memory:`) with everything durability rests on, and refuses when a setting did not take. */
export const openDatabase = (path: string, options: OpenOptions = {}): Database => {
  const db = new sqlite.DatabaseSync(path, {
    readOnly: options.readOnly ?? false,
    timeout: options.lock ? 0 : BUSY_TIMEOUT_MS,
  })
  if (options.lock) db.exec('pragma journal_mode = memory')
  else if (!options.readOnly) {
    db.exec(`pragma page_size = ${PAGE_BYTES}`)
    db.exec('pragma journal_mode = wal')
    db.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`)
    db.exec('pragma synchronous = full')
  }
  db.exec('pragma foreign_keys = off; pragma temp_store = memory; pragma cache_size = -8000')
  assertPragma(db, 'synchronous', 2)
  // A backup that nobody has opened for writing has no log.
  if (path !== ':memory:' && !options.lock && !options.readOnly) assertPragma(db, 'journal_mode', 'wal')

  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  let hasFailed = false
  return {
    prepare: sql => wrap(db.prepare(sql)),
    exec: sql => db.exec(sql),
    transaction(work) {
      // Frames of the commit that failed may be in the log: another one over their beginning would look like damage.
      if (hasFailed) throw new Error('a commit failed on this connection, which has to be opened anew')
      begin.run()
      let result: ReturnType<typeof work>
      try {
        result = work()
      } catch (error) {
        rollback(db)
        throw error
      }
      try {
        commit.run()
      } catch (error) {
        hasFailed = true
        rollback(db)
        throw new CommitFailed('the transaction could not be committed', { cause: error })
      }
      return result
    },
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}

/** For the end of a statement. SQLite looks at the value of a bound limit while it plans, and therefore plans anew at every run, which takes ten times
 *  as long as most of these statements; it leaves a sum alone. */
export const LIMIT = 'limit ? + 0'

const wrap = (statement: sqlite.StatementSync): Statement => ({
  run: (...values) => ({ changes: Number(statement.run(...values).changes) }),
  // node:sqlite types a row as Record<string, SQLOutputValue>, which is our Row.
  get: (...values) => statement.get(...values),
  all: (...values) => statement.all(...values),
  iterate: (...values) => statement.iterate(...values),
})

const rollback = (db: sqlite.DatabaseSync): void => {
  // SQLite has rolled back by itself after some errors (disk full, I/O); a second rollback would then complain.
  if (db.isTransaction) db.exec('rollback')
}

const assertPragma = (db: sqlite.DatabaseSync, name: string, expected: string | number): void => {
  const actual = Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]
  if (actual !== expected)
    throw new Error(`the database does not keep "${name} = ${expected}" (it says ${actual}); it would not be durable`)
}
