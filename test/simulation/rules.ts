/** What may become of one delivery: its budget, its waits and its end, as promised, not as the product has it. */
import type { DeliveryProgress } from '../../src/domain/delivery.ts'
import type { Rate } from '../../src/domain/destination.ts'
import type { Settlement } from '../../src/domain/store.ts'
import { type Desk, type Entry, LOADING_MS, type Meaning } from './entries.ts'
import type { Life } from './time.ts'

const HOUR = 3_600_000
const BUDGET_MS = 72 * HOUR
const UNAVAILABLE_MAX = 8
export const UNCLEAR_MAX = 3
export const HELD_MAX_MS = 30 * 24 * HOUR

export type Recorded = Pick<Settlement, 'progress' | 'state' | 'reason'>

export const budgetProblem = (entry: Entry, progress: DeliveryProgress): string | undefined => {
  const { id, waitedMs, backoffMs, retries } = entry
  const charged = progress.spentMs - entry.spentMs
  if (charged < 0) return `${id} got budget back`
  if (charged !== 0 && charged !== backoffMs) return `${id} was charged ${charged} ms for a backoff of ${backoffMs}`
  if (charged > 0 && waitedMs !== null && waitedMs < charged)
    return `${id} was charged ${charged} ms after a wait of ${waitedMs}`
  if (entry.answer?.meaning !== 'retry' || progress.backoffMs === backoffMs) return undefined
  const longestMs = Math.min(HOUR, 1_000 * 2 ** (retries - 1))
  return progress.backoffMs > longestMs ? `${id} waits ${progress.backoffMs} ms after retry ${retries}` : undefined
}

/** Counts what passed between the answers of one delivery, by what was heard: the product may know less of it, never more. */
export const count = (entry: Entry, desk: Desk, meaning: Meaning, now: number): void => {
  if (meaning === 'delivered') {
    desk.successes += 1
    desk.lastSuccessAt = now
  }
  if (meaning === 'retry') entry.retries += 1
  if (meaning === 'unclear') {
    entry.unclears += 1
    entry.unclearMark ??= desk.successes
  }
  if (meaning !== 'unavailable' || entry.unavailableMark === desk.successes) return
  entry.unavailables += 1
  entry.unavailableMark = desk.successes
}

/** @param successes those of the destination */
export const deathProblem = (
  entry: Entry,
  { progress, reason }: Recorded,
  { isSlack, successes }: { readonly isSlack: boolean; readonly successes: number },
): string | undefined => {
  const { id, unavailables } = entry
  if (reason === 'budget-spent') return progress.spentMs < BUDGET_MS ? `${id} died with its budget unspent` : undefined
  if (reason === 'slack-invalid-payload') {
    if (!isSlack || !entry.isPoison) return `${id} died of a refusal though its text is sound`
    return progress.level < 2 ? `${id} was given up before its last level` : undefined
  }
  if (reason?.startsWith('unconfirmed')) {
    if (entry.unclears < UNCLEAR_MAX) return `${id} died of ${entry.unclears} unclear answers`
    return successes === entry.unclearMark ? `${id} died of unclear answers though nothing else passed` : undefined
  }
  if (/^http-|^redirect|^slack-no-service|^certificate/.test(reason ?? ''))
    return unavailables < UNAVAILABLE_MAX
      ? `${id} died of ${unavailables} unavailable answers with a success between each`
      : undefined
  return `${id} died of ${reason}`
}

/** @param sent by whom, where to, and now by the monotonic clock */
export const paceProblem = (
  desk: Desk,
  sent: {
    readonly life: Life
    readonly destination: string
    readonly mono: number
    readonly rate?: Rate | null | undefined
  },
): string | undefined => {
  const { life, destination, mono, rate } = sent
  if (desk.sender !== life) {
    desk.sends = []
    desk.sending = 0
  }
  if (!rate) return undefined
  desk.sends = desk.sends.filter(at => mono - at < rate.perMs)
  desk.sends.push(mono)
  return desk.sends.length > rate.count ? `${destination} got more than ${rate.count} in ${rate.perMs} ms` : undefined
}

/** A probe is the head of a ticket that was tried longest ago. What another has only just become is not known yet.
 *  @param waiting what is pending at the destination
 *  @param mono now */
export const probeProblem = (
  entry: Entry,
  waiting: Iterable<Entry>,
  { mono, ofTicket }: { readonly mono: number; readonly ofTicket: (entry: Entry) => readonly Entry[] },
): string | undefined => {
  if (entry.triedAt === null) return undefined
  const isOld = (at: number) => mono - at > LOADING_MS
  for (const other of waiting) {
    if (other.sending) continue
    if ((other.sentAt ?? -1) >= entry.triedAt || !isOld(other.changedAt)) continue
    const earlier = ofTicket(other).filter(({ eventNumber }) => eventNumber < other.eventNumber)
    if (earlier.every(({ state, changedAt }) => state !== 'PENDING' && isOld(changedAt)))
      return `${entry.id} was probed again though ${other.id} was tried longer ago`
  }
  return undefined
}
