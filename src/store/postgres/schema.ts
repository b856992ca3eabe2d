/** What a database holds, seen by whoever looks: nothing here writes, and no right is needed to look. */
import type { Finding } from '../../domain/finding.ts'
import { text } from '../columns.ts'
import { missingGrants, quoted, TABLES } from './rights.ts'
import type { Session } from './session.ts'

const OLDEST_SERVER = 150_000

export type SchemaState = {
  /** As `server_version_num`. */
  readonly server: number
  readonly role: string
  readonly database: string
  /** Whether there is a schema of this name, whosever it is. */
  readonly isThere: boolean
  /** Tables by the names of ours that another program made. */
  readonly foreign: string | null
  /** 0 where nothing of ours is there; null where its version may not be read. */
  readonly version: number | null
  /** The oldest schema whose programs can work with this one. */
  readonly oldest: number
  /** The statements that give the role what it lacks to serve. */
  readonly missing: readonly string[]
  /** Whether the role may make or change the schema, as far as can be told without trying. */
  readonly mayChange: boolean
}

export type Objection = Omit<Finding, 'severity'>

export const lookAtSchema = async (db: Session): Promise<SchemaState> => {
  const [row] = await db.all(LOOK, [TABLES])
  const tables = row?.tables as string[] | null // an array of text
  const missing = await missingGrants(db)
  // They come in one transaction. Others call a table of theirs like one of these, too.
  const isOurs = OURS.every(name => tables?.includes(name))
  const { version, oldest } =
    isOurs && row?.is_readable === true ? await versionOf(db) : { version: isOurs ? null : 0, oldest: 0 }
  return {
    server: Number(row?.server),
    role: text(row?.role),
    database: text(row?.database),
    isThere: row?.is_there === true,
    foreign: isOurs || tables === null ? null : tables.join(', '),
    version,
    oldest,
    missing,
    mayChange: row?.may_change === true,
  }
}

/** Of a schema that is ours; schemas before the third know no `oldest`. */
export const versionOf = async (db: Session): Promise<{ readonly version: number; readonly oldest: number }> => {
  const [row] = await db.all("select version, to_jsonb(v) ->> 'oldest' as oldest from support.schema_version v")
  return { version: Number(row?.version), oldest: Number(row?.oldest ?? 1) }
}

/** Why this program, which knows the schema up to `known`, cannot do anything with such a database; undefined where it can. */
export const cannotUse = (state: SchemaState, known: number): Objection | undefined => {
  const { server, foreign, version, oldest } = state
  if (server < OLDEST_SERVER)
    return {
      subject: 'server_version',
      what: `This PostgreSQL is version ${Math.floor(server / 10_000)}; Support Relay needs ${OLDEST_SERVER / 10_000} or later.`,
      fix: 'Upgrade the server, or name another one.',
    }
  if (foreign !== null)
    return {
      subject: 'schema',
      what: `The schema "support" of this database holds tables of another program (${foreign}).`,
      fix: 'Name another database.',
    }
  if (version !== null && version > known && oldest > known)
    return {
      subject: 'schema',
      what: `The schema "support" was made by a newer version of Support Relay (schema ${version}), beside which only versions of schema ${oldest} or later can work; this one is of schema ${known}.`,
      fix: 'Run the newer version.',
    }
  return version === null ? cannotServe(state) : undefined
}

/** What the role lacks to serve, with the statements that give it. */
export const cannotServe = ({ role, missing }: SchemaState): Objection | undefined =>
  missing.length === 0
    ? undefined
    : {
        subject: 'rights',
        what: `"${role}" lacks rights in the schema "support".`,
        fix: `Run as its owner: ${missing.join(' ')}`,
      }

/** What is to be done where the role may not change the schema itself. */
export const cannotMigrate = ({ role, database, version, isThere }: SchemaState, known: number): Objection => {
  if (version !== 0)
    return {
      subject: 'schema',
      what: `The schema "support" is of version ${version}, this version of Support Relay needs ${known}, and "${role}" may not change it.`,
      fix: 'Run "support-relay migrate" as the role that owns it, and start again.',
    }
  const [right, who, statement] = isThere
    ? ['make tables in', 'its owner', 'USAGE, CREATE ON SCHEMA support']
    : ['make', 'an administrator', `CREATE ON DATABASE ${quoted(database)}`]
  return {
    subject: 'rights',
    what: `"${role}" has no right to ${right} the schema "support" in the database "${database}".`,
    fix: `Run "support-relay migrate --grant-to ${role}" as a role that has it, and then what that prints; or run as ${who}: GRANT ${statement} TO ${quoted(role)};`,
  }
}

/** All that is to be said of it to whoever would serve on it. */
export const schemaFindings = (state: SchemaState, known: number): readonly Finding[] => {
  const unusable = cannotUse(state, known)
  const isOlder = (state.version ?? known) < known
  const objections = unusable
    ? [unusable]
    : [isOlder && !state.mayChange ? cannotMigrate(state, known) : undefined, cannotServe(state)]
  return objections.flatMap(objection => (objection ? [{ severity: 'refused', ...objection }] : []))
}

const OURS = ['schema_version', 'meta', 'tickets', 'deliveries']

const LOOK = `
  select current_setting('server_version_num')::integer as server, current_user as role, current_database() as database,
    to_regnamespace('support') is not null as is_there,
    (select has_schema_privilege(relnamespace, 'USAGE') and has_table_privilege(oid, 'SELECT') from pg_class
     where relnamespace = to_regnamespace('support') and relname = 'schema_version') as is_readable,
    (select array_agg(relname::text order by relname) from pg_class
     where relnamespace = to_regnamespace('support') and relkind in ('r', 'p')
       and relname = any($1)) as tables,
    case when to_regnamespace('support') is null then has_database_privilege(current_database(), 'CREATE')
      else has_schema_privilege(to_regnamespace('support'), 'CREATE')
        and not exists (select from pg_class where relnamespace = to_regnamespace('support') and relname = any($1) and not pg_has_role(relowner, 'USAGE'))
    end as may_change`
