/** Locks that end with the transaction: they hold behind every pooler, and none outlives whoever took it. */
import { createHash } from 'node:crypto'
import type { Session } from './session.ts'

/** A statement: one at a time looks at these users' limits and keys and adds to them. Taken in one order by everybody, so that nobody waits in a
 *  circle. It holds numbers only, and so needs no values. */
export const lockingUsers = (usernames: ReadonlySet<string>): string => {
  const keys = [...usernames].map(keyOf).sort((a, b) => (a < b ? -1 : 1))
  return `select count(pg_advisory_xact_lock(key)) from unnest('{${keys}}'::bigint[]) key`
}

/** One at a time hands out leases. */
export const lockLeases = (db: Session): Promise<unknown> => lock(db, 'leases/')

/** One at a time changes the schema. */
export const lockSchema = (db: Session): Promise<unknown> => lock(db, 'schema/')

const lock = (db: Session, name: string) => db.all('select pg_advisory_xact_lock($1::bigint)', [String(keyOf(name))])

const keyOf = (name: string): bigint => createHash('sha256').update(`support-relay/${name}`).digest().readBigInt64BE()
