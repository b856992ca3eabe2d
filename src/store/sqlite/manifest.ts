/** What a backup says of itself: which version wrote it, and what must be in it for it to be whole. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { DataDamaged, openDatabase } from './database.ts'
import { schemaKnown, schemaOf } from './migrate.ts'

export const MANIFEST_FILE = 'manifest.json'
const FORMAT = 1

export type Manifest = {
  readonly format: number
  readonly schema: number
  readonly createdAt: number
  readonly bytes: number
  readonly sha256: string
  /** Rows of every table. */
  readonly rows: Readonly<Record<string, number>>
  readonly deliveries: Readonly<Record<string, number>>
}

/** Why a backup cannot be made or used, in a sentence that names what to do. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}

/** Reads the whole file, so that what is described is known to be sound. @throws SQLite's error when it is not */
export const describe = (path: string, createdAt: number): Manifest => {
  const db = openDatabase(path, { readOnly: true })
  try {
    const [verdict] = Object.values(db.prepare('pragma integrity_check(1)').get() ?? {})
    if (verdict !== 'ok') throw new DataDamaged(`${verdict}`.replaceAll(/\s+/g, ' '))
    return { format: FORMAT, schema: schemaOf(db), createdAt, ...sumOf(path), ...countsOf(db) }
  } finally {
    db.close()
  }
}

/** @throws BackupRefused */
export const readManifest = (backup: string): Manifest => {
  let found: Partial<Manifest>
  try {
    found = JSON.parse(readFileSync(join(backup, MANIFEST_FILE), 'utf8'))
  } catch {
    throw new BackupRefused(
      `${backup} is no backup, or one that was not finished: it has no ${MANIFEST_FILE} that can be read. Name a folder that "support-relay backup" made.`,
    )
  }
  const { format, schema = Number.NaN } = found ?? {}
  if (format !== FORMAT || !(schema <= schemaKnown())) {
    throw new BackupRefused(
      `${backup} was made by another version of Support Relay (format ${format}, schema ${schema}; this one reads format ${FORMAT}, schema up to ${schemaKnown()}). Restore it with that version.`,
    )
  }
  return found as Manifest // every field is compared with what `describe` finds before anything is believed
}

export const sumOf = (path: string): { readonly bytes: number; readonly sha256: string } => {
  const file = openSync(path, 'r')
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(1024 * 1024)
  let bytes = 0
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read))
      bytes += read
    }
  } finally {
    closeSync(file)
  }
  return { bytes, sha256: hash.digest('hex') }
}

const countsOf = (db: Database): Pick<Manifest, 'rows' | 'deliveries'> => {
  const tables = db.prepare("select name from sqlite_schema where type = 'table' order by name").all()
  const rows = tables.map(({ name }) => [`${name}`, Number(db.prepare(`select count(*) as n from "${name}"`).get()?.n)])
  const states = db.prepare('select state, count(*) as n from deliveries group by state order by state').all()
  return {
    rows: Object.fromEntries(rows),
    deliveries: Object.fromEntries(states.map(({ state, n }) => [`${state}`, Number(n)])),
  }
}
