/** Runs statements where the primary is, and tells what became of them when they failed. */
import type { Clock, Random } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { type Attempt, attempt, attemptStatement, type Bounds, rollBack } from './attempt.ts'
import { ANSWER_MS, type Connection } from './connection.ts'
import { DatabaseUnavailable, troubleOf } from './errors.ts'
import { hintsTo } from './hints.ts'
import { hostsOf } from './hosts.ts'
import { type Listener, startListener } from './listener.ts'
import { openPool } from './pool.ts'
import type { Primary, Session } from './session.ts'

type Limits = {
  /** No call takes longer than this. */
  readonly callMs: number
  /** Nobody waits longer for a connection; what is left is for the statements. */
  readonly takeMs: number
  /** How long one statement may take. */
  readonly answerMs: number
}
const SHORT: Limits = { callMs: 10_000, takeMs: 4_000, answerMs: ANSWER_MS }
const DAY_MS = 86_400_000
const LONG: Limits = { ...SHORT, callMs: DAY_MS, answerMs: DAY_MS }
const TRIES = 4
/** With less time left nothing is begun anew. */
const TRY_MIN_MS = 1_000
const BACKOFF_MS = 50

export type PrimaryOptions = { readonly clock: Clock; readonly random: Random; readonly connections: number }

export const openPrimary = (address: PostgresAddress, options: PrimaryOptions): Primary => {
  const { clock, random } = options
  const isPooled = address.pooler === 'transaction'
  const listeners: Listener[] = []
  const hosts = hostsOf(address, clock)
  const onLeave = () => {
    for (const listener of listeners) listener.restart()
  }
  const pool = openPool(hosts, { ...options, onLeave })
  // A pooler takes settings for the length of a transaction only.
  const read = <T>(work: (db: Session) => Promise<T>) =>
    call((connection, bounds) => attempt(connection, work, bounds, isPooled ? {} : undefined), SHORT)
  const transaction = <T>(work: (db: Session) => Promise<T>, limits: Limits, first?: string) =>
    call((connection, bounds) => attempt(connection, work, bounds, { first }), limits)
  const hints = hintsTo((sql, values) => read(db => db.all(sql, values)))

  return {
    read,
    transaction: (work, { takeMs = SHORT.takeMs, first } = {}) => transaction(work, { ...SHORT, takeMs }, first),
    statement: one =>
      isPooled
        ? transaction(db => db.all(one.sql, one.values), SHORT)
        : call((connection, bounds) => attemptStatement(connection, one, bounds), SHORT, true),
    longTransaction: work => transaction(work, LONG, 'set local statement_timeout = 0'),
    listen(channel, onNotice) {
      // A pooler would take the message for somebody else: what is due is found by polling.
      if (!isPooled) listeners.push(startListener({ hosts, clock, channel, onNotice }))
    },
    notify(channel, payload) {
      if (!isPooled) hints.give(channel, payload)
    },
    async close() {
      await Promise.all(listeners.map(listener => listener.close()))
      await pool.close()
    },
  }

  async function call<T>(
    run: (connection: Connection, bounds: Bounds) => Promise<Attempt<T>>,
    { callMs, answerMs, takeMs }: Limits,
    isRepeatable = false,
  ): Promise<T> {
    const until = clock.monotonic() + callMs
    const leftMs = () => until - clock.monotonic()
    for (let tried = 1; ; tried += 1) {
      const connection = await pool.take(Math.min(takeMs, leftMs()))
      const result = await run(connection, { answerMs, leftMs })
      if (result.ok) {
        pool.give(connection, 'keep')
        return result.value
      }
      const trouble = troubleOf(result.error)
      const what = trouble?.connection ?? 'keep'
      const isSpoilt = what === 'keep' && result.isOpen && !(await rollBack(connection))
      pool.give(connection, isSpoilt ? 'drop' : what)
      if (!trouble) throw result.error
      const outcome = result.isCommitting ? trouble.outcome : 'not-written'
      const isOver = tried === TRIES || leftMs() < TRY_MIN_MS
      if (isOver || !trouble.isRetried || (outcome === 'unknown' && !isRepeatable))
        throw new DatabaseUnavailable(outcome, trouble, { cause: result.error })
      // The same moment suited others too.
      const waitMs = BACKOFF_MS * 2 ** tried * random.fraction()
      await new Promise<void>(resolve => clock.after(waitMs, resolve))
    }
  }
}
