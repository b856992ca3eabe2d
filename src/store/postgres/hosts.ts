/** Finds the primary among the hosts of a database. */
import type { Clock } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { ANSWER_MS, type Connection, connect, type Host, LOCK_MS } from './connection.ts'
import { ConnectionFault, type Trouble, troubleOf } from './errors.ts'

/** What is the matter when none of the hosts is the primary. */
export type NoPrimary = Trouble & {
  /** Every host refuses for good: none is left that may serve soon. */
  readonly isFinal: boolean
}

export type Hosts = {
  /** A new connection to the primary, or what is the matter when none of the hosts is it. */
  find(): Promise<Connection | NoPrimary>
  /** The next search begins behind this host: it may go on saying that it is the primary while nothing can be written there. */
  leave(host: Host): void
}

export const isTrouble = (found: Connection | NoPrimary): found is NoPrimary => 'outcome' in found

export const hostsOf = (address: PostgresAddress, clock: Clock): Hosts => {
  const { hosts } = address
  let first = 0
  let timeline = 0

  return {
    async find() {
      const troubles: Trouble[] = []
      let outdated: Connection | undefined
      for (const host of [...hosts.slice(first), ...hosts.slice(0, first)]) {
        try {
          const connection = await primaryAt(host)
          if (!connection) {
            troubles.push(STANDBY)
            continue
          }
          const found = await timelineOf(connection)
          if (found < timeline && !outdated) {
            outdated = connection
            continue
          }
          void outdated?.close()
          timeline = Math.max(timeline, found)
          first = hosts.indexOf(host)
          return connection
        } catch (error) {
          troubles.push(troubleOf(error) ?? unusable(error))
        }
      }
      // Of two that say they are the primary the later one is; whoever says so alone may have begun anew.
      if (outdated && !outdated.isLost) return outdated
      return mostTelling(troubles)
    },
    leave(host) {
      const at = hosts.indexOf(host)
      if (at === first) first = (at + 1) % hosts.length
    },
  }

  async function primaryAt(host: Host): Promise<Connection | undefined> {
    const connection = await connect(address, host, clock)
    try {
      const { rows } = await connection.ask(TAKES_WRITES, [], ANSWER_MS)
      if (address.pooler === 'none' && rows[0]?.has_settings !== true) throw new ConnectionFault('POOLED')
      if (rows[0]?.is_primary === true) return connection
      void connection.close()
      return undefined
    } catch (error) {
      void connection.close()
      throw error
    }
  }

  /** Grows with each promotion of a standby. Some managed databases have none: they have one address too. */
  async function timelineOf(connection: Connection): Promise<number> {
    if (hosts.length === 1) return 0
    try {
      const { rows } = await connection.ask(TIMELINE, [], ANSWER_MS)
      return Number.parseInt(String(rows[0]?.timeline), 16)
    } catch {
      return timeline
    }
  }
}

/** A pooler takes our settings and forgets them: what comes between us and the server is not the server. */
const TAKES_WRITES = `select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as is_primary,
  current_setting('lock_timeout')::interval = interval '${LOCK_MS} milliseconds' as has_settings`
const TIMELINE = 'select left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline'

const waited = (message: string): Trouble => ({
  outcome: 'not-written',
  connection: 'leave',
  isRetried: false,
  isPermanent: false,
  message,
})
const STANDBY = waited('no host of the database takes writes')
/** Such as a TLS handshake that fails. */
const unusable = (error: unknown): Trouble =>
  waited(
    `no connection to the database comes about${error instanceof Error && 'code' in error ? ` (${error.code})` : ''}`,
  )

/** What lasts comes first: somebody has to change it, and a host that is merely away would hide that. */
const mostTelling = (troubles: readonly Trouble[]): NoPrimary => ({
  ...(troubles.find(({ isPermanent }) => isPermanent) ?? troubles[0] ?? STANDBY),
  isFinal: troubles.every(({ isPermanent }) => isPermanent),
})
