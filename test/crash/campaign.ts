/** Kills by the dozen or by the thousand, then calm, then the books. */
import type { Books } from './books.ts'
import { isAllRecorded, listStored } from './listing.ts'
import { nextMoment } from './moments.ts'
import { openStage, type Stage } from './stage.ts'
import { checkRepeats, countMissing, firstDeliveries, quantile, type Repeats } from './verdict.ts'

/** As promised: from exec to the first delivery. */
export const FIRST_DELIVERY_MS = 2_000
/** New tickets of one life at most: without a bound, what waits would grow with every life. */
const NEW_MAX = 1_000
/** What is left after the last kill goes out; a delivery in so much time at least. */
const CALM_MAX_MS = 30_000

export type Told = {
  readonly kills: number
  readonly acknowledged: number
  readonly missing: number
  readonly repeats: Repeats
  /** Milliseconds from exec to the first delivery, sorted. */
  readonly firstDeliveries: readonly number[]
  /** The same from the moment it listened. */
  readonly onceListening: readonly number[]
  readonly violations: readonly string[]
}

/** At least so many kills and so many acknowledged tickets. @param progress told after every hundredth kill */
export const campaign = async (
  seed: number,
  options: { kills: number; acknowledged: number; progress?: (line: string) => void },
): Promise<Told> => {
  const stage = await openStage(seed)
  const { books } = stage
  try {
    let kills = 0
    while ((kills < options.kills || books.acknowledged.size < options.acknowledged) && books.violations.length === 0) {
      await stage.cycle(nextMoment(stage.chance, kills + 1), NEW_MAX)
      kills += 1
      if (kills % 100 === 0)
        options.progress?.(
          `${kills} kills, ${books.acknowledged.size} acknowledged, ${books.openCount} deliveries open`,
        )
    }
    const missing = await settleAccounts(stage, seed)
    const repeats = checkRepeats(books)
    return {
      kills,
      acknowledged: books.acknowledged.size,
      missing,
      repeats,
      firstDeliveries: firstDeliveries(books, 'executedAt', FIRST_DELIVERY_MS),
      onceListening: firstDeliveries(books, 'listenedAt', FIRST_DELIVERY_MS),
      violations: books.violations,
    }
  } finally {
    await stage.dispose()
  }
}

/** The last life: what was cut off is sent again, everything goes out, and the store is asked for all it has. */
const settleAccounts = (stage: Stage, seed: number): Promise<number> =>
  stage.live(async (address, service) => {
    const { books, load } = stage
    await load.run(address, { connections: 1, newMax: 0, isKilled: () => false })
    if (!(await cameToRest(address, books)))
      books.violate(`${books.openCount} deliveries did not come, or are not recorded`)
    const missing = countMissing(books, seed, await listStored(address, books, seed))
    service.child.kill('SIGTERM')
    const code = await service.ended
    if (code !== 0) books.violate(`it ended with ${code} after SIGTERM`)
    return missing
  })

/** Whether everything went out and was recorded; false once nothing has moved for a while. */
const cameToRest = async (address: string, books: Books): Promise<boolean> => {
  let open = Number.POSITIVE_INFINITY
  for (let movedAt = performance.now(); performance.now() - movedAt < CALM_MAX_MS; ) {
    if (books.openCount === 0 && (await isAllRecorded(address))) return true
    if (books.openCount < open) movedAt = performance.now()
    open = books.openCount
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return false
}

/** One line of what was found. */
export const summary = (told: Told): string => {
  const { count, wrong, oldestMs } = told.repeats
  const first = [0.5, 0.95, 1].map(share => Math.round(quantile(told.firstDeliveries, share)))
  return (
    `${told.kills.toLocaleString('en')} kills, ${told.acknowledged.toLocaleString('en')} acknowledged, ${told.missing} missing, ` +
    `${count.toLocaleString('en')} repeats (${wrong === 0 ? 'all' : `${wrong} not`} in flight; the oldest answered ${Math.round(oldestMs)} ms before its kill), ` +
    `first delivery p50/p95/max ${first.join('/')} ms of ${told.firstDeliveries.length}`
  )
}
