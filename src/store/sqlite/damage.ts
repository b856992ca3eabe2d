/** Whether files are damaged, or only could not be read just then: SQLite calls a read that failed damage, too
 *  (https://sqlite.org/rescode.html#ioerr_corruptfs). Run as a program of its own it is the one who looks. */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { isDamage, openDatabase } from './database.ts'

const DAMAGED = 9

/** Looks at all of it: takes as long as reading the file several times. For whoever was told of damage, and is about to give the files up.
 *  In another process: whoever closes a file gives up all locks that its process has on it, SQLite's too
 *  (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_). */
export const isDamaged = (path: string): boolean => {
  const { status } = spawnSync(process.execPath, [import.meta.filename, path], { stdio: 'ignore' })
  // Where nobody can look SQLite is believed.
  return status === DAMAGED || status === null
}

/** @throws what the file system says of a byte that cannot be read */
const readAll = (path: string): void => {
  const piece = Buffer.alloc(1024 * 1024)
  const file = openSync(path, 'r')
  try {
    for (let at = 0, read = -1; read !== 0; at += read) read = readSync(file, piece, 0, piece.length, at)
  } finally {
    closeSync(file)
  }
}

const isWhole = (path: string): boolean => {
  try {
    const db = openDatabase(path, { readOnly: true })
    try {
      return db.prepare('pragma integrity_check(1)').get()?.integrity_check === 'ok'
    } finally {
      db.close()
    }
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}

if (import.meta.main) {
  const [, , path = ''] = process.argv
  for (const file of [path, `${path}-wal`]) if (existsSync(file)) readAll(file)
  process.exitCode = isWhole(path) ? 0 : DAMAGED
}
