/** One connection to one host, with every wait bounded. */
import { createHash } from 'node:crypto'
import pg from 'pg'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import type { Row } from '../columns.ts'
import type { Session } from './session.ts'

const CONNECT_MS = 2_000
/** The only bound for what was already sent into a dead link. */
const QUERY_MS = 5_000
/** Shorter than that, so that the server ends what we no longer wait for. */
const STATEMENT_MS = 4_500
const LOCK_MS = 2_000
/** A process that is frozen in the middle of a transaction must not keep its locks: the others could not take its destinations over. */
const IDLE_MS = 5_000
export const SETTINGS = {
  lock_timeout: LOCK_MS,
  statement_timeout: STATEMENT_MS,
  idle_in_transaction_session_timeout: IDLE_MS,
} as const
const KEEP_ALIVE_MS = 5_000
const INT8 = 20

/** The server gave up waiting for the standby: what was committed here may not outlive this machine. */
export class NotReplicated extends Error {
  override readonly name = 'NotReplicated'
}

export type Connection = Session & {
  readonly isLost: boolean
  commit(): Promise<void>
  /** Whether it takes writes. */
  isPrimary(): Promise<boolean>
  /** Calls back with what others tell on the channels that it listens to. */
  onNotice(listener: (payload: string) => void): void
  close(): Promise<void>
}

export const connect = async (address: PostgresAddress, host: { host: string; port: number }): Promise<Connection> => {
  const isPooled = address.pooler === 'transaction'
  const settings = Object.entries(SETTINGS)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
  const client = new pg.Client({
    host: host.host,
    port: host.port,
    database: address.database,
    user: address.user,
    ...(address.password === null ? {} : { password: address.password }),
    ssl:
      address.tls === null
        ? false
        : { rejectUnauthorized: address.tls.isVerified, ...(address.tls.ca && { ca: address.tls.ca }) },
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'support-relay',
    // A pooler refuses what it does not know.
    ...(isPooled ? {} : { options: `${settings} -c tcp_user_timeout=10000` }),
    types: { getTypeParser },
  })
  let isLost = false
  let isUnreplicated = false
  const lose = () => {
    isLost = true
  }
  client.on('error', lose)
  client.on('end', lose)
  client.on('notice', ({ message = '' }) => {
    if (message.includes('synchronous replication')) isUnreplicated = true
  })
  await client.connect()

  const query = async (text: string, values: readonly unknown[] = []) => {
    const name = isPooled || values.length === 0 ? {} : { name: nameOf(text) }
    return client.query<Row>({ text, values: [...values], ...name })
  }
  return {
    get isLost() {
      return isLost
    },
    all: async (sql, values) => (await query(sql, values)).rows,
    run: async (sql, values) => (await query(sql, values)).rowCount ?? 0,
    async commit() {
      isUnreplicated = false
      await query('commit')
      if (isUnreplicated) throw new NotReplicated('the commit was not confirmed by the standby')
    },
    async isPrimary() {
      const { rows } = await query(
        "select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as takes",
      )
      return rows[0]?.takes === true
    },
    onNotice: listener => void client.on('notification', ({ payload = '' }) => listener(payload)),
    async close() {
      isLost = true
      await client.end().catch(() => {}) // it may be gone already
    },
  }
}

/** Moments and counts fit into a double. */
const getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? Number : (pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown)

const names = new Map<string, string>()
const nameOf = (sql: string): string => {
  const name = names.get(sql) ?? createHash('sha256').update(sql).digest('base64url').slice(0, 22)
  names.set(sql, name)
  return name
}
