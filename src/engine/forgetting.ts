/** Keeps the data within bounds: sessions that ran out, and tickets and attempts that are older than they are to be kept. */
import type { Clock } from '../domain/clock.ts'
import type { Store } from '../domain/store.ts'

const EVERY_MS = 3_600_000
/** What could not be forgotten is looked at again once a day. */
const FROM_THE_START_MS = 24 * 3_600_000
const SESSIONS_EACH = 1_000
/** So many tickets hold the writer for some milliseconds (docs/performance.md). */
const TICKETS_EACH = 50
/** A clock that is corrected a little is no clock that jumped. */
const JUMP_MS = 60_000

export type Forgetting = {
  readonly store: Pick<Store, 'prune' | 'forgetTickets' | 'forgetAttempts'>
  readonly clock: Clock
  /** Milliseconds. */
  readonly keep: { readonly tickets: number; readonly attempts: number }
  readonly onForgotten: (removed: { readonly tickets: number; readonly attempts: number }) => void
  readonly onError: (error: unknown) => void
}

/** Every hour, from an hour after the start. Returns how to stop it. */
export const startForgetting = ({ store, clock, keep, onForgotten, onError }: Forgetting): (() => void) => {
  let isStopped = false
  let cancel = () => {}
  let offset = clock.now() - clock.monotonic()
  let startedAt = Number.NEGATIVE_INFINITY
  let afterTicket: string | null = null
  let afterAttempts = 0

  const next = () => {
    cancel = clock.after(EVERY_MS, () => void pass().catch(onError).finally(next))
    if (isStopped) cancel()
  }
  next()
  return () => {
    isStopped = true
    cancel()
  }

  async function pass(): Promise<void> {
    const now = clock.now()
    await slices(async () => (await store.prune({ now, limit: SESSIONS_EACH })) < SESSIONS_EACH)
    // A clock that jumped ahead makes everything old: it is believed once it has stood for an hour.
    const before = offset
    offset = now - clock.monotonic()
    if (Math.abs(offset - before) > JUMP_MS) return
    if (clock.monotonic() - startedAt >= FROM_THE_START_MS) {
      startedAt = clock.monotonic()
      afterTicket = null
      afterAttempts = 0
    }
    const removed = { tickets: 0, attempts: 0 }
    await slices(async () => {
      const slice = await store.forgetTickets({ before: now - keep.tickets, after: afterTicket, limit: TICKETS_EACH })
      afterTicket = slice.after
      removed.tickets += slice.removed
      return slice.isLast
    })
    await slices(async () => {
      const request = { before: now - keep.attempts, after: afterAttempts, limit: TICKETS_EACH }
      const slice = await store.forgetAttempts(request)
      afterAttempts = slice.after
      removed.attempts += slice.removed
      return slice.isLast
    })
    if (removed.tickets + removed.attempts > 0) onForgotten(removed)
  }

  /** After each slice as much time as it took belongs to the others. */
  async function slices(one: () => Promise<boolean>): Promise<void> {
    while (!isStopped) {
      const from = clock.monotonic()
      if (await one()) return
      await new Promise<void>(resolve => clock.after(clock.monotonic() - from, resolve))
    }
  }
}
