/** What the cases of the store contract have in common: tickets to store, leases to settle under, a store that is put away after each case. */
import test from 'node:test'
import { afterAttempt, type DeliveryProgress } from '../../../src/domain/delivery.ts'
import type { DestinationHealth } from '../../../src/domain/destination-health.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { AcceptResult, Lease, Settlement, SettleResult, Store } from '../../../src/domain/store.ts'
import type { NewTicket } from '../../../src/domain/ticket.ts'
import type { OpenedStore } from '../store.ts'

export const START = 1_764_028_800_000
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export type Open = () => Promise<OpenedStore>

/** One case: a fresh store, put away afterwards however the case ended. */
export const storeTest = (
  name: string,
  open: Open,
  what: string,
  run: (store: Store, opened: OpenedStore) => Promise<void>,
): void => {
  test(`${name}: ${what}`, async () => {
    const opened = await open()
    try {
      await run(opened.store, opened)
    } finally {
      await opened.dispose()
    }
  })
}

let made = 0

/** Ids in the order of making, as the service makes them. */
export const ticketId = (): string => {
  made += 1
  const time = (0x0199aaaabbbb + (made >> 12)).toString(16).padStart(12, '0')
  const counter = (made & 0xfff).toString(16).padStart(3, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-8000-${made.toString(16).padStart(12, '0')}`
}

export const ticket = (overrides: Partial<NewTicket> & { username?: string } = {}): NewTicket => {
  const { username = 'Ada#1234', ...rest } = overrides
  return {
    id: ticketId(),
    createdAt: START,
    type: 'BUG',
    subject: 'My subject',
    message: 'It broke.',
    user: { username, role: 'USER', name: 'Ada Lovelace', email: 'ada@sdu.dk', organization: 'sdu.dk' },
    project: { id: 'p-1', listed: true },
    projects: ['p-1', 'p-2'],
    technical: { requestId: 'r-1', userAgent: 'curl' },
    context: { page: '/app/jobs' },
    destinations: ['devsupport', 'archive'],
    limitPerHour: 10,
    idempotency: null,
    ...rest,
  }
}

export const keyed = (key: string, print = 1): NewTicket['idempotency'] => ({
  key,
  fingerprint: Uint8Array.of(print, 2, 3, 4),
})

export const accepted = async (
  store: Store,
  overrides: Parameters<typeof ticket>[0] = {},
): Promise<Extract<AcceptResult, { outcome: 'accepted' }>> => {
  const result = await store.accept(ticket(overrides))
  if (result.outcome !== 'accepted') throw new Error(`the ticket was ${result.outcome}`)
  return result
}

/** Leases for long enough not to matter. */
export const lease = async (store: Store, destination = 'devsupport', engine = 'engine-1'): Promise<Lease> => {
  const [taken] = await store.takeLeases({ engine, destinations: [destination], forMs: HOUR })
  if (!taken) throw new Error(`the lease of ${destination} was not free`)
  return taken
}

export const dueNow = async (store: Store, destination = 'devsupport', now = START + 1): Promise<DeliveryProgress[]> =>
  (await store.due({ destination, now, limit: 100 })).deliveries

export const firstDue = async (
  store: Store,
  destination = 'devsupport',
  now = START + 1,
): Promise<DeliveryProgress> => {
  const [first] = await dueNow(store, destination, now)
  if (!first) throw new Error(`nothing is due for ${destination}`)
  return first
}

/** Settles one attempt with the rules of the domain. */
export const settle = (store: Store, ...what: Parameters<typeof settlementOf>): Promise<SettleResult> =>
  store.settle(settlementOf(...what))

export const settlementOf = (
  held: { epoch: number; health: DestinationHealth },
  progress: DeliveryProgress,
  outcome: Outcome,
  options: { now?: number; ref?: string; nextLevel?: number | null } = {},
): Settlement => {
  const now = options.now ?? START + 10
  const after = afterAttempt(progress, held.health, outcome, {
    now,
    startedAt: now - 5,
    isProbe: false,
    fraction: 0,
    nextLevel: options.nextLevel ?? null,
  })
  return {
    epoch: held.epoch,
    progress: after.progress,
    state: after.state,
    reason: after.reason,
    health: after.health,
    ref: options.ref ?? null,
    attempt: {
      at: now - 5,
      ms: 5,
      outcome: outcome.kind === 'delivered' ? 'DELIVERED' : 'RETRY',
      status: 200,
      excerpt: 'ok',
    },
  }
}
