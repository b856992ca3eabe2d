/** Looks at the data files before anything is written: what cannot be used is refused, and left as it was. For whoever holds the
 *  folder's lock, at the start of the process. */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DataDamaged, openDatabase } from './database.ts'
import { FolderRefused, RESTORING_FILE, sync } from './folder.ts'
import { type LogFile, readLogFile } from './log-file.ts'
import { migrate, refuseForeign } from './migrate.ts'

/** @throws DataDamaged, SchemaRefused, FolderRefused, or SQLite's own error */
export const examine = (path: string): void => {
  const log = `${path}-wal`
  refuseLink(path)
  if (!existsSync(path)) {
    refuseRestoring(dirname(path))
    // SQLite would begin an empty file and throw the log away.
    if (sizeOf(log) > 0) throw new DataDamaged(`${basename(log)} is there without it`)
    create(path)
    return
  }
  if (sizeOf(path) === 0) throw new DataDamaged('it is empty, and we never leave it so')
  // Opening for writing turns the log on, which changes the header of a stranger's file.
  const db = openDatabase(path, { readOnly: true })
  try {
    refuseForeign(db)
  } finally {
    db.close()
  }
  refuseDamaged(path)
}

/** What SQLite would not see. For whoever knows that nobody writes. @throws FolderRefused, DataDamaged */
export const refuseDamaged = (path: string): void => {
  const log = `${path}-wal`
  const found = readLogFile(log)
  if (found.damagedAt !== undefined) {
    throw new FolderRefused(
      `The data folder ${dirname(path)} cannot be used: its log ${basename(log)} is damaged at byte ${found.damagedAt}, and behind that stands what was acknowledged. Move every ${basename(path)}* elsewhere and put a backup in their place with "support-relay restore"; or keep a copy of them and go on with what stands before the damage: truncate -s ${found.damagedAt} ${log}`,
    )
  }
  refuseCut(path, found)
}

/** What was to be put back would be missed, and what it is beside would be taken for all there is. */
const refuseRestoring = (folder: string): void => {
  if (!existsSync(join(folder, RESTORING_FILE))) return
  throw new FolderRefused(
    `A restore into the data folder ${folder} was not finished. Run "support-relay restore" again; or, to begin without any data, delete ${RESTORING_FILE} there.`,
  )
}

/** SQLite keeps the log beside the file itself, where neither our lock nor our look at the log would be. */
const refuseLink = (path: string): void => {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return
  throw new FolderRefused(
    `The data folder ${dirname(path)} cannot be used: its ${basename(path)} is a link. Name the folder of the file itself with --data, or make a link of the whole folder; nothing was changed.`,
  )
}

/** Every page is in the file or in the log, also after a crash in the middle of a checkpoint: the log is kept until the file was synced.
 *  SQLite itself counts what is left of a last page as a page. (https://sqlite.org/fileformat2.html#the_database_header) */
const refuseCut = (path: string, log: LogFile): void => {
  const header = Buffer.alloc(HEADER_BYTES)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, HEADER_BYTES, 0)
  } finally {
    closeSync(file)
  }
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const count = log.pageCount ?? header.readUInt32BE(28)
  const lockPage = LOCK_BYTE / pageBytes + 1
  for (let page = Math.floor(sizeOf(path) / pageBytes) + 1; page <= count; page += 1)
    if (page !== lockPage && !log.pages.has(page)) throw new DataDamaged(`it ends before page ${page} of ${count}`)
}

const HEADER_BYTES = 100
/** The page with this byte is counted and never written. (https://sqlite.org/fileformat2.html#the_lock_byte_page) */
const LOCK_BYTE = 0x4000_0000

/** Under another name first, so that a kill leaves no empty file that could be taken for lost data. */
const create = (path: string): void => {
  const folder = dirname(path)
  for (const name of readdirSync(folder)) if (name.startsWith(NEW_FILE)) rmSync(join(folder, name))
  const db = openDatabase(join(folder, NEW_FILE))
  try {
    migrate(db)
  } finally {
    db.close() // puts the log into the file, and syncs it
  }
  renameSync(join(folder, NEW_FILE), path)
  sync(folder)
}

const NEW_FILE = 'new.db'
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
