/** Whether files are damaged, or only could not be read just then: SQLite calls a read that failed damage, too
 *  (https://sqlite.org/rescode.html#ioerr_corruptfs). */
import { closeSync, openSync, readSync } from 'node:fs'
import { openDatabase } from './database.ts'

/** Looks at all of it: takes as long as reading the file twice. For whoever was told of damage, and is about to give the files up. */
export const isDamaged = (path: string): boolean => [path, `${path}-wal`].every(isReadable) && !isWhole(path)

const isWhole = (path: string): boolean => {
  try {
    const db = openDatabase(path, { readOnly: true })
    try {
      return db.prepare('pragma quick_check(1)').get()?.quick_check === 'ok'
    } finally {
      db.close()
    }
  } catch {
    return false
  }
}

const PIECE_BYTES = 1024 * 1024

/** Every byte; a file that is not there has none. */
const isReadable = (path: string): boolean => {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const piece = Buffer.alloc(PIECE_BYTES)
    let at = 0
    for (let read = -1; read !== 0; at += read) read = readSync(file, piece, 0, PIECE_BYTES, at)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
