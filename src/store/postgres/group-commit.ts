/** Group commit: what arrives while a commit is under way goes into the next one. Items of one lane are committed one batch after the other, so
 *  they are decided in the order they came in. */
import type { Clock } from '../../domain/clock.ts'
import { StoreUnavailable } from '../../domain/store.ts'

/** One batch holds at most this much, so that no commit takes long. */
const BATCH_ROWS_MAX = 256
const BATCH_BYTES_MAX = 4 * 1024 * 1024

export type GroupCommitOptions<Item, Result> = {
  readonly clock: Clock
  /** Items with the same one are never committed side by side. */
  laneOf(item: Item): number
  bytesOf(item: Item): number
  /** Two items with the same one never share a batch. */
  keyOf(item: Item): string
  /** Whoever has no answer after this long gets one: that nothing was written, or that the outcome is not known. Null for as long as it takes. */
  readonly answerWithinMs: number | null
  /** Commits all or nothing, with a result for each item.
   *  @param isWanted whether anybody still waits for an answer */
  commit(items: readonly Item[], isWanted: () => boolean): Promise<Result[]>
}

type Waiter<Item, Result> = {
  readonly item: Item
  readonly bytes: number
  isAnswered: boolean
  isHandedOver: boolean
  resolve(result: Result): void
  reject(error: unknown): void
}

export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>
  readonly #lanes = new Map<number, { waiting: Waiter<Item, Result>[]; isBusy: boolean }>()
  #count = 0
  #bytes = 0
  #answered = 0
  #idle: (() => void) | undefined
  #isClosed = false

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options
  }

  /** How many have no answer yet, how much that is, and how many have had one. */
  get waiting(): { readonly count: number; readonly bytes: number; readonly answered: number } {
    return { count: this.#count, bytes: this.#bytes, answered: this.#answered }
  }

  add(item: Item): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable('not-written', 'the store is closed'))
    const { clock, answerWithinMs, laneOf, bytesOf } = this.#options
    const lane = this.#lanes.get(laneOf(item)) ?? { waiting: [], isBusy: false }
    this.#lanes.set(laneOf(item), lane)
    return new Promise((resolve, reject) => {
      const waiter: Waiter<Item, Result> = {
        item,
        bytes: bytesOf(item),
        isAnswered: false,
        isHandedOver: false,
        resolve: result => answer(() => resolve(result)),
        reject: error => answer(() => reject(error)),
      }
      const cancel = answerWithinMs === null ? () => {} : clock.after(answerWithinMs, () => waiter.reject(late(waiter)))
      const answer = (tell: () => void) => {
        if (waiter.isAnswered) return
        waiter.isAnswered = true
        cancel()
        this.#count -= 1
        this.#bytes -= waiter.bytes
        this.#answered += 1
        tell()
        if (this.#count === 0) this.#idle?.()
      }
      this.#count += 1
      this.#bytes += waiter.bytes
      lane.waiting.push(waiter)
      if (!lane.isBusy) void this.#serve(lane)
    })
  }

  /** Takes no more; resolves when everybody has an answer. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#count > 0) await new Promise<void>(resolve => (this.#idle = resolve))
  }

  async #serve(lane: { waiting: Waiter<Item, Result>[]; isBusy: boolean }): Promise<void> {
    lane.isBusy = true
    // At the end of the turn, so that everything that arrived in it shares the commit.
    await new Promise(resolve => setImmediate(resolve))
    while (lane.waiting.length > 0) await this.#commit(this.#takeBatch(lane))
    lane.isBusy = false
  }

  #takeBatch(lane: { waiting: Waiter<Item, Result>[] }): Waiter<Item, Result>[] {
    const { keyOf } = this.#options
    lane.waiting = lane.waiting.filter(({ isAnswered }) => !isAnswered)
    const keys = new Set<string>()
    let bytes = 0
    let count = 0
    for (const { item, bytes: size } of lane.waiting) {
      if (count === BATCH_ROWS_MAX || keys.has(keyOf(item)) || (count > 0 && bytes + size > BATCH_BYTES_MAX)) break
      keys.add(keyOf(item))
      bytes += size
      count += 1
    }
    const batch = lane.waiting.splice(0, count)
    for (const waiter of batch) waiter.isHandedOver = true
    return batch
  }

  async #commit(batch: readonly Waiter<Item, Result>[]): Promise<void> {
    if (batch.length === 0) return
    const isWanted = () => batch.some(({ isAnswered }) => !isAnswered)
    try {
      const results = await this.#options.commit(
        batch.map(({ item }) => item),
        isWanted,
      )
      for (const [i, waiter] of batch.entries()) waiter.resolve(results[i] as Result) // one for each
    } catch (error) {
      if (error instanceof StoreUnavailable) for (const waiter of batch) waiter.reject(error)
      // One bad row never poisons its batch.
      else if (batch.length > 1) for (const waiter of batch) await this.#commit([waiter])
      else batch[0]?.reject(new StoreUnavailable('not-written', refusal(error), { cause: error }))
    }
  }
}

const late = ({ isHandedOver }: { readonly isHandedOver: boolean }): StoreUnavailable =>
  isHandedOver
    ? new StoreUnavailable('unknown', 'the database has not answered in time')
    : new StoreUnavailable('not-written', 'the database is not answering')

/** Not PostgreSQL's own words, which may quote the row. */
const refusal = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
  return `the database refused it${code}`
}
