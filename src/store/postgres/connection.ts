/** One connection to one host, with every wait bounded. The only file that knows the driver. */
import { createHash } from 'node:crypto'
import { Socket } from 'node:net'
import pg from 'pg'
import type { Clock } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import type { Row } from '../columns.ts'
import { ConnectionFault } from './errors.ts'

/** Covers the name's resolution, TCP, TLS and the password. */
const CONNECT_MS = 2_000
/** The only bound for what was already sent into a dead link. */
export const ANSWER_MS = 5_000
/** A transaction run again may wait for its own orphan; shorter than our patience, the connection outlives that. */
export const LOCK_MS = 2_000
const CLOSE_MS = 1_000
const SETTINGS = {
  lock_timeout: LOCK_MS,
  /** So that the server ends what we no longer wait for. */
  statement_timeout: 4_500,
  /** A process that is frozen in the middle of a transaction must not keep its locks: the others could not take its destinations over. */
  idle_in_transaction_session_timeout: 5_000,
  /** A plan that was made while a table was small is kept while it grows: it must use the index from the start. */
  enable_seqscan: 'off',
}
const TCP_USER_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 5_000
/** Searches are made of pieces in any number of ways; every name costs memory on each connection of the server. */
const NAMES_MAX = 200

export type Host = PostgresAddress['hosts'][number]

export type Connection = {
  readonly host: Host
  /** Nothing can be asked any more. */
  readonly isLost: boolean
  /** @param withinMs after this long without an answer it is lost
   *  @throws ConnectionFault, and what the driver throws */
  ask(
    sql: string,
    values: readonly unknown[],
    withinMs: number,
  ): Promise<{ readonly rows: Row[]; readonly count: number }>
  /** @param first a statement that goes along */
  begin(withinMs: number, first?: string): Promise<void>
  /** One statement that commits by itself. @throws also when its commit was not replicated */
  write(sql: string, values: readonly unknown[], withinMs: number): Promise<Row[]>
  commit(withinMs: number): Promise<void>
  /** Calls back with what others tell on the channels that it listens to. */
  onNotice(listener: (payload: string) => void): void
  /** Calls back when it has ended, by whoever's will. */
  onEnd(listener: () => void): void
  /** Takes leave when nothing is under way, and cuts off what is. */
  close(): Promise<void>
}

export const connect = async (address: PostgresAddress, host: Host, clock: Clock): Promise<Connection> => {
  const socket = new Socket()
  const client = new pg.Client({ ...settingsOf(address), ...host, stream: () => socket })
  let fault: ConnectionFault | undefined
  let isLost = false
  let isUnreplicated = false
  let last: Promise<unknown> = Promise.resolve()
  const lose = () => {
    isLost = true
  }
  client.on('error', lose)
  client.on('end', lose)
  client.on('notice', notice => {
    // The function's name is the same in every language.
    isUnreplicated ||= notice.routine === 'SyncRepWaitForLSN' || /synchronous replication/.test(notice.message ?? '')
  })

  const within = async <T>(limitMs: number, kind: ConnectionFault['code'], answer: Promise<T>): Promise<T> => {
    const cancel = clock.after(limitMs, () => {
      isLost = true
      fault = new ConnectionFault(kind)
      socket.destroy()
    })
    try {
      return await answer
    } catch (error) {
      throw fault ?? withoutValues(error)
    } finally {
      cancel()
    }
  }
  const send = (text: string, values: readonly unknown[], withinMs: number): Promise<pg.QueryResult<Row>> => {
    if (isLost) throw new ConnectionFault('NOT_SENT')
    const name = address.pooler === 'none' && values.length > 0 ? nameOf(text) : undefined
    return within(withinMs, 'NO_ANSWER', client.query<Row>({ text, values: [...values], ...(name && { name }) }))
  }
  /** One after the other: each has its own time for the answer. */
  const ask = (text: string, values: readonly unknown[], withinMs: number): Promise<pg.QueryResult<Row>> => {
    const answer = last.then(() => send(text, values, withinMs))
    last = answer.catch(() => {})
    return answer
  }

  const replicated: typeof ask = async (text, values, withinMs) => {
    isUnreplicated = false
    const result = await ask(text, values, withinMs)
    if (isUnreplicated) throw new ConnectionFault('NOT_REPLICATED')
    return result
  }

  try {
    await within(CONNECT_MS, 'NO_CONNECTION', client.connect())
  } catch (error) {
    socket.destroy()
    const isDenied = error instanceof Error && 'code' in error && error.code === '42501'
    throw isDenied ? new ConnectionFault('NO_ENTRY') : error
  }
  return {
    host,
    get isLost() {
      return isLost
    },
    async ask(sql, values, withinMs) {
      const { rows, rowCount } = await ask(sql, values, withinMs)
      return { rows, count: rowCount ?? 0 }
    },
    async begin(withinMs, first) {
      const begin = address.pooler === 'none' ? 'begin' : BEGIN_POOLED
      await ask(first === undefined ? begin : `${begin}; ${first}`, [], withinMs)
    },
    write: async (sql, values, withinMs) => (await replicated(sql, values, withinMs)).rows,
    async commit(withinMs) {
      const { command } = await replicated('commit', [], withinMs)
      if (command !== 'COMMIT') throw new Error('a statement of the transaction had failed, and nobody was told')
    },
    onNotice: listener => void client.on('notification', ({ payload = '' }) => listener(payload)),
    onEnd: listener => void client.once('end', listener),
    async close() {
      if (isLost) socket.destroy()
      isLost = true
      const cancel = clock.after(CLOSE_MS, () => socket.destroy())
      await client.end()
      cancel()
    },
  }
}

/** Words that quote what was to be written hold users' texts, and end up in logs; the code says enough. */
const withoutValues = (error: unknown): unknown => {
  if (!(error instanceof pg.DatabaseError) || !/^(22|23)/.test(error.code ?? '')) return error
  return Object.assign(new Error(`the database refused a value (${error.routine})`), { code: error.code })
}

/** Nothing is left to the driver, which would look around in the environment and in the user's home. */
const settingsOf = ({ database, user, password, tls, pooler }: PostgresAddress): pg.ClientConfig => ({
  database,
  user,
  password() {
    if (password === null) throw new ConnectionFault('NO_PASSWORD')
    return password
  },
  ssl: tls !== null && { rejectUnauthorized: tls.isVerified, ...(tls.ca !== null && { ca: tls.ca }) },
  sslnegotiation: 'postgres',
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  application_name: 'support-relay',
  client_encoding: 'UTF8',
  // A pooler refuses what it does not know.
  ...(pooler === 'none' && { options: OPTIONS }),
  types: { getTypeParser },
})

const OPTIONS = Object.entries({ ...SETTINGS, tcp_user_timeout: TCP_USER_TIMEOUT_MS })
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ')
/** Behind a pooler there is no other moment to say so. */
const BEGIN_POOLED = ['begin', ...Object.entries(SETTINGS).map(([name, value]) => `set local ${name} = ${value}`)].join(
  '; ',
)

/** Moments and counts fit into a double. */
const AS_NUMBERS: Readonly<Record<number, number>> = { 20: 23, 1016: 1007 }
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: string) =>
  pg.types.getTypeParser(AS_NUMBERS[oid] ?? oid, format as 'text') // the driver passes the formats it knows

const names = new Map<string, string>()
const nameOf = (sql: string): string | undefined => {
  const known = names.get(sql)
  if (known !== undefined || names.size >= NAMES_MAX) return known
  const name = createHash('sha256').update(sql).digest('base64url').slice(0, 22)
  names.set(sql, name)
  return name
}
