/** The data folder: made when missing, and owned by one process at a time. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isDamaged } from './damage.ts'
import { type Database, DataDamaged, isDamage, openDatabase } from './database.ts'
import { SchemaRefused } from './migrate.ts'

export const DATABASE_FILE = 'support-relay.db'
/** A backup that is being put back, until it is whole and has its name. */
export const RESTORING_FILE = 'restoring.db'

/** Why a folder cannot be used, in a sentence that names what to do. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused'
}

/** Where the service listens, and the secret that lets the command line act as staff there. */
export type Announced = { readonly address: string; readonly operator: string }

export type DataFolder = {
  readonly databasePath: string
  /** The data in it can be used: from here on there are files of ours beside it. @throws FolderRefused when there is no space for them */
  moveIn(): void
  /** Notes for whoever finds the folder taken, or wants to reach the service: where it listens. */
  announce(service: Announced): void
  release(): void
}

/** Intake stops unless so much is free, so that the outcomes of what is stored can still be recorded. */
const DISK_RESERVE_BYTES = 8 * 1024 * 1024

/** Kept for a start on a disk without any space: given up, it leaves enough to open what is stored, to say so and to deliver. */
const BALLAST_FILE = 'ballast'
const BALLAST_BYTES = 1024 * 1024

/** Takes the folder for this process; the operating system lets go of it when the process ends, however it ends.
 *  @throws FolderRefused */
export const takeFolder = (folder: string): DataFolder => {
  try {
    makeFolder(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    if (code(error) === 'ENOTDIR' || isFile(folder)) {
      throw new FolderRefused(
        `The data folder ${folder} is a file, or lies below one. Name a folder with --data or "store" in the configuration.`,
      )
    }
    throw new FolderRefused(
      `The data folder ${folder} cannot be written (${code(error)}). Give this user the right to write there, or name another folder with --data or "store" in the configuration.`,
    )
  }
  const holder = join(folder, 'service.json')
  const lock = lockFile(folder, holder)
  const note = (service: Announced | null) =>
    writeFileSync(holder, `${JSON.stringify({ pid: process.pid, ...service })}\n`, { mode: 0o600 })
  const ballast = join(folder, BALLAST_FILE)
  try {
    if (freeBytes(folder) < BALLAST_BYTES) rmSync(ballast, { force: true })
  } catch (error) {
    lock.close()
    throw new FolderRefused(spaceOr(error, folder))
  }
  return {
    databasePath: join(folder, DATABASE_FILE),
    moveIn() {
      try {
        if (freeBytes(folder) > DISK_RESERVE_BYTES + BALLAST_BYTES && !existsSync(ballast))
          writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES), { mode: 0o600 })
        note(null)
      } catch (error) {
        throw new FolderRefused(spaceOr(error, folder))
      }
    },
    announce: note,
    release: () => lock.close(),
  }
}

/** Not mkdir's own `recursive`: where the system answers ENOENT although the parent is there (/proc), Node 24 tries for ever. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) makeFolder(parent)
  mkdirSync(folder, { mode: 0o700 })
  syncFolder(parent)
}

/** Without this, a power cut can take a new folder away, with all the files that were synced in it. */
const syncFolder = (folder: string): void => {
  let handle: number
  try {
    handle = openSync(folder, 'r')
  } catch {
    return // who may make a folder there need not have the right to read there
  }
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** The service that uses the folder, as far as it said; undefined when none ever did. */
export const announcedService = (folder: string): Announced | undefined => {
  try {
    const { address, operator } = JSON.parse(readFileSync(join(folder, 'service.json'), 'utf8'))
    return typeof address === 'string' && typeof operator === 'string' ? { address, operator } : undefined
  } catch {
    return undefined
  }
}

/** Whether a process owns the folder now. */
export const isTaken = (folder: string): boolean => {
  try {
    const lock = openDatabase(join(folder, 'lock.db'), { lock: true })
    try {
      lock.exec('begin exclusive')
      return false
    } finally {
      lock.close()
    }
  } catch (error) {
    if (isBusy(error)) return true
    throw new FolderRefused(spaceOr(error, folder))
  }
}

/** Bytes that may still be written to the folder's disk; NaN when it does not say. */
export const freeBytes = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return Number.NaN
  }
}

export const NO_RESERVE = 'the disk is nearly full, or does not say how much is free'

/** Whether it says that there is room for new tickets. */
export const hasReserve = (folder: string): boolean => freeBytes(folder) >= DISK_RESERVE_BYTES

/** An exclusive transaction on an empty database of its own: SQLite's locks end with the process, a file with a pid does not. */
const lockFile = (folder: string, holder: string): Database => {
  try {
    const lock = openDatabase(join(folder, 'lock.db'), { lock: true })
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    if (isNoDatabase(error)) {
      const what = `The file lock.db in the data folder ${folder} is damaged. It holds no data`
      throw new FolderRefused(`${what}: if no Support Relay runs on this folder, delete it and start again.`)
    }
    if (!isBusy(error)) throw new FolderRefused(spaceOr(error, folder))
    throw new FolderRefused(
      `The data folder ${folder} is in use by ${named(holder)}. Stop that one first, or name another folder.`,
    )
  }
}

const named = (holder: string): string => {
  try {
    const { pid, address } = JSON.parse(readFileSync(holder, 'utf8'))
    return `another Support Relay (process ${pid}${address ? `, ${address}` : ''})`
  } catch {
    return 'another Support Relay'
  }
}

/** Of a file or a folder: it outlives a power cut from here on. */
export const sync = (path: string): void => {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A sentence for an error that SQLite or the file system gave while the folder was being opened. */
export const spaceOr = (error: unknown, folder: string): string => {
  const message = error instanceof Error ? error.message : String(error)
  if (/full|ENOSPC/i.test(`${message} ${code(error)}`) || freeBytes(folder) < 64 * 1024)
    return `The disk of the data folder ${folder} is full. Nothing was lost; free some space and start again.`
  if (error instanceof SchemaRefused) return `The data folder ${folder} cannot be used: ${message}.`
  if (isDamage(error) && !(error instanceof DataDamaged) && !isDamaged(join(folder, DATABASE_FILE)))
    return `The data folder ${folder} cannot be used: ${DATABASE_FILE} could not be read (${message}), and is not damaged. Look after its disk and start again; nothing was changed.`
  if (isDamage(error)) {
    return `The data folder ${folder} cannot be used: ${DATABASE_FILE} is damaged or no database (${message}). Move every ${DATABASE_FILE}* elsewhere and put a backup in their place with "support-relay restore".`
  }
  if (isForbidden(error))
    return `The data folder ${folder} cannot be used: this user may not read and write every ${DATABASE_FILE}* there (${message}). Give it the right to; nothing was changed.`
  return `The data folder ${folder} cannot be used: ${message}. Name another folder with --data, or put a backup in its place; nothing was changed.`
}

const isNoDatabase = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 26

/** SQLite's "read only" and "cannot open". */
const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && [8, 14].includes(Number(error.errcode) & 0xff)

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5

const code = (error: unknown): string =>
  error instanceof Error && 'code' in error
    ? String(error.code)
    : error instanceof Error
      ? error.message
      : String(error)
