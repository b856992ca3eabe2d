/** The looks at all of it: while a history goes on, and at its end. */
import type { World } from './world.ts'

/** @throws with the first things that were found to be wrong */
export const check = ({ books }: World, seed: number): void => {
  if (books.violations.length > 0) throw new Error(`seed ${seed}: ${books.violations.join('; ')}`)
}

export const isAllSettled = ({ books }: World): boolean =>
  [...books.entries.values()].every(({ state }) => state !== 'PENDING')

/** The books against the store, all of it. */
export const balance = async ({ disk, books }: World): Promise<void> => {
  for (const { name, pending, dead } of await disk.counts()) {
    const desk = books.desk(name)
    const isSum = desk.accepted === desk.waiting.size + desk.delivered + desk.dead
    if (pending === desk.waiting.size && dead === desk.dead && isSum) continue
    const { accepted, delivered } = desk
    books.blame(
      `${name} does not balance: ${accepted} accepted, ${delivered} delivered, ${desk.waiting.size} pending (stored ${pending}), ${desk.dead} dead (stored ${dead})`,
    )
  }
}

/** At the end nothing waits any more. */
export const settleAll = async (world: World, seed: number): Promise<void> => {
  await balance(world)
  for (const { id, state } of world.books.entries.values())
    if (state === 'PENDING') world.books.blame(`${id} is still pending long after the storm`)
  check(world, seed)
}
