/** The mark of a folder whose data was moved into a database: a file, so that the data itself stays as it was. A service that was started on it
 *  by mistake would deliver a second time what the database delivers, and take tickets that nobody looks for there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FolderRefused, sync } from './folder.ts'

const MOVED_FILE = 'moved.json'

/** Where the folder's data went, such as `relay on db1:5432`; undefined where it did not. */
export const movedTo = (folder: string): string | undefined => {
  const path = join(folder, MOVED_FILE)
  if (!existsSync(path)) return undefined
  try {
    return String(JSON.parse(readFileSync(path, 'utf8')).to)
  } catch {
    return `that ${MOVED_FILE} was to name` // cut off, or written over: the mark holds all the same
  }
}

/** @param at milliseconds since 1970 */
export const markMoved = (folder: string, to: string, at: number): void => {
  const path = join(folder, MOVED_FILE)
  writeFileSync(path, `${JSON.stringify({ to, at: new Date(at).toISOString() }, null, 2)}\n`, { mode: 0o600 })
  sync(path)
  sync(folder)
}

/** @throws FolderRefused when the data of the folder was moved */
export const refuseMoved = (folder: string): void => {
  const to = movedTo(folder)
  if (to === undefined) return
  throw new FolderRefused(
    `The data of ${folder} was moved to the PostgreSQL database ${to}. Name that database as \`store\` in the configuration. To go back to the folder as it was at the move, stop every service on the database and delete ${join(folder, MOVED_FILE)}: what was pending then goes out again.`,
  )
}
