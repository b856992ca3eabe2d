/** One try of a call, on one connection. */
import type { Row } from '../columns.ts'
import type { Connection } from './connection.ts'
import { ConnectionFault } from './errors.ts'
import type { Session, Statement } from './session.ts'

const ROLLBACK_MS = 1_000

export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  /** `isCommitting`: what was written may count all the same. `isOpen`: the transaction stands until it is rolled back. */
  | { readonly ok: false; readonly error: unknown; readonly isCommitting: boolean; readonly isOpen: boolean }

export type Bounds = {
  /** How long one statement may take. */
  readonly answerMs: number
  /** How long the call may still take. */
  readonly leftMs: () => number
}

/** Nothing of it is left when it fails before the commit; afterwards `rollBack` frees the connection for others.
 *  @param transaction undefined where nothing is written */
export const attempt = async <T>(
  connection: Connection,
  work: (db: Session) => Promise<T>,
  bounds: Bounds,
  transaction?: { readonly first?: string | undefined },
): Promise<Attempt<T>> => {
  let isOver = false
  let isCommitting = false
  const ask = async (sql: string, values: readonly unknown[] = []) => {
    // The connection may be somebody else's by now.
    if (isOver) throw new Error('a statement came after the end of its transaction')
    return connection.ask(sql, values, withinMs(bounds))
  }
  const session: Session = {
    all: async (sql, values) => (await ask(sql, values)).rows,
    async run(sql, values) {
      if (!transaction) throw new Error('a statement that writes needs a transaction')
      return (await ask(sql, values)).count
    },
  }
  try {
    if (transaction) await connection.begin(withinMs(bounds), transaction.first)
    const value = await work(session)
    isOver = true
    if (transaction) {
      const commitMs = withinMs(bounds)
      isCommitting = true
      await connection.commit(commitMs)
    }
    return { ok: true, value }
  } catch (error) {
    isOver = true
    return { ok: false, error, isCommitting, isOpen: transaction !== undefined }
  }
}

/** One statement that commits by itself. */
export const attemptStatement = async (
  connection: Connection,
  { sql, values }: Statement,
  bounds: Bounds,
): Promise<Attempt<Row[]>> => {
  try {
    return { ok: true, value: await connection.write(sql, values, withinMs(bounds)) }
  } catch (error) {
    return { ok: false, error, isCommitting: true, isOpen: false }
  }
}

const withinMs = ({ answerMs, leftMs }: Bounds): number => {
  // What is not sent has surely not happened.
  if (leftMs() <= 0) throw new ConnectionFault('NO_TIME')
  return Math.min(answerMs, leftMs())
}

/** @returns whether the connection can be used by others */
export const rollBack = async (connection: Connection): Promise<boolean> => {
  try {
    await connection.ask('rollback', [], ROLLBACK_MS)
    return true
  } catch {
    return false
  }
}
