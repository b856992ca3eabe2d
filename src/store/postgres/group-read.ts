/** What is asked for in one turn is read together: a lane begins many deliveries at once, and each needs its text. */

/** As much as one answer should hold: a text may have a quarter of a megabyte. */
const TOGETHER_MAX = 32

type Waiter<Key, Value> = { readonly key: Key; resolve(value: Value): void; reject(error: unknown): void }

/** @param readAll one value for each key, in their order
 *  @returns a function that reads one; when the reading fails, it fails for all that were read together */
export const groupRead = <Key, Value>(
  readAll: (keys: readonly Key[]) => Promise<readonly Value[]>,
): ((key: Key) => Promise<Value>) => {
  let waiting: Waiter<Key, Value>[] = []

  const readWaiting = (): void => {
    const all = waiting
    waiting = []
    for (let at = 0; at < all.length; at += TOGETHER_MAX) void answer(all.slice(at, at + TOGETHER_MAX))
  }
  const answer = async (group: readonly Waiter<Key, Value>[]): Promise<void> => {
    try {
      const values = await readAll(group.map(({ key }) => key))
      for (const [i, { resolve }] of group.entries()) resolve(values[i] as Value) // one for each
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
  return key =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(readWaiting)
      waiting.push({ key, resolve, reject })
    })
}
