/** What a new ticket goes through, whoever brings it: the API's JSON body or the form. Resolves after the sync that covers it. */
import { hash } from 'node:crypto'
import type { Problem } from '../api/errors.ts'
import { answerableAddress, mailboxOf } from '../domain/automatic-sender.ts'
import type { Clock } from '../domain/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { PROJECTS_MAX, ticketUser } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import { pickRoute, type Route, routingFacts, type Takers } from '../domain/routing.ts'
import type { AcceptResult, Store } from '../domain/store.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { type Fields, isProblem, readTicket } from '../domain/submission.ts'
import { cutText } from '../domain/text.ts'
import { awaiting, type NewTicket } from '../domain/ticket.ts'

export type Submission = {
  readonly principal: Principal
  /** As parsed, not yet checked. */
  readonly fields: Fields
  readonly requestId: string
  readonly userAgent: string | null
  /** The `Project` header, as sent. */
  readonly project: string | null
  /** The `Idempotency-Key`, as sent. */
  readonly idempotencyKey: string | null
}

export type Submitted =
  | {
      readonly ok: true
      readonly id: string
      readonly number: number
      readonly reference: string
      readonly createdAt: number
      readonly repeated: boolean
    }
  | { readonly ok: false; readonly problem: Problem }

export type Intake = (submission: Submission) => Promise<Submitted>

export type IntakeDeps = {
  readonly store: Pick<Store, 'accept'>
  readonly clock: Clock
  readonly nextId: () => string
  readonly references: ReferenceCode
  readonly routes: readonly Route[]
  readonly takers?: Takers
  /** Addresses that are never written to by themselves: ours and the team's. */
  readonly own?: ReadonlySet<string>
  readonly limits: { readonly ticketsPerUserPerHour: number; readonly messageMaxLength: number }
  /** The ticket is stored; its deliveries wait. */
  readonly onAccepted: (destinations: readonly string[]) => void
  readonly onRefused: (problem: Problem) => void
  /** The store could not take a ticket: why, for the log. */
  readonly onStoreTrouble: (error: StoreUnavailable) => void
}

/** Headers may be 1 MiB long; what a ticket keeps of them, in UTF-16 units, is a line for people to read. */
const USER_AGENT_MAX = 1_000
const PROJECT_MAX = 255
const NO_ADDRESSES: ReadonlySet<string> = new Set()

/** How long a client should wait before it tries again while the store cannot take tickets. */
const STORE_RETRY_SECONDS = 5

export const createIntake =
  (deps: IntakeDeps): Intake =>
  async submission => {
    const submitted = await decide(deps, submission)
    if (!submitted.ok) deps.onRefused(submitted.problem)
    return submitted
  }

const decide = async (deps: IntakeDeps, submission: Submission): Promise<Submitted> => {
  const key = submission.idempotencyKey
  if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    const why =
      'The Idempotency-Key must be 1 to 255 visible ASCII characters. Nothing was sent; send again with another key.'
    return refused({ code: 'INVALID_IDEMPOTENCY_KEY', why })
  }
  const texts = readTicket(submission.fields, deps.limits.messageMaxLength)
  if (isProblem(texts)) return refused(texts)

  const ticket = newTicket(deps, submission, texts, key)
  let result: AcceptResult
  try {
    result = await deps.store.accept(ticket)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    deps.onStoreTrouble(error)
    return refused(error.outcome === 'unknown' ? outcomeUnknown(key !== null) : NOT_STORED)
  }
  switch (result.outcome) {
    case 'accepted':
      if (!result.repeated) deps.onAccepted(awaiting(ticket))
      return { ok: true, ...result, reference: deps.references.format(result.number) }
    case 'limited':
      return refused(limited(result.retryAt, deps.clock.now()))
    case 'key-reused':
      return refused(KEY_REUSED)
  }
}

const newTicket = (
  deps: IntakeDeps,
  submission: Submission,
  texts: Exclude<ReturnType<typeof readTicket>, Problem>,
  key: string | null,
): NewTicket => {
  const { principal, requestId } = submission
  const userAgent = submission.userAgent && cutText(submission.userAgent, USER_AGENT_MAX)
  const project = projectOf(submission)
  const facts = routingFacts(principal, { ...texts, project: project?.id ?? null })
  const { destinations, acknowledgement } = pickRoute(deps.routes, facts, deps.takers)
  const address = acknowledgement === null ? undefined : answerableAddress(principal.email, deps.own ?? NO_ADDRESSES)
  return {
    id: deps.nextId(),
    createdAt: deps.clock.now(),
    ...texts,
    user: ticketUser(principal),
    project,
    projects: principal.projects.slice(0, PROJECTS_MAX),
    technical: { requestId, userAgent },
    destinations,
    ...(acknowledgement !== null &&
      address && { acknowledgement: { destination: acknowledgement, address: mailboxOf(address) } }),
    limitPerHour: deps.limits.ticketsPerUserPerHour,
    idempotency: key === null ? null : { key, fingerprint: fingerprintOf(submission.fields) },
  }
}

/** A project the token does not list is kept, and marked: a user who has just joined or left one must still reach support. */
const projectOf = ({ project, principal }: Submission): NewTicket['project'] => {
  const id = project?.trim()
  return id ? { id: cutText(id, PROJECT_MAX), listed: principal.projects.includes(id) } : null
}

/** Of the fields as parsed, so that the same request has the same fingerprint whatever we make of it. */
const fingerprintOf = ({ subject, message, type, context }: Fields): Uint8Array =>
  hash('sha256', JSON.stringify([subject, message, type, context]), 'buffer')

const refused = (problem: Problem): Submitted => ({ ok: false, problem })

const limited = (retryAt: number, now: number): Problem => {
  const retryAfterSeconds = Math.max(1, Math.ceil((retryAt - now) / 1_000))
  const minutes = Math.ceil(retryAfterSeconds / 60)
  const when = minutes === 1 ? 'in a minute' : `in ${minutes} minutes`
  return {
    code: 'RATE_LIMITED',
    why: `You have sent several messages in a short time, so this one was not sent. You can send again ${when}; keep your text until then.`,
    retryAfterSeconds,
  }
}

const NOT_STORED: Problem = {
  code: 'STORE_UNAVAILABLE',
  why: 'Your message could not be stored just now, so it was not sent. Keep your text and send it again in a moment.',
  retryAfterSeconds: STORE_RETRY_SECONDS,
}

const outcomeUnknown = (hasKey: boolean): Problem => ({
  code: 'OUTCOME_UNKNOWN',
  why: `We do not know yet whether your message was stored: the store did not answer in time. Keep your text and send it again in a moment${
    hasKey ? ' with the same key: it cannot arrive twice.' : '; at worst it arrives twice, which does no harm.'
  }`,
  retryAfterSeconds: STORE_RETRY_SECONDS,
})

const KEY_REUSED: Problem = {
  code: 'KEY_REUSED',
  why: 'This Idempotency-Key was already used for a different message, so this one was not sent. Send it again with a new key.',
}
