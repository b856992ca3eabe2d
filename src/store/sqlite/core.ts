/** The synchronous core: every call of the store contract as a plain function on one connection. In service it runs in
 *  two threads (threads.ts); tests and the simulation use it directly (direct.ts). */
import type { AcceptResult, Settlement, SettleResult } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import { announcementReads, announcementWrites } from './announcements.ts'
import type { Database } from './database.ts'
import { CommitFailed, isDamage } from './database.ts'
import { deliveryReads, deliveryWrites, settleIn } from './deliveries.ts'
import { deliveryPageReads } from './delivery-page.ts'
import { destinationReads, type LeaseTimes, leaseWrites } from './destinations.ts'
import { eventWrites } from './events.ts'
import { indexWrites } from './indexing.ts'
import { acceptIn } from './intake.ts'
import { replayReads, replayWrites } from './replay.ts'
import { retentionWrites } from './retention.ts'
import { searchReads } from './search.ts'
import { sessionReads, sessionWrites } from './sessions.ts'
import { ticketReads } from './tickets.ts'

/** A result per item, so that one that fails does not fail its neighbours. */
export type Settled<T> = { readonly value: T } | { readonly error: Failure }
export type Failure = {
  readonly outcome: 'not-written' | 'unknown'
  readonly message: string
  readonly isDamage: boolean
}

export type Batch = { readonly tickets: readonly NewTicket[]; readonly settlements: readonly Settlement[] }
export type BatchResult = { readonly tickets: Settled<AcceptResult>[]; readonly settlements: Settled<SettleResult>[] }

export const sqliteReads = (db: Database) => {
  return {
    ...ticketReads(db),
    ...searchReads(db),
    ...deliveryReads(db),
    ...deliveryPageReads(db),
    ...replayReads(db),
    ...destinationReads(db),
    ...announcementReads(db),
    ...sessionReads(db),
  }
}

export const sqliteWrites = (db: Database, now: () => number, leases: LeaseTimes) => {
  const accept = acceptIn(db)
  const settle = settleIn(db)
  const touch = db.prepare("insert or replace into meta (key, value) values ('checked', x'')")
  return {
    ...deliveryWrites(db),
    ...eventWrites(db),
    ...replayWrites(db),
    ...announcementWrites(db),
    ...leaseWrites(db, now, leases),
    ...sessionWrites(db),
    ...retentionWrites(db),
    ...indexWrites(db),
    /** Tickets and settlements in one transaction, covered by one sync. On an error they part: settlements may share the sync
     *  but never the fate of tickets, and one bad row never poisons its neighbours. */
    batch(batch: Batch): BatchResult {
      try {
        return db.transaction(() => ({
          tickets: batch.tickets.map(ticket => ({ value: accept(ticket) })),
          settlements: batch.settlements.map(settlement => ({ value: settle(settlement) })),
        }))
      } catch (error) {
        if (error instanceof CommitFailed) return failedBatch(batch, error)
        return { tickets: together(batch.tickets, accept), settlements: together(batch.settlements, settle) }
      }
    },
    /** Resolves when a write can be committed. */
    check: () => void db.transaction(() => touch.run()),
  }

  function together<T, R>(items: readonly T[], one: (item: T) => R): Settled<R>[] {
    try {
      return db.transaction(() => items.map(item => ({ value: one(item) })))
    } catch (error) {
      if (error instanceof CommitFailed) return items.map(() => ({ error: failure(error) }))
      return items.map(item => alone(item, one))
    }
  }

  function alone<T, R>(item: T, one: (item: T) => R): Settled<R> {
    try {
      return { value: db.transaction(() => one(item)) }
    } catch (error) {
      return { error: failure(error) }
    }
  }
}

/** What a failed write means to whoever waits for it. After a failed COMMIT the data may be there all the same. */
export const failure = (error: unknown): Failure => {
  const cause = error instanceof CommitFailed ? error.cause : error
  return {
    outcome: error instanceof CommitFailed ? 'unknown' : 'not-written',
    message: cause instanceof Error ? cause.message : String(cause),
    isDamage: isDamage(cause),
  }
}

const failedBatch = (batch: Batch, error: unknown): BatchResult => ({
  tickets: batch.tickets.map(() => ({ error: failure(error) })),
  settlements: batch.settlements.map(() => ({ error: failure(error) })),
})
