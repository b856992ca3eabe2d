/** What an answer means when the kind knows nothing better: the defaults, as data. A kind adds its documented success and the codes
 *  its vendor writes into answers. */
import type { Answer, Failure, Outcome } from './outcome.ts'
import { boundedWait, retryAfter, type Wait } from './retry-after.ts'
import { UNNAMED_WAIT_MS } from './schedule.ts'

type HttpAnswer = Extract<Answer, { kind: 'answer' }>

/** What a vendor's own code means, whatever the HTTP status. `limited`: a retry, since we sent too much. */
export type KnownAnswer = { readonly as: 'retry' | 'limited' | 'refused' | 'unavailable'; readonly reason: string }

export type ClassifyOptions = {
  /** Our clock, ms: a `Retry-After` date may be measured against it. */
  readonly now: number
  /** The service's documented success, which a page never is. Default: every 2xx. */
  readonly isDelivered?: (answer: HttpAnswer) => boolean
  /** What the vendor's code in this answer means, if it holds one. Not asked when the answer is a success, or a page. */
  readonly known?: (answer: HttpAnswer) => KnownAnswer | undefined
  /** Waits that the answer names in the vendor's own way, ms; what is no positive number names none. */
  readonly waits?: readonly number[]
  /** How long a rate limit holds that names no wait, ms. */
  readonly unnamedMs?: number | undefined
}

/** Statuses that blame the destination, not the delivery: a wrong token, a deleted or moved address, hooks switched off (501, Mattermost). */
const UNAVAILABLE = new Set([401, 403, 404, 405, 410, 501])

/** Why no answer came: what it means and the reason people see and filter by. */
const FAILURES: Readonly<Record<Failure, { readonly kind: 'retry' | 'unavailable'; readonly reason: string }>> = {
  dns: { kind: 'retry', reason: 'dns' },
  refused: { kind: 'retry', reason: 'connection-refused' },
  reset: { kind: 'retry', reason: 'connection-reset' },
  unreachable: { kind: 'retry', reason: 'unreachable' },
  timeout: { kind: 'retry', reason: 'timeout' },
  tls: { kind: 'retry', reason: 'tls' },
  certificate: { kind: 'unavailable', reason: 'certificate' },
  blocked: { kind: 'unavailable', reason: 'address-not-allowed' },
  'cut-off': { kind: 'retry', reason: 'cut-off' },
  protocol: { kind: 'retry', reason: 'protocol' },
  proxy: { kind: 'unavailable', reason: 'proxy-refused' },
}

/** A page for people. No service answers with one: a proxy in between does, or a login. */
const isPage = ({ headers, body }: HttpAnswer): boolean =>
  /^\s*text\/html\b/i.test(headers['content-type'] ?? '') && /^\s*<(?:!doctype\s+html|html)\b/i.test(body)

/** The outcome of a request. Every 4xx that neither the kind nor this table knows is a retry: unknown is no reason to give up. */
export const classify = (answer: Answer, options: ClassifyOptions): Outcome => {
  if (answer.kind === 'no-answer') return FAILURES[answer.failure]
  const { status } = answer
  const isSuccess = status >= 200 && status < 300
  const isByService = !isPage(answer)
  if (isSuccess && isByService && (options.isDelivered?.(answer) ?? true)) return { kind: 'delivered' }

  // Of a page only the status counts; that a text is too large may be said by whatever is in between.
  const known = isByService || status === 413 ? options.known?.(answer) : undefined
  if (known?.as === 'retry' || known?.as === 'limited') {
    return { kind: 'retry', reason: known.reason, ...waitIn(answer, options, known.as === 'limited' || status === 429) }
  }
  // Whatever else an answer means: where it asks to wait, nothing is sent before.
  const asked = retryAfter(answer.headers, options.now)
  if (known !== undefined) return { kind: known.as, reason: known.reason, ...asked }

  if (isSuccess) return { kind: 'unclear', reason: `unconfirmed-http-${status}`, ...asked }
  // A followed redirect can turn a POST into a GET that says 200: a moved address is for the operator to enter.
  if (status >= 300 && status < 400) return { kind: 'unavailable', reason: 'redirect', ...asked }
  if (UNAVAILABLE.has(status)) return { kind: 'unavailable', reason: `http-${status}`, ...asked }
  return { kind: 'retry', reason: `http-${status}`, ...waitIn(answer, options) }
}

/** The longest wait that the answer asks for, in whichever way; a rate limit always holds, unless it says that nothing is to be waited for. */
const waitIn = (
  { status, headers }: HttpAnswer,
  { now, waits = [], unnamedMs = UNNAMED_WAIT_MS }: ClassifyOptions,
  isLimited = status === 429,
): Wait | undefined => {
  const asked = [retryAfter(headers, now), ...waits.map(boundedWait)].filter(wait => wait !== undefined)
  const longest = asked.sort((a, b) => b.waitMs - a.waitMs)[0]
  const isOver = /^\s*0+\s*$/.test(headers['retry-after'] ?? '')
  return longest ?? (isLimited && !isOver ? boundedWait(unnamedMs) : undefined)
}
