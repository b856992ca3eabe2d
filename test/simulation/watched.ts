/** The store as the engine of one life has it: when it looked at its destinations is told to the books. */
import type { Lease, Store } from '../../src/domain/store.ts'
import type { Books } from './books.ts'
import type { Life, Time } from './time.ts'

/** Whoever takes a lease keeps its distance to the last send of whoever had it. */
const TAKING_MS = 2_000

export const watched = (store: Store, life: Life, { time, books }: { time: Time; books: Books }): Store => {
  const epochs = new Map<string, number>()
  const looking = async (askedAt: number, answer: Promise<Lease[]>): Promise<Lease[]> => {
    const leases = await answer
    for (const { destination, epoch } of leases) {
      // A renewal may bring what was taken, when the answer to the taking was lost.
      const isKnown = epochs.get(destination) === epoch
      if (isKnown) books.breakers.refreshed(life, destination, askedAt)
      else books.breakers.taken(life, destination, askedAt)
      epochs.set(destination, epoch)
      books.promptness.busy(destination, isKnown ? 0 : TAKING_MS)
    }
    return leases
  }
  return {
    ...store,
    takeLeases: request => looking(time.monotonic(), store.takeLeases(request)),
    renewLeases: request => looking(time.monotonic(), store.renewLeases(request)),
  }
}
