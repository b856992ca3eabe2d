/** Brings a database to the schema of this version: numbered SQL, forward only, each step in a transaction, one process at a time.
 *  An older program may serve meanwhile (decision 0011). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseUnavailable } from './errors.ts'
import { lockSchema } from './locks.ts'
import {
  cannotMigrate,
  cannotServe,
  cannotUse,
  lookAtSchema,
  type Objection,
  type SchemaState,
  versionOf,
} from './schema.ts'
import type { Primary, Session } from './session.ts'

export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused'
}

export type Migration = {
  /** The schema's version once it is applied. */
  readonly version: number
  /** Of its file, such as `0001-tickets-and-outbox`. */
  readonly name: string
  /** What it is for, in a line or two. */
  readonly title: string
  readonly sql: string
}

/** What is missing, in order; nothing is changed. @throws SchemaRefused as `migrate` */
export const pending = async (primary: Primary): Promise<readonly Migration[]> => {
  const { version } = await usable(primary)
  return migrations().slice(version ?? 0)
}

/** Applies what is missing. @param onStep called before each step; a step may take long @returns what was applied
 *  @throws SchemaRefused when the server is too old, the schema is another program's or too new for this one, or a step or a right is missing */
export const migrate = async (
  primary: Primary,
  onStep: (step: Migration) => void = () => {},
): Promise<readonly Migration[]> => {
  const state = await usable(primary)
  const applied: Migration[] = []
  for (const step of migrations().slice(state.version ?? 0)) {
    onStep(step)
    if (await apply(primary, step, state)) applied.push(step)
  }
  return applied
}

/** @throws SchemaRefused where the role lacks a right, with the statements that give it */
export const refuseWithoutRights = async (primary: Primary): Promise<void> => {
  refuse(cannotServe(await usable(primary)))
}

const usable = async (primary: Primary): Promise<SchemaState> => {
  const state = await primary.read(lookAtSchema)
  refuse(cannotUse(state, migrations().length))
  return state
}

const refuse = (objection: Objection | undefined, cause?: unknown, changed = 'Nothing was changed.'): void => {
  if (objection) throw new SchemaRefused(`${objection.what} ${objection.fix} ${changed}`, { cause })
}

/** False where another process has done it. */
const apply = async (primary: Primary, step: Migration, state: SchemaState): Promise<boolean> => {
  try {
    return await primary.longTransaction(async db => {
      await lockSchema(db)
      if ((await versionNow(db)) >= step.version) return false
      if (step.version === 1) await makeSchema(db)
      await db.run(step.sql)
      await db.run('update support.schema_version set version = $1', [step.version])
      return true
    })
  } catch (error) {
    const isFirst = step.version === (state.version ?? 0) + 1
    refuse(whyNot(error, step, state), error, isFirst ? undefined : 'The steps before it are applied, and stay.')
    throw error
  }
}

/** Undefined for what may pass by itself. */
const whyNot = (error: unknown, step: Migration, state: SchemaState): Objection | undefined => {
  if (error instanceof DatabaseUnavailable) {
    const isRight = error.cause instanceof Error && 'code' in error.cause && error.cause.code === '42501'
    return isRight ? cannotMigrate(state, migrations().length) : undefined
  }
  if (!(error instanceof Error && 'code' in error)) return undefined
  return {
    subject: 'schema',
    // The server's words may show what a row holds; they stand in its log.
    what: `The step ${step.name} cannot be applied to the schema "support" (SQLSTATE ${error.code}; the server's log says why).`,
    fix:
      state.version === 0
        ? 'Report this.'
        : 'Go on with the version of Support Relay that ran before, and report this.',
  }
}

const versionNow = async (db: Session): Promise<number> => {
  const [there] = await db.all("select to_regclass('support.schema_version') is not null as is_there")
  return there?.is_there === true ? (await versionOf(db)).version : 0
}

/** An administrator may have made the schema for a role that may not make any. */
const makeSchema = async (db: Session): Promise<void> => {
  const [there] = await db.all("select to_regnamespace('support') is not null as is_there")
  if (there?.is_there !== true) await db.run('create schema support')
  await db.run('create table support.schema_version (version integer not null)')
  await db.run('insert into support.schema_version (version) values (0)')
}

/** All that this version knows, in order. */
export const migrations = (): readonly Migration[] => {
  const folder = join(import.meta.dirname, 'migrations')
  return readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map((file, index) => {
      const sql = readFileSync(join(folder, file), 'utf8')
      return { version: index + 1, name: file.replace(/\.sql$/, ''), title: titleOf(sql), sql }
    })
}

/** The remark at its head. */
const titleOf = (sql: string): string =>
  (/^(?:--.*\n)+/.exec(sql)?.[0] ?? '').replace(/^-- ?/gm, '').trim().replace(/\s+/g, ' ')
