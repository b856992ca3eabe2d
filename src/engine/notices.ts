/** Words of our own on their way to one destination: they wait for their turn like everything else, but not for ever. */
import type { Clock } from '../domain/clock.ts'
import type { Destination, Notice } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type AttemptDeps, converse } from './attempt.ts'

/** What cannot go out within this time is given up, so that another destination can be tried. */
const WAIT_MS = 10_000

type Waiting = {
  readonly notice: Notice
  readonly resolve: (outcome: Promise<Outcome | undefined> | undefined) => void
}

export class Notices {
  readonly #clock: Clock
  #waiting: Waiting[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What became of it; undefined when its turn did not come. */
  add(notice: Notice): Promise<Outcome | undefined> {
    const told = Promise.withResolvers<Outcome | undefined>()
    const waiting = { notice, resolve: told.resolve }
    this.#waiting.push(waiting)
    const cancel = this.#clock.after(WAIT_MS, () => {
      if (!this.#waiting.includes(waiting)) return
      this.#waiting = this.#waiting.filter(other => other !== waiting)
      told.resolve(undefined)
    })
    return told.promise.finally(cancel)
  }

  next(): Waiting | undefined {
    return this.#waiting.shift()
  }

  giveUp(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined)
  }
}

/** Undefined when it was cut off. */
export const sendNotice = async (
  deps: AttemptDeps,
  destination: Destination,
  notice: Notice,
  signal: AbortSignal,
): Promise<Outcome | undefined> => {
  const first = destination.kind.notice(notice, destination.settings, { at: deps.clock.now() })
  const { outcome, answer } = await converse(deps, destination, first, signal, deps.clock.monotonic())
  return answer.kind === 'no-answer' && answer.failure === 'cut-off' ? undefined : outcome
}
