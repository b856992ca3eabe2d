/** Databases for tests, each its own, in one PostgreSQL for the whole file. `TEST_PG_URL` names a server to use instead; its user
 *  must be allowed to create databases. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { PostgresAddress } from '../../src/domain/postgres-address.ts'
import { startPostgres } from './postgres-server.ts'

export type TestDatabase = {
  readonly address: PostgresAddress
  readonly url: string
  /** Drops it, whoever is connected. */
  dispose(): Promise<void>
}

let server: Promise<string> | undefined

/** The address of a server whose only purpose are tests. */
const serverUrl = (): Promise<string> => {
  server ??= process.env.TEST_PG_URL
    ? Promise.resolve(process.env.TEST_PG_URL)
    : startPostgres().then(({ port }) => `postgres://postgres@127.0.0.1:${port}/postgres`)
  return server
}

/** An empty database, or a copy of another one, which nobody may be connected to.
 *  @param template the name of the other one */
export const freshDatabase = async (template = 'template0'): Promise<TestDatabase> => {
  const url = new URL(await serverUrl())
  const name = `t_${randomUUID().replaceAll('-', '')}`
  await administer(url.href, `create database ${name} template ${template}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  return {
    url: own.href,
    address: addressOf(own),
    dispose: () => administer(url.href, `drop database if exists ${name} with (force)`),
  }
}

/** As it was when it was migrated, in a twentieth of the time that a copy takes. Nobody may be connected to it. */
export const emptied = ({ url }: TestDatabase): Promise<void> =>
  administer(
    url,
    `do $$
     declare name text;
     begin
       for name in select tablename from pg_tables where schemaname = 'support' and tablename <> 'schema_version' loop
         execute format('delete from support.%I', name);
       end loop;
       perform setval('support.ticket_numbers', 1, false);
     end $$`,
  )

/** A statement by a client that is not ours. */
export const administer = async (url: string, sql: string): Promise<void> => void (await asked(url, sql))

/** The rows of one statement by a client that is not ours. */
export const asked = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const addressOf = (url: URL): PostgresAddress => ({
  hosts: [{ host: url.hostname, port: Number(url.port || 5432) }],
  database: url.pathname.slice(1),
  user: decodeURIComponent(url.username),
  password: url.password ? decodeURIComponent(url.password) : null,
  tls: null,
  pooler: 'none',
})
