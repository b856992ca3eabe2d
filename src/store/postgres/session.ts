/** What the statements of this store need of a connection. */
import type { Row } from '../columns.ts'

export type Session = {
  /** The rows of one statement. */
  all(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** How many rows one statement touched. */
  run(sql: string, values?: readonly unknown[]): Promise<number>
}

/** One that writes, with its values. */
export type Statement = { readonly sql: string; readonly values: readonly unknown[] }

/** The primary of a database: where statements go, wherever it has moved to. Every failure to reach it is a `StoreUnavailable`; what a statement
 *  itself did wrong is passed on as it is, with everything rolled back. */
export type Primary = {
  /** Statements that only look. */
  read<T>(work: (db: Session) => Promise<T>): Promise<T>
  /** All or nothing; resolves after the commit. May be run again from the start, so it does nothing but ask this database.
   *  @param options.takeMs how long it may wait for a connection
   *  @param options.first a statement without values, sent along with the BEGIN */
  transaction<T>(
    work: (db: Session) => Promise<T>,
    options?: { readonly takeMs?: number; readonly first?: string },
  ): Promise<T>
  /** One statement that writes, and commits by itself. It must do nothing when it comes a second time: it is asked again where its answer is lost. */
  statement(statement: Statement): Promise<Row[]>
  /** The same, for as long as its statements take; what others hold is waited for as shortly as ever, since they wait behind it. */
  longTransaction<T>(work: (db: Session) => Promise<T>): Promise<T>
  /** Calls back with what others tell on the channel; with null when it may have missed something. */
  listen(channel: string, onNotice: (payload: string | null) => void): void
  /** A hint to the others: not waited for, and no harm when it gets lost. */
  notify(channel: string, payload: string): void
  close(): Promise<void>
}
