/** Words of our own on their way to one destination: they wait for their turn like everything else, but not for ever. */
import type { Attempt } from '../api/ticket.ts'
import type { Clock } from '../domain/clock.ts'
import type { Destination, Notice } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type ConverseDeps, converse } from './attempt.ts'
import { excerptOf } from './excerpt.ts'

/** What cannot go out within this time is given up, so that another destination can be tried. */
const WAIT_MS = 10_000

/** How a notice was taken. */
export type Told = Pick<Attempt, 'status' | 'excerpt'> & { readonly outcome: Outcome }

type Waiting = {
  readonly notice: Notice
  readonly resolve: (told: Promise<Told | undefined> | undefined) => void
}

export class Notices {
  readonly #clock: Clock
  #waiting: Waiting[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What became of it; undefined when its turn did not come. */
  add(notice: Notice): Promise<Told | undefined> {
    const told = Promise.withResolvers<Told | undefined>()
    const waiting = { notice, resolve: told.resolve }
    this.#waiting.push(waiting)
    const cancel = this.#clock.after(WAIT_MS, () => {
      if (!this.#waiting.includes(waiting)) return
      this.#waiting = this.#waiting.filter(other => other !== waiting)
      told.resolve(undefined)
    })
    return told.promise.finally(cancel)
  }

  get hasTest(): boolean {
    return this.#waiting.some(({ notice }) => notice.type === 'support.test')
  }

  next(type: Notice['type']): Waiting | undefined {
    const next = this.#waiting.find(({ notice }) => notice.type === type)
    this.#waiting = this.#waiting.filter(other => other !== next)
    return next
  }

  giveUp(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined)
  }
}

/** Undefined when it was cut off. */
export const sendNotice = async (
  deps: ConverseDeps,
  destination: Destination,
  notice: Notice,
  signal: AbortSignal,
): Promise<Told | undefined> => {
  const first = destination.kind.notice(notice, destination.settings, { at: deps.clock.now() })
  const { outcome, answer } = await converse(deps, destination, first, signal, deps.clock.monotonic())
  if (answer.kind === 'no-answer' && answer.failure === 'cut-off') return undefined
  return { outcome, status: answer.kind === 'answer' ? answer.status : null, excerpt: excerptOf(answer, destination) }
}
