/** Reads the books at the end: is everything there that was acknowledged, and was nothing repeated that may not be? */
import { type Books, type Life, type Passage, RECORDED_WITHIN_MS } from './books.ts'
import { RECEIVERS, type ReceiverName, ticketOf } from './tickets.ts'

/** What the store says at the end: all tickets, and those delivered at each destination, by their number in the run. */
export type Stored = {
  readonly tickets: ReadonlySet<number>
  readonly delivered: ReadonlyMap<ReceiverName, ReadonlySet<number>>
}

/** Acknowledged, or stored without the answer having come: all of it must be in the store and at every receiver. Returns how many of
 *  the acknowledged are missing somewhere. */
export const countMissing = (books: Books, seed: number, stored: Stored): number => {
  const missing = new Set<number>()
  for (const n of books.acknowledged) {
    if (stored.tickets.has(n)) continue
    missing.add(n)
    books.violate(`ticket ${n} was acknowledged and is not in the store`)
  }
  for (const n of stored.tickets) {
    for (const { name } of RECEIVERS) {
      const isDue = ticketOf(seed, n).destinations.includes(name)
      const wasReceived =
        books.passages
          .get(name)
          ?.get(n)
          ?.receipts.some(({ deliveredAt }) => deliveredAt !== null) ?? false
      const isRecorded = stored.delivered.get(name)?.has(n) ?? false
      if (wasReceived === isDue && isRecorded === isDue) continue
      if (isDue && books.acknowledged.has(n)) missing.add(n)
      books.violate(
        `ticket ${n} at ${name}: due ${isDue}, received ${wasReceived}, recorded as delivered ${isRecorded}`,
      )
    }
  }
  for (const { name } of RECEIVERS) {
    for (const n of books.passages.get(name)?.keys() ?? [])
      if (!stored.tickets.has(n)) books.violate(`${name} received ticket ${n}, which is not in the store`)
  }
  return missing.size
}

export type Repeats = {
  readonly count: number
  /** Those that may not be. */
  readonly wrong: number
  /** How long before its kill the oldest success that was not recorded had been answered. */
  readonly oldestMs: number
}

/** A delivery may come again only if it was under way at a kill: not answered yet, or answered so shortly before that it was not recorded. */
export const checkRepeats = (books: Books): Repeats => {
  let [count, wrong, oldestMs] = [0, 0, 0]
  for (const { name, concurrency } of RECEIVERS) {
    const perKill = new Map<Life, number>()
    for (const { n, life, answeredMs } of repeated(books.passages.get(name) ?? new Map())) {
      count += 1
      perKill.set(life, (perKill.get(life) ?? 0) + 1)
      if (answeredMs <= RECORDED_WITHIN_MS + life.waitedMs) oldestMs = Math.max(oldestMs, answeredMs)
      else {
        wrong += 1
        books.violate(
          `${name} said yes to ticket ${n} in life ${life.nth}, ${answeredMs} ms before its kill, and got it again`,
        )
      }
    }
    for (const [life, repeats] of perKill) {
      if (repeats <= concurrency) continue
      wrong += repeats - concurrency
      books.violate(`${name} got ${repeats} again after kill ${life.nth}; only ${concurrency} can have been under way`)
    }
  }
  return { count, wrong, oldestMs }
}

/** Each receipt that another one followed, unless it had been refused: then the next one is what was asked for. `answeredMs` lies between
 *  its success and the kill: 0 when there was none, infinite when the life had not been killed when it was repeated. */
function* repeated(passages: ReadonlyMap<number, Passage>): Generator<{ n: number; life: Life; answeredMs: number }> {
  for (const [n, { receipts }] of passages) {
    for (const [i, next] of receipts.entries()) {
      const before = receipts[i - 1]
      if (!before || before.isRefused) continue
      const { life, deliveredAt } = before
      const answeredMs = next.life === life ? Number.POSITIVE_INFINITY : life.killedAt - (deliveredAt ?? life.killedAt)
      yield { n, life, answeredMs }
    }
  }
}

/** From exec, or from the moment it listened, to the first request at a receiver, in ms, sorted: of each life that began with something
 *  that had never been sent. One that sent nothing counts with its age once that is above `boundMs`: leaving it out would hide the worst. */
export const firstDeliveries = (books: Books, since: 'executedAt' | 'listenedAt', boundMs: number): readonly number[] =>
  books.lives
    .filter(({ hadWork }) => hadWork)
    .map(life => ({
      isSent: life.firstRequestAt !== null,
      ms: (life.firstRequestAt ?? life.killedAt) - (life[since] ?? life.killedAt),
    }))
    .filter(({ isSent, ms }) => isSent || ms > boundMs)
    .map(({ ms }) => ms)
    .toSorted((a, b) => a - b)

/** @param share 0 to 1 */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
