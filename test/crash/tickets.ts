/** What is sent: ticket `n` of a run is the same whenever it is asked for, so that nothing of its text must be kept. */

export type Receiver = { readonly name: string; readonly kind: 'webhook' | 'slack'; readonly concurrency: number }

/** Where tickets go. The limits differ, so that "no more repeats than could be under way" means something at each. */
export const RECEIVERS = [
  { name: 'archive', kind: 'webhook', concurrency: 16 },
  { name: 'audit', kind: 'webhook', concurrency: 4 },
  { name: 'support', kind: 'slack', concurrency: 1 },
] as const satisfies readonly Receiver[]

export type ReceiverName = (typeof RECEIVERS)[number]['name']

export type Ticket = {
  readonly user: string
  readonly key: string
  readonly type: 'BUG' | 'SUGGESTION' | null
  readonly message: string
  readonly destinations: readonly ReceiverName[]
}

/** As the configuration says it (stage.ts). */
export const ROUTES = {
  BUG: ['archive', 'audit', 'support'],
  SUGGESTION: ['archive', 'audit'],
  none: ['archive'],
} as const satisfies Record<string, readonly ReceiverName[]>

const USERS = 40
/** Every tenth is a bug, which goes everywhere; every fourth of the others a suggestion, which goes to two; the rest to one. */
const BUG_EVERY = 10
const SUGGESTION_EVERY = 4
/** Every fiftieth is some 30 kB: many pages of the log in one transaction. */
const LONG_EVERY = 50

export const ticketOf = (seed: number, n: number): Ticket => {
  const type = n % BUG_EVERY === 0 ? 'BUG' : n % SUGGESTION_EVERY === 0 ? 'SUGGESTION' : null
  const sentences = n % LONG_EVERY === 1 ? 1_000 : (n * 7) % 30
  return {
    user: `User#${n % USERS}`,
    key: `key-${n}`,
    type,
    message: `Ticket ${n} of run ${seed}.\n${'My job does not start any more. '.repeat(sentences)}`.trim(),
    destinations: ROUTES[type ?? 'none'],
  }
}

/** The number of the ticket that this text shows, wherever in it; undefined when it is none of the run's. */
export const numberIn = (seed: number, text: string): number | undefined => {
  const [, n, run] = /Ticket (\d+) of run (\d+)\./.exec(text) ?? []
  return n !== undefined && Number(run) === seed ? Number(n) : undefined
}
