/** How many outcomes the store settles a second beside a long history. */
import { afterAttempt, type DeliveryProgress } from '../../src/domain/delivery.ts'
import type { Settlement } from '../../src/domain/store.ts'
import { PROGRESS_COLUMNS, progressFrom } from '../../src/store/columns.ts'
import { type Database, openStore } from './postgres.ts'

const DESTINATIONS = ['one', 'two', 'three', 'four']
const YEAR_MS = 365 * 24 * 3_600_000
/** Enough for every second of the run. */
const PENDING = 400_000

/** Two deliveries for each ticket of the history, with their attempts; then those that wait. */
const fill = async ({ ask }: Database, history: number): Promise<void> => {
  const known = await ask('select 1 from support.tickets limit 1')
  if (known.rowCount !== 0) return
  const at = Date.now() - YEAR_MS
  const tickets = history / 2
  const insert = (from: number, to: number, places: string, state: string) => [
    `insert into support.tickets (number, id, created_at, username, status, subject, message, "user", technical)
      select i, gen_random_uuid(), ${at} + i, 'User#' || i % 2000, 'RECEIVED', 'My subject', repeat('It broke. ', 94), '{"role":"USER"}', '{}'
      from generate_series(${from}, ${to}) i`,
    `insert into support.events (ticket_number, event_number, kind, at)
      select i, 1, 'CREATED', ${at} + i from generate_series(${from}, ${to}) i`,
    `insert into support.deliveries (ticket_number, destination, event_number, state, next_attempt_at, attempts)
      select i, d, 1, '${state}', ${at} + i, ${state === 'PENDING' ? 0 : 1}
      from generate_series(${from}, ${to}) i, unnest(${places}) d`,
  ]
  const all = `array['${DESTINATIONS.join("', '")}']`
  for (const sql of [
    ...insert(1, tickets, "array['one', 'two']", 'DELIVERED'),
    `insert into support.attempts select ticket_number, destination, 1, 1, next_attempt_at, 5, 'DELIVERED', 200, 'ok' from support.deliveries`,
    ...insert(tickets + 1, tickets + PENDING / DESTINATIONS.length, all, 'PENDING'),
    'vacuum analyze',
    'checkpoint',
  ])
    await ask(sql)
}

/** @param options.inFlight how many wait for their answer at any moment */
export const settleFor = async (
  database: Database,
  options: { readonly history: number; readonly inFlight: number; readonly seconds: number },
): Promise<{ readonly perSecond: number; readonly batch: number }> => {
  const { history, inFlight, seconds } = options
  await fill(database, history)
  const store = await openStore(database)
  await database.ask('update support.destinations set lease_engine = null')
  const leases = await store.takeLeases({ engine: 'bench', destinations: DESTINATIONS, forMs: YEAR_MS })
  const waiting: Settlement[] = []
  const queues = await Promise.all(
    leases.map(async ({ destination, epoch, health }) => {
      const { rows } = await database.ask(
        `select ${PROGRESS_COLUMNS} from support.deliveries where destination = '${destination}' and state = 'PENDING' order by ticket_number`,
      )
      return rows.map(row => delivered(progressFrom(row), epoch, health))
    }),
  )
  // In turns, as lanes do.
  for (let i = 0; queues.some(queue => i < queue.length); i += 1)
    for (const queue of queues) if (queue[i]) waiting.push(queue[i] as Settlement) // just looked at
  const commits = async () => {
    await database.ask('select pg_stat_force_next_flush()')
    return Number(
      (await database.ask('select xact_commit from pg_stat_database where datname = current_database()')).rows[0]
        .xact_commit,
    )
  }
  const before = await commits()
  const begun = performance.now()
  let settled = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let one = waiting.pop(); one && performance.now() - begun < seconds * 1_000; one = waiting.pop()) {
        await store.settle(one)
        settled += 1
      }
    }),
  )
  const ms = performance.now() - begun
  await store.close()
  return { perSecond: (settled / ms) * 1_000, batch: settled / ((await commits()) - before) }
}

const delivered = (progress: DeliveryProgress, epoch: number, health: Settlement['health']): Settlement => {
  const now = Date.now()
  const context = { now, startedAt: now - 5, isProbe: false, fraction: 0, nextLevel: null }
  const after = afterAttempt(progress, health, { kind: 'delivered' }, context)
  const attempt = { at: now, ms: 5, outcome: 'DELIVERED', status: 200, excerpt: 'ok' } as const
  return { epoch, progress: after.progress, state: after.state, reason: null, health: after.health, ref: null, attempt }
}
