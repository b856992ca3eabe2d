/** Opens the data file for writing: schema, durability, the keys kept in it, and proof that its log can be synced. */
import type { Random } from '../../domain/clock.ts'
import { REFERENCE_KEY_BYTES } from '../../domain/reference.ts'
import { sqliteWrites } from './core.ts'
import type { Database } from './database.ts'
import { BUSY_TIMEOUT_MS, openDatabase } from './database.ts'
import type { LeaseTimes } from './destinations.ts'
import { migrate } from './migrate.ts'

export type Writer = {
  readonly db: Database
  readonly writes: ReturnType<typeof sqliteWrites>
  readonly keys: { readonly reference: Uint8Array }
}

export type OpenOptions = {
  readonly random: Random
  readonly now: () => number
  /** Lease times of an earlier connection of this process. */
  readonly leases?: LeaseTimes
  /** After a write that failed: then only a log that was moved into the file whole is trusted. */
  readonly isAgain?: boolean
}

/** @param path a file, or `:memory:`
 *  @throws SchemaRefused, or SQLite's own error when the file cannot be opened, written or synced */
export const openWriter = (path: string, options: OpenOptions): Writer => {
  const db = openDatabase(path)
  try {
    migrate(db)
    checkpoint(db, options.isAgain ?? false)
    const keys = { reference: storedKey(db, REFERENCE_KEY, () => options.random.bytes(REFERENCE_KEY_BYTES)) }
    return { db, keys, writes: sqliteWrites(db, options.now, options.leases ?? new Map()) }
  } catch (error) {
    db.close()
    throw error
  }
}

/** Whoever reads the file just now (a backup) is waited for no longer than this. */
const READER_WAIT_MS = 250

/** After a sync that failed the page cache proves nothing; a checkpoint that succeeds does: what the log holds is in the file. */
const checkpoint = (db: Database, mustBeWhole: boolean): void => {
  db.exec(`pragma busy_timeout = ${READER_WAIT_MS}`)
  const { busy } = db.prepare('pragma wal_checkpoint(truncate)').get() ?? {}
  db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`)
  if (busy === 1 && mustBeWhole)
    throw new Error('the file is being read, by a backup perhaps, so that its log cannot be checked yet')
}

/** The keys of a file that was opened for writing before, read only. */
export const storedKeys = (db: Database): Writer['keys'] => {
  const reference = findKey(db, REFERENCE_KEY)
  db.close()
  if (!reference) throw new Error('it holds no keys yet')
  return { reference }
}

const REFERENCE_KEY = 'reference_key'

const findKey = (db: Database, name: string): Uint8Array | undefined => {
  const found = db.prepare('select value from meta where key = ?').get(name)?.value
  return found instanceof Uint8Array ? found : undefined
}

const storedKey = (db: Database, name: string, make: () => Uint8Array): Uint8Array => {
  const found = findKey(db, name)
  if (found) return found
  const made = make()
  db.transaction(() => db.prepare('insert into meta (key, value) values (?, ?)').run(name, made))
  return made
}
