/** The time that a step may take, by our clock, and its end when we stop. */
import type { Clock } from '../domain/clock.ts'
import type { Answer } from '../domain/outcome.ts'
import { CutOff, DeadlinePassed, noAnswer } from './failure.ts'

export type Bounds = {
  /** What is left of the attempt's time. */
  readonly timeoutMs: number
  /** When it aborts, the step is cut off. */
  readonly signal?: AbortSignal
  /** Certificates (PEM) to trust beside the usual ones, for this step. */
  readonly ca?: string | undefined
}

/** What `run` answers, or why it did not.
 *  @param run lets go of everything when its signal aborts, and need not settle then; nothing more is to be sent once the time is over
 *  @param atDeadline may put the end off by a turn */
export const bounded = async (
  clock: Clock,
  { timeoutMs, signal }: Bounds,
  run: (ending: AbortSignal, isOver: () => boolean) => Promise<Answer>,
  atDeadline: (end: () => void) => void = end => end(),
): Promise<Answer> => {
  if (signal?.aborted) return noAnswer(new CutOff())
  if (timeoutMs <= 0) return noAnswer(new DeadlinePassed())
  const ending = new AbortController()
  const deadline = clock.monotonic() + timeoutMs
  const cancelDeadline = clock.after(timeoutMs, () => atDeadline(() => ending.abort(new DeadlinePassed())))
  const cutOff = () => ending.abort(new CutOff())
  signal?.addEventListener('abort', cutOff, { once: true })
  try {
    return await run(ending.signal, () => clock.monotonic() >= deadline)
  } catch (error) {
    return noAnswer(error)
  } finally {
    cancelDeadline()
    signal?.removeEventListener('abort', cutOff)
  }
}

export const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
