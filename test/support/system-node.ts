/** The Node of the system, which may be older than the one that the service runs on and this project brings along. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first on the PATH that is not the project's own. */
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(folder => !folder.includes('node_modules'))
  .map(folder => join(folder, 'node'))
  .find(file => existsSync(file))
const version = path ? execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() : 'none'
const major = Number.parseInt(version.slice(1), 10)

export const systemNode = {
  path: path ?? '',
  version,
  major,
  /** Why tests with it are skipped, or false. */
  skip: path && major >= 20 ? (false as const) : `no Node 20 or newer outside the project (found: ${version})`,
}
