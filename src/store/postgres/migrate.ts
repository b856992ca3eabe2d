/** Brings a database to the schema of this version: numbered SQL, forward only, each step in a transaction, one process at a time. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockSchema } from './locks.ts'
import type { Primary, Session } from './session.ts'

const OLDEST = 150_000

export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused'
}

/** Applies what is missing. @returns the versions that were applied
 *  @throws SchemaRefused when the server is too old, or the schema belongs to another program or to a newer version of this one */
export const migrate = async (primary: Primary): Promise<readonly number[]> => {
  await primary.read(refuseOld)
  const applied: number[] = []
  for (const [index, sql] of migrations().entries()) {
    const version = index + 1
    const isNew = await primary.transaction(async db => {
      await lockSchema(db)
      if ((await schemaOf(db)) >= version) return false
      if (version === 1) await refuseForeign(db)
      await db.run('create schema if not exists support')
      await db.run(sql)
      if (version === 1) await db.run('create table support.schema_version (version integer not null)')
      await db.run('delete from support.schema_version')
      await db.run('insert into support.schema_version (version) values ($1)', [version])
      return true
    })
    if (isNew) applied.push(version)
  }
  await primary.read(async db => {
    const version = await schemaOf(db)
    if (version > migrations().length)
      throw new SchemaRefused(
        `The schema "support" was made by a newer version of Support Relay (schema ${version}, this version knows ${migrations().length}). Run that version; nothing was changed.`,
      )
  })
  return applied
}

const refuseOld = async (db: Session): Promise<void> => {
  const [row] = await db.all("select current_setting('server_version_num')::integer as version")
  if (Number(row?.version) < OLDEST)
    throw new SchemaRefused(
      `This PostgreSQL is version ${Math.floor(Number(row?.version) / 10_000)}; Support Relay needs ${OLDEST / 10_000} or later.`,
    )
}

/** 0 where there is none of ours. */
const schemaOf = async (db: Session): Promise<number> => {
  const [there] = await db.all("select to_regclass('support.schema_version') is not null as is_there")
  if (there?.is_there !== true) return 0
  const [row] = await db.all('select version from support.schema_version')
  return Number(row?.version)
}

/** Tables by the names of ours that are not ours. */
const refuseForeign = async (db: Session): Promise<void> => {
  const [row] = await db.all(
    `select string_agg(tablename, ', ' order by tablename) as names from pg_tables
     where schemaname = 'support' and tablename in ('tickets', 'events', 'deliveries', 'attempts', 'destinations', 'sessions', 'meta')`,
  )
  if (row?.names)
    throw new SchemaRefused(
      `The schema "support" of this database holds tables of another program (${row.names}). Name another database; nothing was changed.`,
    )
}

const migrations = (): string[] => {
  const folder = join(import.meta.dirname, 'migrations')
  return readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => readFileSync(join(folder, name), 'utf8'))
}
