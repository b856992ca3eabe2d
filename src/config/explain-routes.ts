/** `routes explain`: what the routes would do with a ticket that somebody describes on the command line. */
import { type Role, roles, type TicketType, ticketTypes } from '../api/ticket.ts'
import {
  type Condition,
  explain,
  NO_TYPE,
  type RouteExplanation,
  type RoutingFacts,
  takersOf,
} from '../domain/routing.ts'
import type { Config } from './config.ts'
import { didYouMean } from './nearest.ts'

/** A ticket as typed; what is left out is absent, and the role is USER. */
export type RouteQuestion = {
  /** `none` is a ticket without a type; left out, it is what the service would make of the text. */
  readonly type?: string | undefined
  readonly role?: string | undefined
  readonly organization?: string | undefined
  readonly email?: string | undefined
  readonly project?: string | undefined
  readonly subject?: string | undefined
  readonly message?: string | undefined
}

export type RouteAnswer =
  | {
      readonly ok: true
      readonly facts: RoutingFacts
      readonly rules: readonly (RouteExplanation & { readonly when: Condition | null })[]
      /** Of the rule that takes the ticket. */
      readonly takenBy: number
      readonly destinations: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly string[] }

/** @param typeOf what the service makes of a subject and message without a `type` field */
export const explainRoutes = (
  { routes, destinations }: Pick<Config, 'routes' | 'destinations'>,
  question: RouteQuestion,
  typeOf: (subject: string, message: string) => TicketType | null,
): RouteAnswer => {
  const facts = factsOf(question, typeOf)
  if ('problems' in facts) return { ok: false, problems: facts.problems }
  const rules = explain(routes, facts, takersOf(destinations)).map(rule => ({
    ...rule,
    when: routes[rule.index]?.when ?? null,
  }))
  const winner = rules.find(rule => rule.verdict === 'takes')
  if (winner === undefined) throw new Error('no route takes this ticket: the fallback is missing')
  return { ok: true, facts, rules, takenBy: winner.index, destinations: winner.destinations }
}

const factsOf = (
  question: RouteQuestion,
  typeOf: (subject: string, message: string) => TicketType | null,
): RoutingFacts | { readonly problems: readonly string[] } => {
  const subject = question.subject ?? ''
  const message = question.message ?? ''
  const type = question.type === undefined ? typeOf(subject, message) : parseType(question.type)
  const role = parseRole(question.role ?? 'USER')
  const mailDomain = question.email === undefined ? null : domainOf(question.email)
  const problems: string[] = []
  if (type === undefined) problems.push(unknown('type', question.type, [...ticketTypes, NO_TYPE]))
  if (role === undefined) problems.push(unknown('role', question.role, roles))
  if (mailDomain === undefined) problems.push('--email is not a mail address.')
  if (type === undefined || role === undefined || mailDomain === undefined) return { problems }
  return {
    type,
    role,
    organization: question.organization ?? null,
    mailDomain,
    project: question.project ?? null,
    subject,
    message,
  }
}

const parseType = (typed: string): TicketType | null | undefined =>
  typed.toLowerCase() === NO_TYPE ? null : ticketTypes.find(type => type === typed.toUpperCase())

const parseRole = (typed: string): Role | undefined => roles.find(role => role === typed.toUpperCase())

const domainOf = (email: string): string | undefined => /^[^@].*@([^@\s]+)$/.exec(email)?.[1]?.toLowerCase()

const unknown = (option: string, typed: string | undefined, known: readonly string[]) =>
  `--${option} must be one of ${known.join(', ')}.${didYouMean(typed ?? '', known)}`
