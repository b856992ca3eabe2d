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
  if (db.prepare('select count(*) as n from sqlite_schema').get()?.n !== 0) refuseForeign(db, steps.length)
  const version = schemaOf(db)
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

/** Only reads. @throws SchemaRefused when the file belongs to another program or to a newer version of this one */
export const refuseForeign = (db: Database, known: number = schemaKnown()): void => {
  if (number(db, 'application_id') !== APPLICATION_ID) {
    throw new SchemaRefused('it holds the data of another program. Name another folder; nothing was changed')
  }
  const version = schemaOf(db)
  if (version > known) {
    throw new SchemaRefused(
      `it was written by a newer version of Support Relay (schema ${version}, this version knows ${known}). Run that version again; nothing was changed`,
    )
  }
}

export const schemaOf = (db: Database): number => number(db, 'user_version')

export const schemaKnown = (): number => migrations().length

/** The text of each step, in order. */
export const migrations = (): string[] => {
  const folder = join(import.meta.dirname, 'migrations')
  return readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => readFileSync(join(folder, name), 'utf8'))
}

const number = (db: Database, pragma: string): number =>
  Number(Object.values(db.prepare(`pragma ${pragma}`).get() ?? {})[0])
