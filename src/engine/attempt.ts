/** One try of one delivery: load the text, render it, send it past the guard, and say what the answer means. */
import type { Attempt, AttemptOutcome } from '../api/ticket.ts'
import type { Clock } from '../domain/clock.ts'
import type { DeliveryProgress } from '../domain/delivery.ts'
import { deliveryId } from '../domain/delivery.ts'
import type { Destination, OutgoingEvent, Step } from '../domain/destination.ts'
import { isOutcome } from '../domain/destination.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'
import { redacted } from '../domain/redaction.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store } from '../domain/store.ts'
import { showEvent, showTicket } from '../domain/ticket.ts'
import { excerptOf } from './excerpt.ts'
import { unlessCutOff } from './within.ts'

/** The way out of the process. Never rejects: a failure is an answer of its own. */
export type Transport = {
  send(
    step: Step,
    options: {
      readonly timeoutMs: number
      readonly signal: AbortSignal
      readonly connections: number
      readonly ca?: string | undefined
    },
  ): Promise<Answer>
}

export type ConverseDeps = { readonly transport: Transport; readonly clock: Clock }

export type AttemptDeps = ConverseDeps & {
  readonly store: Pick<Store, 'outgoing'>
  readonly references: ReferenceCode
  /** Where staff, or its writer, can open a ticket, or null. */
  readonly ticketUrl: (ticketId: string, reader: 'staff' | 'writer') => string | null
  readonly onRenderError: (destination: string, error: unknown) => void
}

export type Attempted = {
  readonly outcome: Outcome
  readonly startedAt: number
  readonly record: Attempt
  readonly nextLevel: number | null
}

/** Null when it was cut off because we are stopping, or may not be sent any more: nothing is recorded, and the delivery stays due.
 *  @param options.maySend asked once, when the text is loaded and the request is about to go out
 *  @param options.servedSince from when on every attempt is recorded: of what is older, a crash may have swallowed one */
export const runAttempt = async (
  deps: AttemptDeps,
  destination: Destination,
  progress: DeliveryProgress,
  options: { readonly signal: AbortSignal; readonly maySend: () => boolean; readonly servedSince: number },
): Promise<Attempted | null> => {
  const { signal } = options
  const work = await unlessCutOff(signal, { clock: deps.clock, graceMs: 0 }, deps.store.outgoing(progress))
  if (signal.aborted || !options.maySend()) return null
  const startedAt = deps.clock.now()
  const begun = deps.clock.monotonic()
  if (!work) return missing(startedAt)
  // What was said later is not for the writer: a destination that had another kind before may still be given it.
  if (destination.kind.isToWriter && work.event.kind !== 'CREATED') return missing(startedAt)

  const whole: OutgoingEvent = {
    deliveryId: deliveryId(work.ticket.id, progress),
    event: showEvent(work.ticket, work.event),
    ticket: showTicket(work.ticket, deps.references),
    ticketUrl: deps.ticketUrl(work.ticket.id, destination.kind.isToWriter ? 'writer' : 'staff'),
    ref: work.ref,
  }
  const event = redacted(whole, destination.redact)
  const mayBeThere = progress.attempts > 0 || work.event.at < options.servedSince
  const render = (level: number): Step | undefined => {
    const name = destination.kind.levels[level]
    return name && destination.kind.start(event, destination.settings, { level: name, at: startedAt, mayBeThere })
  }

  let answer: Answer | null = null
  let outcome: Outcome
  try {
    const first = render(progress.level) ?? render(0)
    if (!first) throw new Error(`kind ${destination.kind.kind} has no level`)
    ;({ outcome, answer } = await converse(deps, destination, first, signal, begun))
  } catch (error) {
    // A text that our own code cannot render must not block the others: it steps down, and shows as refused.
    deps.onRenderError(destination.name, error)
    outcome = { kind: 'refused', reason: 'internal' }
  }
  // A kind may know that it arrived all the same: by an earlier step, which must not be repeated.
  if (answer?.kind === 'no-answer' && answer.failure === 'cut-off' && outcome.kind !== 'delivered') return null
  return {
    outcome,
    startedAt,
    nextLevel: outcome.kind === 'refused' ? nextLevel(destination, progress.level, render) : null,
    record: {
      at: startedAt,
      ms: Math.round(deps.clock.monotonic() - begun),
      outcome: OUTCOME_NAMES[outcome.kind],
      status: answer?.kind === 'answer' ? answer.status : null,
      excerpt: answer && excerptOf(answer, destination),
    },
  }
}

/** Request after request until there is an outcome, all under one deadline. */
export const converse = async (
  deps: ConverseDeps,
  destination: Destination,
  first: Step,
  signal: AbortSignal,
  begun: number,
): Promise<{ outcome: Outcome; answer: Answer }> => {
  let step = first
  for (;;) {
    const timeoutMs = begun + destination.timeoutMs - deps.clock.monotonic()
    const answer = await deps.transport.send(step, {
      timeoutMs,
      signal,
      connections: destination.concurrency,
      ca: destination.ca,
    })
    const next = destination.kind.next(step, answer, deps.clock.now())
    if (isOutcome(next)) return { outcome: next, answer }
    step = next
  }
}

/** The next level whose message differs from this one's: an equal one would be refused again. */
const nextLevel = (
  destination: Destination,
  level: number,
  render: (level: number) => Step | undefined,
): number | null => {
  const body = (index: number): string | undefined => {
    try {
      return render(index)?.body
    } catch {
      return undefined // reported when it is tried
    }
  }
  const current = body(level)
  for (let next = level + 1; next < destination.kind.levels.length; next += 1) if (body(next) !== current) return next
  return null
}

export const OUTCOME_NAMES: Readonly<Record<Outcome['kind'], AttemptOutcome>> = {
  delivered: 'DELIVERED',
  retry: 'RETRY',
  refused: 'REFUSED',
  unavailable: 'UNAVAILABLE',
  unclear: 'UNCLEAR',
}

const missing = (startedAt: number): Attempted => ({
  outcome: { kind: 'refused', reason: 'nothing-to-send' },
  startedAt,
  nextLevel: null,
  record: { at: startedAt, ms: 0, outcome: 'REFUSED', status: null, excerpt: null },
})
