/** One fault under load: calm, the strike, what it lasts, the mending, calm again, and nothing left to be delivered. */
import { type Books, DESTINATIONS } from './books.ts'
import type { Fault } from './faults.ts'
import { Load } from './load.ts'
import { pause, until } from './processes.ts'
import type { Stage } from './stage.ts'

const CALM_MS = 5_000
const WHOLE_WITHIN_MS = 120_000
/** What waits at the end goes out within this time. */
const SETTLED_WITHIN_MS = 60_000
/** Of the tickets acknowledged before the fault, so many are sent once more after it. */
const REPEATED = 50

/** Moments by the monotonic clock. */
export type Trial = {
  readonly fault: Fault
  /** The numbers of its tickets: above the first, up to the last. */
  readonly after: number
  readonly last: number
  readonly begunAt: number
  readonly struckAt: number
  readonly mendedAt: number
  /** The cluster is as before. */
  readonly wholeAt: number
  /** No new tickets came after this. */
  readonly stoppedAt: number
}

export const tryFault = async (fault: Fault, { books, cluster, relays }: Stage): Promise<Trial> => {
  const roles = await cluster.whole(WHOLE_WITHIN_MS)
  const pids = relays.map(relay => relay.pid())
  const after = books.count
  const load = new Load(
    books,
    relays.map(({ address }) => address),
  )
  const begunAt = performance.now()
  load.start()
  await pause(CALM_MS)

  const [struckAt, lastBefore] = [performance.now(), books.count]
  const mend = await fault.strike({ cluster, roles, relays })
  await pause(struckAt + fault.lastsMs - performance.now())
  await mend()
  const mendedAt = performance.now()
  await cluster.whole(WHOLE_WITHIN_MS).catch(error => books.violate(`${fault.name}: ${error.message}`))
  const wholeAt = performance.now()

  await pause(CALM_MS)
  const stoppedAt = performance.now()
  await load.stop()
  await load.repeat(numbers(after, Math.min(after + REPEATED, lastBefore)))
  await load.close()
  const trial = { fault, after, last: books.count, begunAt, struckAt, mendedAt, wholeAt, stoppedAt }
  if (!(await until(() => isDelivered(books, trial), SETTLED_WITHIN_MS)))
    books.violate(`${fault.name}: not all was delivered ${SETTLED_WITHIN_MS / 1_000} s after the last ticket`)
  const isRecorded = async () =>
    (await cluster.ask("select from support.deliveries where state = 'PENDING' limit 1")).length === 0
  if (!(await until(isRecorded, SETTLED_WITHIN_MS))) books.violate(`${fault.name}: not all is recorded as delivered`)
  for (const [i, relay] of relays.entries()) {
    if (relay.pid() === undefined) books.violate(`${fault.name}: ${relay.name} has ended`)
    else if (relay.pid() !== pids[i] && !(fault.relay === 'ends' && i === 0))
      books.violate(`${fault.name}: ${relay.name} is another process than before`)
    const servesAgain = [...books.told.values()].some(told => told.relay === i && told.at > wholeAt)
    if (!servesAgain) books.violate(`${fault.name}: ${relay.name} took no ticket afterwards`)
  }
  return trial
}

const isDelivered = (books: Books, { after, last }: Trial): boolean =>
  numbers(after, last).every(n => !books.told.has(n) || DESTINATIONS.every(name => books.isDelivered(name, n)))

/** Above the first, up to the last. */
export const numbers = (after: number, last: number): number[] =>
  Array.from({ length: last - after }, (_, i) => after + 1 + i)
