/** What a role needs to serve a schema that is there: the statements that give it, and those that are missing. */
import { text } from '../columns.ts'
import type { Session } from './session.ts'

/** All that this version makes in the schema; whatever else is there is nobody's business here. */
export const TABLES: readonly string[] = [
  'acknowledgements',
  'announcements',
  'attempts',
  'audit',
  'deliveries',
  'destinations',
  'engines',
  'events',
  'meta',
  'moves',
  'schema_version',
  'search',
  'search_queue',
  'sessions',
  'ticket_refs',
  'tickets',
  'used_login_links',
]
const SEQUENCES = ['ticket_numbers']

const ON_TABLES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const ON_SEQUENCES = ['USAGE', 'SELECT']

/** All that a role needs which only serves, and no more. */
export const grantsTo = (role: string): readonly string[] => [
  grant(['USAGE'], 'SCHEMA support', role),
  grant(ON_TABLES, `TABLE ${inSchema(TABLES)}`, role),
  grant(ON_SEQUENCES, `SEQUENCE ${inSchema(SEQUENCES)}`, role),
]

/** What the one who asks lacks of it, as statements; empty also where there is no schema. */
export const missingGrants = async (db: Session): Promise<readonly string[]> => {
  const rows = await db.all(MISSING, [ON_TABLES, ON_SEQUENCES, TABLES, SEQUENCES])
  const byRights = Map.groupBy(rows, ({ kind, rights }) => `${kind} ${rights}`)
  return [...byRights.values()].map(([first, ...others]) => {
    const objects = [first, ...others].map(row => text(row?.object)).join(', ')
    return grant([text(first?.rights)], `${text(first?.kind)} ${objects}`, text(first?.role))
  })
}

/** As an identifier of SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const inSchema = (names: readonly string[]): string => names.map(name => `support.${name}`).join(', ')

const grant = (rights: readonly string[], on: string, role: string) =>
  `GRANT ${rights.join(', ')} ON ${on} TO ${quoted(role)};`

// By their numbers: a name in a schema that one may not use is an error.
const MISSING = `
  with schema as (select oid from pg_namespace where nspname = 'support'),
  needed as (
    select 1 as place, 'SCHEMA' as kind, 'support' as object, 'USAGE' as "right", not has_schema_privilege(oid, 'USAGE') as lacks
    from schema
    union all
    select 2, 'TABLE', format('support.%I', relname), "right", not has_table_privilege(c.oid, "right")
    from pg_class c cross join unnest($1::text[]) "right"
    where relnamespace = (select oid from schema) and relkind in ('r', 'p') and relname = any($3)
    union all
    select 3, 'SEQUENCE', format('support.%I', relname), "right", not has_sequence_privilege(c.oid, "right")
    from pg_class c cross join unnest($2::text[]) "right"
    where relnamespace = (select oid from schema) and relkind = 'S' and relname = any($4))
  select current_user as role, kind, object, string_agg("right", ', ' order by array_position($1 || $2, "right")) as rights
  from needed where lacks group by place, kind, object order by place, object`
