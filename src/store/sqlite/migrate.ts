/** Brings a database file to the schema of this version: numbered SQL, forward only, each step in a transaction. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'

/** "SRly" in ASCII: marks a file as ours. */
export const APPLICATION_ID = 0x53526c79

export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused'
}

/** Applies what is missing; returns the schema's version.
 *  @throws SchemaRefused when the file belongs to another program or to a newer version of this one */
export const migrate = (db: Database, steps: readonly string[] = migrations()): number => {
  const version = number(db, 'user_version')
  const owner = number(db, 'application_id')
  const isEmpty = db.prepare('select count(*) as n from sqlite_schema').get()?.n === 0
  if (!isEmpty && owner !== APPLICATION_ID) {
    throw new SchemaRefused('it holds the data of another program. Name another folder; nothing was changed')
  }
  if (version > steps.length) {
    throw new SchemaRefused(
      `it was written by a newer version of Support Relay (schema ${version}, this version knows ${steps.length}). Run that version again; nothing was changed`,
    )
  }
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(sql)
      db.exec(`pragma user_version = ${index + 1}`)
      db.exec(`pragma application_id = ${APPLICATION_ID}`)
    })
  }
  return steps.length
}

const migrations = (): string[] => {
  const folder = join(import.meta.dirname, 'migrations')
  return readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => readFileSync(join(folder, name), 'utf8'))
}

const number = (db: Database, pragma: string): number =>
  Number(Object.values(db.prepare(`pragma ${pragma}`).get() ?? {})[0])
