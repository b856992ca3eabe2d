/** What the books hold: an entry for each delivery, a desk for each destination. */
import type { Life } from './time.ts'

export type Entry = {
  readonly id: string
  readonly destination: string
  readonly ticketNumber: number
  readonly eventNumber: number
  readonly isPoison: boolean
  state: 'PENDING' | 'DELIVERED' | 'DEAD'
  /** The life that has a request under way. */
  sending: Life | null
  /** Success was heard, by this life. */
  heardBy: Life | null
  wasHeard: boolean
  /** A crash, a cut-off or a freeze in between: one more send is nobody's fault. */
  mayRepeat: boolean
  attempts: number
  /** Since its last settlement. */
  isReplayed: boolean
  /** When last, by the monotonic clock. */
  replayedAt: number | null
  spentMs: number
  backoffMs: number
  /** The last answer, which its settlement will go back to. */
  answer: { readonly at: number; readonly meaning: Meaning } | null
  /** When the answer came that is recorded, by the monotonic clock; null when a jump of the other clock has blurred what follows from it. */
  waitsSince: number | null
  dueAt: number | null
  /** The clock jumped since: what it waits for may have been set anew. */
  isDueBlurred: boolean
  /** How long the last send had been waited for. */
  waitedMs: number | null
  /** When an unclear answer came. */
  unclearAt: number | null
  /** Heard since it was made or replayed; and of those recorded since its destination was resumed. */
  unclears: number
  unclearsInRow: number
  /** Heard since it was made or replayed: each may double the wait. */
  retries: number
  /** Heard, with a success of another between each. */
  unavailables: number
  /** How many successes its destination had at the last of those. */
  unavailableMark: number | null
  /** How many successes its destination had at its first unclear answer. */
  unclearMark: number | null
  /** When it last left, by the monotonic clock. */
  sentAt: number | null
  /** The same, of the last that is recorded. */
  triedAt: number | null
  readonly madeAt: number
  /** When it was made, settled or replayed last. */
  changedAt: number
}

export type NewEntry = Pick<Entry, 'id' | 'destination' | 'ticketNumber' | 'eventNumber' | 'isPoison'>

export const newEntry = (entry: NewEntry, now: number): Entry => ({
  ...entry,
  state: 'PENDING',
  sending: null,
  heardBy: null,
  wasHeard: false,
  mayRepeat: false,
  isReplayed: false,
  replayedAt: null,
  isDueBlurred: false,
  attempts: 0,
  spentMs: 0,
  backoffMs: 0,
  answer: null,
  waitsSince: null,
  dueAt: null,
  waitedMs: null,
  unclearAt: null,
  unclears: 0,
  unclearsInRow: 0,
  retries: 0,
  unavailables: 0,
  unavailableMark: null,
  unclearMark: null,
  sentAt: null,
  triedAt: null,
  madeAt: now,
  changedAt: now,
})

/** Between the read that finds a delivery due and its send lies no more than this: its text is read, on a disk that stalls. */
export const LOADING_MS = 10_000

/** What comes after it may have been read, and be about to go out, when it was put back.
 *  @param now by the monotonic clock */
export const isJustReplayed = ({ replayedAt }: Entry, now: number): boolean =>
  replayedAt !== null && now - replayedAt < LOADING_MS

export type Desk = {
  accepted: number
  /** What is pending. */
  readonly waiting: Set<Entry>
  delivered: number
  dead: number
  /** Heard, recorded or not. */
  successes: number
  lastSuccessAt: number
  /** Nothing before this, by the monotonic clock: a `Retry-After` was heard. */
  heldUntil: number
  heldBy: Life | null
  /** The delivery whose answer asked for it: the wait outlives its life once that answer is recorded. */
  askedFor: string | null
  isHoldKept: boolean
  /** The clock jumped since it was asked for: what is stored of it stands by the wrong clock, which only its own life knows. */
  isHoldBlurred: boolean
  /** Moments of sends in the present life, for the pace. */
  sends: number[]
  sender: Life | null
  sending: number
}

export const newDesk = (): Desk => ({
  accepted: 0,
  waiting: new Set(),
  delivered: 0,
  dead: 0,
  successes: 0,
  lastSuccessAt: 0,
  heldUntil: 0,
  heldBy: null,
  askedFor: null,
  isHoldKept: false,
  isHoldBlurred: false,
  sends: [],
  sender: null,
  sending: 0,
})

/** What an answer means by the table of states. */
export type Meaning = 'delivered' | 'retry' | 'refused' | 'unavailable' | 'unclear'

/** What the world knows of an answer, whatever the product makes of it. */
export type Heard = {
  readonly meaning: Meaning
  readonly isCutOff: boolean
  /** What it asked us to wait; 0 for nothing. */
  readonly waitMs: number
}

/** Who may send to a destination, and until when. */
export type Lessor = (destination: string) => { readonly engine: string | null; readonly until: number }
