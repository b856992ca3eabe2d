/** A few connections to the primary, wherever it is. However many wait, one connection at a time is tried for. */
import type { Clock, Random } from '../../domain/clock.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import type { Connection } from './connection.ts'
import { DatabaseUnavailable, type Trouble } from './errors.ts'
import { type Hosts, isTrouble, type NoPrimary } from './hosts.ts'

/** After a round of all hosts in vain: this long, growing, until the next. */
const PAUSE_FIRST_MS = 100
const PAUSE_MAX_MS = 2_000

export type Pool = {
  /** A connection that nobody else has; when none is free in time, `not-written`. The first search is waited for, so that every host was asked. */
  take(withinMs: number): Promise<Connection>
  /** @param what as `Trouble` says */
  give(connection: Connection, what: Trouble['connection']): void
  /** Resolves when all that were taken have come back. */
  close(): Promise<void>
}

export type PoolOptions = {
  readonly clock: Clock
  readonly random: Random
  readonly connections: number
  /** Called when another host is looked for. */
  readonly onLeave: () => void
}

type Waiter = { resolve(connection: Connection): void; reject(error: Error): void }

export const openPool = (hosts: Hosts, { clock, random, connections, onLeave }: PoolOptions): Pool => {
  const idle: Connection[] = []
  const waiting = new Set<Waiter>()
  /** Those whose time was up during the first search. */
  const late = new Set<Waiter>()
  const taken = new Set<Connection>()
  /** Those that count: what belongs to a host that was left is closed when it comes back. */
  let open = new Set<Connection>()
  let trouble: Trouble | undefined
  let pauseMs = PAUSE_FIRST_MS
  let isSearching = false
  let hasSearched = false
  let isClosed = false
  let onQuiet = () => {}
  let endPause = () => {}

  return {
    take(withinMs) {
      if (isClosed) return Promise.reject(CLOSED)
      for (let connection = idle.pop(); connection; connection = idle.pop()) {
        if (!connection.isLost) return Promise.resolve(lend(connection))
        open.delete(connection)
      }
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { resolve: end(resolve), reject: end(reject) }
        const cancel = clock.after(withinMs, () => {
          if (hasSearched) refuse(waiter)
          else late.add(waiter)
        })
        function end<T>(tell: (result: T) => void): (result: T) => void {
          return result => {
            waiting.delete(waiter)
            late.delete(waiter)
            cancel()
            tell(result)
          }
        }
        waiting.add(waiter)
        void search()
      })
    },
    give(connection, what) {
      taken.delete(connection)
      if (what === 'leave' && open.has(connection)) leave(connection)
      if (what === 'keep') place(connection)
      else discard(connection)
      if (taken.size === 0) onQuiet()
    },
    async close() {
      isClosed = true
      endPause()
      for (const waiter of waiting) waiter.reject(CLOSED)
      if (taken.size > 0) await new Promise<void>(resolve => (onQuiet = resolve))
      await Promise.all(idle.splice(0).map(connection => connection.close()))
    },
  }

  function refuse(waiter: Waiter): void {
    waiter.reject(new DatabaseUnavailable('not-written', trouble ?? (open.size > 0 ? BUSY : SILENT)))
  }

  function lend(connection: Connection): Connection {
    taken.add(connection)
    return connection
  }

  function place(connection: Connection): void {
    const isUsable = !isClosed && !connection.isLost && open.has(connection)
    const [waiter] = waiting
    if (!isUsable) discard(connection)
    else if (waiter) waiter.resolve(lend(connection))
    else idle.push(connection)
  }

  function discard(connection: Connection): void {
    open.delete(connection)
    void connection.close()
    void search()
  }

  function leave({ host }: Connection): void {
    hosts.leave(host)
    for (const connection of idle.splice(0)) void connection.close()
    open = new Set()
    onLeave()
  }

  async function search(): Promise<void> {
    if (isSearching) return
    isSearching = true
    while (!isClosed && waiting.size > 0 && open.size < connections) {
      const found = await hosts.find()
      hasSearched = true
      if (isTrouble(found)) await bear(found)
      else welcome(found)
    }
    isSearching = false
  }

  function welcome(connection: Connection): void {
    trouble = undefined
    pauseMs = PAUSE_FIRST_MS
    const [other] = open
    if (other && other.host !== connection.host) leave(other)
    open.add(connection)
    place(connection)
    for (const waiter of late) refuse(waiter)
  }

  async function bear(found: NoPrimary): Promise<void> {
    trouble = found
    for (const waiter of found.isFinal ? waiting : late) refuse(waiter)
    const waitMs = pauseMs * (0.5 + random.fraction() / 2)
    pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2)
    await new Promise<void>(resolve => {
      const cancel = clock.after(waitMs, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })
  }
}

const CLOSED = new StoreUnavailable('not-written', 'the store is closed')
const BUSY = { message: 'all connections to the database are busy', isPermanent: false }
const SILENT = { message: 'the database does not answer', isPermanent: false }
