/** Reads the books: what a fault cost, and whether that is more than it may. */
import { type Books, DESTINATIONS } from './books.ts'
import type { Cluster } from './cluster.ts'
import { keyOf } from './load.ts'
import { CONCURRENCY } from './relays.ts'
import { numbers, type Trial } from './trial.ts'

/** As promised: a success is recorded within this time, and not repeated after it. */
const RECORDED_WITHIN_MS = 1_000
/** As promised: no request waits longer for the store; and the way there and back on a machine that has much to do. */
const ANSWER_MAX_MS = 10_000 + 500
/** What was under way may be repeated by whoever serves next; when the first comes back to life, it may find out only by sending. */
const REPEATS_MAX = 2 * CONCURRENCY

export type Verdict = {
  readonly name: string
  readonly acknowledged: number
  readonly lost: number
  readonly missing: number
  readonly repeated: number
  readonly turnedAway: number
  readonly unknown: number
  /** Seconds: the longest without an acknowledgement; the slowest answer; the latest first delivery after its acknowledgement; until the cluster was
   *  whole again after the fault was mended. */
  readonly outage: number
  readonly slowest: number
  readonly late: number
  readonly whole: number
}

/** @param stored tickets by id, as the primary of the end has them */
export const judge = (trial: Trial, books: Books, stored: Stored): Verdict => {
  const { fault } = trial
  const mine = numbers(trial.after, trial.last).flatMap(n => {
    const told = books.told.get(n)
    return told ? [{ n, ...told }] : []
  })
  const lost = mine.filter(({ id }) => !stored.has(id)).length
  const missing = mine.flatMap(({ n }) => DESTINATIONS.filter(name => !books.isDelivered(name, n))).length
  const unrecorded = mine.filter(({ id }) => stored.has(id) && stored.get(id) !== DESTINATIONS.length).length
  const repeated = DESTINATIONS.map(name => {
    const count = countRepeats(trial, books, name)
    if (count > REPEATS_MAX) books.violate(`${fault.name}: ${name} got ${count} again, more than ${REPEATS_MAX}`)
    return count
  })
  // Nobody expects an answer of a frozen one.
  const answers = books.answers.filter(({ at, relay }) => isIn(at, trial) && !(fault.relay === 'hangs' && relay === 0))
  const turnedAway = books.turnedAway.filter(({ at }) => isIn(at, trial))
  const verdict: Verdict = {
    name: fault.name,
    acknowledged: mine.length,
    lost,
    missing,
    repeated: sum(repeated),
    turnedAway: turnedAway.length,
    unknown: turnedAway.filter(({ isUnknown }) => isUnknown).length,
    outage: longestGap(books.acknowledgedAt, trial) / 1_000,
    slowest: Math.max(0, ...answers.map(({ ms }) => ms)) / 1_000,
    late: latest(mine, books) / 1_000,
    whole: (trial.wholeAt - trial.mendedAt) / 1_000,
  }
  const bound = (what: string, value: number, max: number) => {
    if (value > max) books.violate(`${fault.name}: ${what}: ${Number(value.toFixed(1))}, and ${max} at most is allowed`)
  }
  bound('acknowledged tickets lost', lost, 0)
  bound('deliveries missing', missing, 0)
  bound('tickets not recorded as delivered everywhere', unrecorded, 0)
  bound('seconds without an acknowledgement', verdict.outage, fault.outageMax)
  bound('seconds until a delivery', verdict.late, fault.lateMax)
  bound('seconds until an answer', verdict.slowest, ANSWER_MAX_MS / 1_000)
  return verdict
}

/** Only what was under way when the fault struck, or came while it lasted, may come again. */
const countRepeats = (
  { fault, after, last, struckAt, wholeAt }: Trial,
  books: Books,
  name: (typeof DESTINATIONS)[number],
) => {
  let count = 0
  for (const n of numbers(after, last)) {
    const { receipts = [] } = books.passages[name].get(n) ?? {}
    for (const before of receipts.slice(0, -1)) {
      count += 1
      if (before.at < struckAt - RECORDED_WITHIN_MS || before.at > wholeAt)
        books.violate(
          `${fault.name}: ${name} got ticket ${n} again, ${secondsFrom(struckAt, before.at)} s from the strike`,
        )
    }
  }
  return count
}

/** How many of its deliveries are recorded as done, by the ticket's id. */
export type Stored = ReadonlyMap<string, number>

/** All of a run's tickets, asked of whoever is primary now. */
export const readStored = async (cluster: Cluster, books: Books): Promise<Stored> => {
  const rows = await cluster.ask(
    `select t.id, t.idempotency_key as key, count(*) filter (where d.state = 'DELIVERED')::int as delivered
     from support.tickets t left join support.deliveries d on d.ticket_number = t.number
     group by t.id, t.idempotency_key`,
  )
  const keys = new Set(rows.map(({ key }) => key))
  if (keys.size !== rows.length) books.violate(`${rows.length} tickets are stored under ${keys.size} keys`)
  if (!keys.has(keyOf(books.seed, 1))) books.violate('the first ticket of the run is not there')
  return new Map(rows.map(({ id, delivered }) => [String(id), Number(delivered)]))
}

const isIn = (at: number, { begunAt, stoppedAt }: Trial): boolean => at >= begunAt && at <= stoppedAt

const longestGap = (moments: readonly number[], trial: Trial): number => {
  const within = [trial.begunAt, ...moments.filter(at => isIn(at, trial)), trial.stoppedAt]
  return Math.max(...within.slice(1).map((at, i) => at - (within[i] ?? at)))
}

const latest = (tickets: readonly { n: number; at: number }[], { passages }: Books): number =>
  Math.max(
    0,
    ...tickets.flatMap(({ n, at }) => DESTINATIONS.map(name => (passages[name].get(n)?.receipts[0]?.at ?? at) - at)),
  )

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)

const secondsFrom = (from: number, at: number): string => ((at - from) / 1_000).toFixed(1)
