/** What is announced, and when: nothing that stays undelivered is silent. Everything follows from what is stored, so that a crash between
 *  a happening and its announcement loses nothing.
 *
 *  dead      deliveries were given up
 *  failing   the destination fails, or was paused by its answers, for 5 minutes
 *  held      deliveries have waited for a day because of their destination
 *  wait-cut  a service asked to wait for more than a day, which counts as a day */
import { adviceFor } from './advice.ts'
import type { Announcement, StoredDestination } from './store.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const FAILING_MS = 5 * MINUTE
const HELD_MS = DAY
/** The same matter is announced once in so long a time. */
export const QUIET_MS = 60 * MINUTE

/** The reason of a pause that staff made, as against one that answers made. */
export const PAUSED_BY_STAFF = 'paused-by-staff'

/** So many dead for one reason say something about the destination, whatever the answers meant. */
const REFUSED_ALIKE = 5

export type Matter = {
  readonly kind: 'dead' | 'failing' | 'held' | 'wait-cut'
  /** Of the destination and the kind: the same matter has the same key. */
  readonly key: string
  /** A count, or the moment it began: tells this time from the next. */
  readonly mark: number
}

/** What there is to announce about a destination now, announced or not. */
export const mattersOf = (stored: StoredDestination, isConfigured: boolean, now: number): Matter[] => {
  const { name, health, dead, died, pending } = stored
  const { state, heldSince, heldUntil, waitCutAt } = health
  const matter = (kind: Matter['kind'], mark: number): Matter => ({ kind, key: `${name}/${kind}`, mark })
  const isOut = isConfigured && (state === 'FAILING' || (state === 'PAUSED' && health.reason !== PAUSED_BY_STAFF))
  const isHeld = !isConfigured || state !== 'OK' || (heldUntil !== null && heldUntil > now)
  const matters: Matter[] = []
  if (dead > 0 && died > 0) matters.push(matter('dead', died))
  if (heldSince !== null && isOut && now - heldSince >= FAILING_MS) matters.push(matter('failing', heldSince))
  if (heldSince !== null && isHeld && pending > 0 && now - heldSince >= HELD_MS) matters.push(matter('held', heldSince))
  if (waitCutAt !== null) matters.push(matter('wait-cut', waitCutAt))
  return matters
}

/** Whether the matter is to be announced now. @param last its last announcement */
export const isDue = ({ mark }: Matter, last: Announcement | undefined, now: number): boolean =>
  // Either way: a clock that was set back must not silence us for longer.
  last === undefined || (last.mark !== mark && Math.abs(now - last.at) >= QUIET_MS)

/** A headline, and what follows from it. Names, codes and counts only.
 *  @param reasons of what is dead there, the most frequent first */
export const alertText = (
  { kind, mark }: Matter,
  stored: StoredDestination,
  options: {
    readonly last: Announcement | undefined
    readonly reasons: readonly { readonly reason: string; readonly count: number }[]
    readonly isConfigured: boolean
  },
): { readonly headline: string; readonly text: string } => {
  const { name, health, pending } = stored
  const reason = options.isConfigured ? (health.reason ?? 'asked to wait') : 'not in the configuration any more'
  const waits = `${counted(pending, 'delivery waits', 'deliveries wait')} for it; nothing is lost.`
  switch (kind) {
    case 'dead': {
      // Some may have been replayed since.
      const died = Math.min(mark - Math.min(options.last?.mark ?? 0, mark - 1), stored.dead)
      const why = options.reasons.map(({ reason: code, count }) => `${code} (${count})`).join(', ')
      const isAlike = options.reasons.some(({ count }) => count >= REFUSED_ALIKE)
      const alike = isAlike
        ? 'When many are given up alike, a setting of the destination is more likely wrong than each text: compare them with the service. '
        : ''
      return {
        headline: `Support Relay gave up ${counted(died, 'delivery', 'deliveries')} to ${name}`,
        text: `${stored.dead} there are given up by now: ${why}. ${alike}What the service answered is shown by: support-relay deliveries --destination ${name} --state DEAD. They are kept, and go out again with: support-relay replay --destination ${name}`,
      }
    }
    case 'failing':
      return {
        headline: `Support Relay cannot deliver to ${name}: ${reason}`,
        text: `Since ${moment(mark)}. ${waits} They go out by themselves once it answers${health.state === 'PAUSED' ? ' and is resumed' : ''}. ${adviceFor(health.state === 'PAUSED' ? 'unclear' : 'unavailable', health.reason)}`,
      }
    case 'held':
      return {
        headline: `Support Relay has held deliveries to ${name} for a day: ${reason}`,
        text: `Since ${moment(mark)}. ${waits} Held for 30 days they are given up, and can be replayed.`,
      }
    case 'wait-cut':
      return {
        headline: `${name} asked Support Relay to wait for more than a day`,
        text: `A day is the longest wait that is heeded: it is tried again ${health.heldUntil === null ? 'then' : `at ${moment(health.heldUntil)}`}. ${waits}`,
      }
  }
}

const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
const counted = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`
