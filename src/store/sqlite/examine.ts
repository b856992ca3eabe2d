/** Looks at the data files before anything is written: what cannot be used is refused, and left as it was. For whoever holds the
 *  folder's lock, at the start of the process. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DataDamaged, openDatabase } from './database.ts'
import { sync } from './folder.ts'
import { migrate, refuseForeign } from './migrate.ts'

/** @throws DataDamaged, SchemaRefused, or SQLite's own error */
export const examine = (path: string): void => {
  const log = `${path}-wal`
  if (!existsSync(path)) {
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
  const at = sizeOf(log) > LOG_HEADER_BYTES ? damageOf(readFileSync(log)) : undefined
  if (at !== undefined) {
    throw new DataDamaged(
      `${basename(log)} has a damaged place at byte ${at}, and what was stored after it would be lost; to go on without that, move only this file away`,
    )
  }
}

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

const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/** SQLite reads the log up to the first frame whose checksum is wrong and forgets the rest: right after a power cut, where the rest is
 *  a commit that was never synced and so never acknowledged. But each commit is synced before the next begins: where a commit and then
 *  another frame follow the wrong one, something that was acknowledged is damaged. (https://sqlite.org/fileformat2.html#walformat)
 *  @returns the first damaged byte, or undefined */
const damageOf = (log: Buffer): number | undefined => {
  if (log.subarray(0, LOG_HEADER_BYTES).every(byte => byte === 0)) return undefined // grown, but nothing was synced
  const isBigEndian = (log.readUInt32BE(0) & 1) === 1
  const word = isBigEndian ? (at: number) => log.readUInt32BE(at) : (at: number) => log.readUInt32LE(at)
  let [a, b] = [0, 0]
  const add = (from: number, to: number): void => {
    for (let at = from; at < to; at += 8) {
      a = (a + word(at) + b) >>> 0
      b = (b + word(at + 4) + a) >>> 0
    }
  }
  const isSum = (at: number): boolean => log.readUInt32BE(at) === a && log.readUInt32BE(at + 4) === b
  add(0, 24)
  if (!isSum(24)) return 0
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8)
  const isOfThisLog = (at: number): boolean =>
    at + frameBytes <= log.length && log.compare(log, 16, 24, at + 8, at + 16) === 0

  let at = LOG_HEADER_BYTES
  for (; isOfThisLog(at); at += frameBytes) {
    add(at, at + 8)
    add(at + FRAME_HEADER_BYTES, at + frameBytes)
    if (!isSum(at + 16)) break
  }
  for (let later = at; later + frameBytes <= log.length; later += frameBytes) {
    const isCommit = isOfThisLog(later) && log.readUInt32BE(later + 4) !== 0
    if (isCommit && isOfThisLog(later + frameBytes)) return at
  }
  return undefined
}
