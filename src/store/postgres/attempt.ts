/** One try of a call, on one connection. */
import type { Connection } from './connection.ts'
import { ConnectionFault } from './errors.ts'
import type { Session } from './session.ts'

const ROLLBACK_MS = 1_000

export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  /** `isCommitting`: what was written may count all the same. */
  | { readonly ok: false; readonly error: unknown; readonly isCommitting: boolean }

export type AttemptOptions = {
  /** Whether there is a commit at the end. */
  readonly isTransaction: boolean
  /** How long one statement may take. */
  readonly answerMs: number
  /** How long the call may still take. */
  readonly leftMs: () => number
}

/** Nothing of it is left when it fails before the commit; afterwards `rollBack` frees the connection for others. */
export const attempt = async <T>(
  connection: Connection,
  work: (db: Session) => Promise<T>,
  { isTransaction, answerMs, leftMs }: AttemptOptions,
): Promise<Attempt<T>> => {
  let isOver = false
  let isCommitting = false
  const withinMs = () => {
    // What is not sent has surely not happened.
    if (leftMs() <= 0) throw new ConnectionFault('NO_TIME')
    return Math.min(answerMs, leftMs())
  }
  const ask = async (sql: string, values: readonly unknown[] = []) => {
    // The connection may be somebody else's by now.
    if (isOver) throw new Error('a statement came after the end of its transaction')
    return connection.ask(sql, values, withinMs())
  }
  const session: Session = {
    all: async (sql, values) => (await ask(sql, values)).rows,
    async run(sql, values) {
      if (!isTransaction) throw new Error('a statement that writes needs a transaction')
      return (await ask(sql, values)).count
    },
  }
  try {
    if (isTransaction) await connection.begin(withinMs())
    const value = await work(session)
    isOver = true
    if (isTransaction) {
      const commitMs = withinMs()
      isCommitting = true
      await connection.commit(commitMs)
    }
    return { ok: true, value }
  } catch (error) {
    isOver = true
    return { ok: false, error, isCommitting }
  }
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
