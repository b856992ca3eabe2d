/** A backup is a folder with a database file and a manifest, made while the service runs or not, and put back into an empty data folder.
 *
 *  Copied by `vacuum into` on a connection that only reads: one snapshot, which holds up nobody. (SQLite's backup API starts again with
 *  every commit of another process: under load it never ended.) It syncs what it writes. Secrets of the evaluation mode stay out; new ones are made. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isDamage, openDatabase } from './database.ts'
import { refuseDamaged } from './examine.ts'
import { DATABASE_FILE, FolderRefused, isTaken, RESTORING_FILE, spaceOr, sync, takeFolder } from './folder.ts'
import { BackupRefused, describe, MANIFEST_FILE, type Manifest, readManifest, sumOf } from './manifest.ts'
import { refuseForeign } from './migrate.ts'
import { refuseMoved } from './moved-mark.ts'

/** Makes `target`, whole or not at all: until it has that name it is a folder `<target>.partial-…`, which a kill may leave behind.
 *  @throws FolderRefused when the data cannot be read, BackupRefused when the backup cannot be written */
export const backUp = (folder: string, target: string, now: number): Manifest => {
  const source = join(folder, DATABASE_FILE)
  if (!existsSync(source)) {
    throw new FolderRefused(
      `The data folder ${folder} holds no ${DATABASE_FILE}. Name the service's folder with --data.`,
    )
  }
  // What is put back from it has no mark, and would be delivered a second time.
  refuseMoved(folder)
  refuseTaken(target)
  let partial: string | undefined
  try {
    partial = mkdtempSync(`${target}.partial-`) // mode 0700
    const copy = join(partial, DATABASE_FILE)
    closeSync(openSync(copy, 'wx', 0o600))
    copyDatabase(source, copy, folder)
    const manifest = describe(copy, now)
    const manifestFile = join(partial, MANIFEST_FILE)
    writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
    sync(manifestFile)
    sync(partial)
    refuseTaken(target)
    renameSync(partial, target)
    sync(dirname(target))
    return manifest
  } catch (error) {
    if (partial) rmSync(partial, { recursive: true, force: true })
    if (isDamage(error)) throw new FolderRefused(spaceOr(error, folder))
    if (error instanceof FolderRefused || error instanceof BackupRefused) throw error
    throw new BackupRefused(
      `The backup ${target} cannot be written: ${reason(error)}. Nothing is left of it; name another place, or make room.`,
    )
  }
}

/** Puts a backup into `folder`, whole or not at all, after it was found to be what its manifest says.
 *  @throws BackupRefused when it is not, FolderRefused when the folder is in use or holds a database: nothing is overwritten */
export const restore = (backup: string, folder: string): Manifest => {
  const manifest = readManifest(backup)
  const file = join(backup, DATABASE_FILE)
  verify(file, manifest)
  const taken = takeFolder(folder)
  const arriving = join(folder, RESTORING_FILE)
  const wasUnfinished = existsSync(arriving)
  try {
    // The log of another database beside it would be taken for its own.
    const there = readdirSync(folder).find(name => name.startsWith(DATABASE_FILE))
    if (there) {
      throw new FolderRefused(
        `The data folder ${folder} holds ${there}, and nothing is overwritten. Name an empty folder with --data, or move every ${DATABASE_FILE}* out of this one.`,
      )
    }
    taken.moveIn()
    copyFileSync(file, arriving)
    chmodSync(arriving, 0o600)
    sync(arriving)
    if (sumOf(arriving).sha256 !== manifest.sha256) throw new Error('it was written, but reads differently')
    renameSync(arriving, taken.databasePath)
    sync(folder)
    return manifest
  } catch (error) {
    throw error instanceof FolderRefused ? error : new FolderRefused(spaceOr(error, folder))
  } finally {
    try {
      // One that was killed before us stays marked until one succeeds.
      if (wasUnfinished && existsSync(arriving)) truncateSync(arriving)
      else rmSync(arriving, { force: true })
    } finally {
      taken.release()
    }
  }
}

const copyDatabase = (source: string, copy: string, folder: string): void => {
  try {
    const db = openDatabase(source, { readOnly: true })
    try {
      refuseForeign(db)
      // Beside a service the log changes, and was looked at when that began.
      if (existsSync(`${source}-wal`) && !isTaken(folder)) refuseDamaged(source)
      db.prepare('vacuum into ?').run(copy)
    } finally {
      db.close()
    }
  } catch (error) {
    // What is wrong with the place of the copy is told by whoever called; all else is the data's.
    if (isWriting(error) || error instanceof FolderRefused) throw error
    throw new FolderRefused(spaceOr(error, folder))
  }
}

/** Renaming onto an empty folder would succeed. */
const refuseTaken = (target: string): void => {
  if (existsSync(target))
    throw new BackupRefused(`${target} is there, and nothing is overwritten. Name another target.`)
}

const verify = (file: string, manifest: Manifest): void => {
  const fault = faultOf(file, manifest)
  if (fault)
    throw new BackupRefused(`${dirname(file)} cannot be restored: ${fault}. Use another backup; nothing was changed.`)
}

const faultOf = (file: string, manifest: Manifest): string | undefined => {
  try {
    if (sumOf(file).sha256 !== manifest.sha256)
      return `${DATABASE_FILE} is not the file that was backed up (its SHA-256 differs)`
    const found = describe(file, manifest.createdAt)
    return isDeepStrictEqual(found, manifest) ? undefined : `${DATABASE_FILE} does not hold what ${MANIFEST_FILE} says`
  } catch (error) {
    return reason(error)
  }
}

/** SQLite's "disk full" and "I/O error": reading gives the first never, and the second seldom. */
const isWriting = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && [10, 13].includes(Number(error.errcode) & 0xff)

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
