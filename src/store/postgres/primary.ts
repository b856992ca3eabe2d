/** Finds the primary among the hosts of a database, and keeps a few connections to it. */
import type { Clock, Random } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import { type Connection, connect, NotReplicated, SETTINGS } from './connection.ts'
import { troubleOf } from './errors.ts'
import { type Listener, startListener } from './listener.ts'
import type { Primary, Session } from './session.ts'

/** Nobody waits longer than this for a connection. */
const ACQUIRE_MS = 4_000
/** After a round of all hosts in vain: this long, growing, until the next. */
const ROUND_FIRST_MS = 100
const ROUND_MAX_MS = 2_000
const TRIES = 3
/** Nothing is tried again when it has taken this long. */
const TRY_AGAIN_WITHIN_MS = 4_000

export type PrimaryOptions = { readonly clock: Clock; readonly random: Random; readonly connections: number }

type Waiter = { resolve(connection: Connection): void; reject(error: Error): void }

export const openPrimary = (address: PostgresAddress, options: PrimaryOptions): Primary => {
  const { clock, random } = options
  const idle: Connection[] = []
  /** Of the connections that count; a retired one is closed when it comes back. */
  let open = new Set<Connection>()
  const waiting: Waiter[] = []
  const listeners: Listener[] = []
  let first = 0
  let opening = 0
  let isClosed = false
  let roundMs = ROUND_FIRST_MS
  let lastTrouble: { readonly message: string; readonly cause?: unknown } = {
    message: 'the database cannot be reached',
  }

  return {
    read: work => using(work, false),
    transaction: work => using(work, true),
    listen(channel, onNotice) {
      // A pooler would take the message for somebody else: what is due is found by polling.
      if (address.pooler === 'none') listeners.push(startListener(find, clock, channel, onNotice))
    },
    notify(channel, payload) {
      if (address.pooler !== 'none') return
      // Whoever misses it polls.
      void using(db => db.all('select pg_notify($1, $2)', [channel, payload]), false).catch(() => {})
    },
    async close() {
      isClosed = true
      await Promise.all(listeners.map(listener => listener.close()))
      for (const waiter of waiting.splice(0)) waiter.reject(unavailable('not-written', 'the store is closed'))
      const all = [...open]
      open = new Set()
      await Promise.all(all.map(connection => connection.close()))
    },
  }

  async function using<T>(work: (db: Session) => Promise<T>, isWriting: boolean): Promise<T> {
    const until = clock.monotonic() + TRY_AGAIN_WITHIN_MS
    for (let tried = 1; ; tried += 1) {
      const connection = await acquire()
      let isCommitting = false
      try {
        if (isWriting) await begin(connection)
        const result = await work(connection)
        isCommitting = true
        if (isWriting) await connection.commit()
        release(connection)
        return result
      } catch (error) {
        const trouble = error instanceof NotReplicated ? UNREPLICATED : troubleOf(error)
        await after(connection, isWriting, trouble?.connection ?? 'keep')
        if (!trouble) throw error
        lastTrouble = { message: trouble.message, cause: error }
        const outcome = isWriting && isCommitting ? trouble.outcome : 'not-written'
        const mayRun = trouble.isRetried || (outcome === 'not-written' && trouble.connection !== 'keep')
        if (!mayRun || tried === TRIES || clock.monotonic() > until) throw unavailable(outcome, trouble.message, error)
      }
    }
  }

  async function begin(connection: Connection): Promise<void> {
    await connection.all('begin')
    // Behind a pooler there was no other moment to say so.
    if (address.pooler === 'none') return
    const settings = Object.entries(SETTINGS).map(([name, value]) => `set local ${name} = ${value}`)
    await connection.all(settings.join('; '))
  }

  async function after(connection: Connection, isWriting: boolean, what: 'keep' | 'drop' | 'next' | 'retire') {
    if (what === 'next' || what === 'retire') first = (first + 1) % address.hosts.length
    if (what === 'retire') retire()
    if (what !== 'keep') return discard(connection)
    try {
      if (isWriting) await connection.all('rollback')
      release(connection)
    } catch {
      discard(connection) // the next one finds out what is wrong
    }
  }

  function acquire(): Promise<Connection> {
    if (isClosed) return Promise.reject(unavailable('not-written', 'the store is closed'))
    for (let connection = idle.pop(); connection; connection = idle.pop()) {
      if (!connection.isLost) return Promise.resolve(connection)
      open.delete(connection)
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: connection => {
          cancel()
          resolve(connection)
        },
        reject: error => {
          cancel()
          reject(error)
        },
      }
      const cancel = clock.after(ACQUIRE_MS, () => {
        waiting.splice(waiting.indexOf(waiter), 1)
        reject(unavailable('not-written', lastTrouble.message, lastTrouble.cause))
      })
      waiting.push(waiter)
      void openMore()
    })
  }

  function release(connection: Connection): void {
    const isUsable = !isClosed && !connection.isLost && open.has(connection)
    const waiter = isUsable ? waiting.shift() : undefined
    if (!isUsable) discard(connection)
    else if (waiter) waiter.resolve(connection)
    else idle.push(connection)
  }

  function discard(connection: Connection): void {
    open.delete(connection)
    void connection.close()
    if (waiting.length > 0) void openMore()
  }

  /** All connections to a host that turned out to be no primary. */
  function retire(): void {
    for (const connection of idle.splice(0)) void connection.close()
    open = new Set()
  }

  async function openMore(): Promise<void> {
    if (isClosed || opening > 0 || waiting.length === 0 || open.size >= options.connections) return
    opening += 1
    const connection = await find()
    opening -= 1
    if (connection) {
      roundMs = ROUND_FIRST_MS
      open.add(connection)
      release(connection)
      void openMore()
    } else if (waiting.length > 0) {
      const waitMs = roundMs * (0.5 + random.fraction())
      roundMs = Math.min(ROUND_MAX_MS, roundMs * 2)
      clock.after(waitMs, () => void openMore())
    }
  }

  /** A connection to the primary, beginning with the host that was it last; undefined when none of them is. */
  async function find(): Promise<Connection | undefined> {
    for (let i = 0; i < address.hosts.length; i += 1) {
      const at = (first + i) % address.hosts.length
      const host = address.hosts[at]
      if (!host) continue
      try {
        const connection = await connect(address, host)
        if (await connection.isPrimary()) {
          first = at
          return connection
        }
        lastTrouble = { message: 'no host of the database takes writes' }
        void connection.close()
      } catch (error) {
        lastTrouble = { message: troubleOf(error)?.message ?? 'the database cannot be reached', cause: error }
      }
    }
    return undefined
  }
}

const UNREPLICATED = {
  outcome: 'unknown',
  connection: 'keep',
  isRetried: false,
  message: 'the commit was not confirmed by the standby',
} as const

const unavailable = (outcome: 'not-written' | 'unknown', message: string, cause?: unknown): StoreUnavailable =>
  new StoreUnavailable(outcome, message, { cause })
