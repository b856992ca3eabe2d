/** Rules that pick the destinations of a ticket. The first rule that matches wins; exactly one has no `when`: the fallback, last. */
import type { Role, TicketType } from '../api/ticket.ts'
import type { Principal } from './principal.ts'

/** Stands in a condition for a ticket without a type. */
export const NO_TYPE = 'none' as const

/** What a rule asks for. A key that is there must match; each key holds the values of which any one is enough. */
export type Condition = {
  /** `none` is the ticket without a type. A rule that asks for types never takes a ticket without one, unless it lists `none`. */
  readonly type?: readonly (TicketType | typeof NO_TYPE)[]
  readonly role?: readonly Role[]
  /** The whole name, upper and lower case alike. */
  readonly organization?: readonly string[]
  /** The domain and everything below it: `sdu.dk` also takes `imada.sdu.dk`, but not `notsdu.dk`. */
  readonly mailDomain?: readonly string[]
  /** The project's id, exactly; whether the token lists it plays no part. */
  readonly project?: readonly string[]
  /** Literal words somewhere in subject or message, upper and lower case alike. */
  readonly text?: readonly string[]
}

export type Route = {
  /** Null: the fallback, which takes everything. */
  readonly when: Condition | null
  /** Names of destinations, at least one, none twice. */
  readonly to: readonly string[]
}

/** All that a rule can look at. */
export type RoutingFacts = {
  readonly type: TicketType | null
  readonly role: Role
  readonly organization: string | null
  /** In lower case. */
  readonly mailDomain: string | null
  readonly project: string | null
  readonly subject: string
  readonly message: string
}

export const routingFacts = (
  principal: Principal,
  ticket: Pick<RoutingFacts, 'type' | 'project' | 'subject' | 'message'>,
): RoutingFacts => ({
  type: ticket.type,
  role: principal.role,
  organization: principal.organization,
  mailDomain: principal.mailDomain,
  project: ticket.project,
  subject: ticket.subject,
  message: ticket.message,
})

export type PickedRoute = {
  readonly index: number
  /** Of the team. */
  readonly destinations: readonly string[]
  /** Who tells the writer that the ticket arrived. */
  readonly acknowledgement: string | null
}

/** What destinations say of themselves. */
export type Takers = {
  /** What they ask for, by name: a rule that picks one of them with a ticket it does not take does without it. */
  readonly filters: ReadonlyMap<string, Condition>
  /** Those that write to the ticket's writer, and so take it off nobody's hands. */
  readonly toWriter: ReadonlySet<string>
}
const TAKE_ALL: Takers = { filters: new Map(), toWriter: new Set() }

export const takersOf = (
  destinations: readonly {
    readonly name: string
    readonly when?: Condition
    readonly kind: { readonly isToWriter?: boolean }
  }[],
): Takers => ({
  filters: new Map(destinations.flatMap(({ name, when }) => (when === undefined ? [] : [[name, when] as const]))),
  toWriter: new Set(destinations.filter(({ kind }) => kind.isToWriter).map(({ name }) => name)),
})

/** The first rule that takes the ticket for some destination of the team, and where it sends it. Throws when none does: the configuration
 *  guarantees a fallback, and a destination in it that takes everything. */
export const pickRoute = (routes: readonly Route[], facts: RoutingFacts, takers: Takers = TAKE_ALL): PickedRoute => {
  const index = routes.findIndex(route => takenFor(route, facts, takers).length > 0)
  const route = routes[index]
  if (route === undefined) throw new Error('no route takes this ticket: the fallback is missing')
  const taken = takenFor(route, facts, takers)
  return {
    index,
    destinations: taken.filter(name => !takers.toWriter.has(name)),
    acknowledgement: taken.find(name => takers.toWriter.has(name)) ?? null,
  }
}

/** None, where nobody of the team is among them. */
const takenFor = (route: Route, facts: RoutingFacts, { filters, toWriter }: Takers): readonly string[] => {
  if (firstMismatch(route.when, facts) !== undefined) return []
  const taken = route.to.filter(name => firstMismatch(filters.get(name) ?? null, facts) === undefined)
  return taken.some(name => !toWriter.has(name)) ? taken : []
}

/** What one rule did with a ticket. `takes`: this one won. `no-match`: a condition failed. `too-late`: it matches, an earlier one won. */
export type RouteExplanation = {
  readonly index: number
  readonly verdict: 'takes' | 'no-match' | 'too-late'
  /** A sentence; for `no-match` it names the first condition that failed. It never quotes the ticket's text. */
  readonly why: string
  readonly destinations: readonly string[]
}

/** For every rule, in order, whether it took the ticket and why. */
export const explain = (
  routes: readonly Route[],
  facts: RoutingFacts,
  takers: Takers = TAKE_ALL,
): readonly RouteExplanation[] => {
  const winner = pickRoute(routes, facts, takers).index
  return routes.map((route, index) => {
    const mismatch = firstMismatch(route.when, facts)
    if (mismatch !== undefined)
      return { index, verdict: 'no-match', why: mismatchInWords(mismatch, facts), destinations: route.to }
    const destinations = takenFor(route, facts, takers)
    if (destinations.length === 0) {
      const why = 'Every condition matches, but each of its destinations has a `when` of its own that does not.'
      return { index, verdict: 'no-match', why, destinations: route.to }
    }
    if (index !== winner) {
      const why = `It would match too, but rule ${winner + 1} comes first.`
      return { index, verdict: 'too-late', why, destinations: route.to }
    }
    const left = route.to.filter(name => !destinations.includes(name))
    const without = left.length === 0 ? '' : ` Without ${left.join(', ')}, by a \`when\` of its own.`
    const why =
      route.when === null ? 'It is the fallback: it takes what no earlier rule took.' : 'Every condition matches.'
    const writing = destinations.find(name => takers.toWriter.has(name))
    const told = writing ? ` \`${writing}\` writes to the user, if they have an address that people read.` : ''
    return { index, verdict: 'takes', why: why + without + told, destinations }
  })
}

type ConditionKey = keyof Condition
type Mismatch = { readonly key: ConditionKey; readonly wanted: readonly string[] }

/** In the order in which they are looked at: cheap ones first, the search through the text last. */
const keysInOrder: readonly ConditionKey[] = ['type', 'role', 'organization', 'mailDomain', 'project', 'text']

const firstMismatch = (when: Condition | null, facts: RoutingFacts): Mismatch | undefined => {
  if (when === null) return undefined
  for (const key of keysInOrder) {
    const wanted = when[key]
    if (wanted !== undefined && !matchesAny(key, wanted, facts)) return { key, wanted }
  }
  return undefined
}

const matchesAny = (key: ConditionKey, wanted: readonly string[], facts: RoutingFacts): boolean => {
  switch (key) {
    case 'type':
      return wanted.includes(facts.type ?? NO_TYPE)
    case 'role':
      return wanted.includes(facts.role)
    case 'organization':
      return wanted.some(name => facts.organization !== null && fold(name) === fold(facts.organization))
    case 'mailDomain':
      return wanted.some(domain => facts.mailDomain !== null && isWithin(fold(facts.mailDomain), fold(domain)))
    case 'project':
      return facts.project !== null && wanted.includes(facts.project)
    case 'text': {
      const texts = [fold(facts.subject), fold(facts.message)]
      return wanted.some(words => texts.some(text => text.includes(fold(words))))
    }
    default:
      return key satisfies never
  }
}

const isWithin = (domain: string, parent: string) => domain === parent || domain.endsWith(`.${parent}`)

/** For comparing only. NFC, because the same letter typed on another keyboard may be made of other code points. */
const fold = (text: string) => text.normalize('NFC').toLowerCase()

const mismatchInWords = ({ key, wanted }: Mismatch, facts: RoutingFacts): string => {
  const asked = wanted.map(value => `"${value}"`).join(' or ')
  switch (key) {
    case 'type':
      return `type: the ticket's is "${facts.type ?? NO_TYPE}", the rule asks for ${asked}.`
    case 'role':
      return `role: the user's is "${facts.role}", the rule asks for ${asked}.`
    case 'organization':
      return `organization: ${owned('user', facts.organization)}, the rule asks for ${asked}.`
    case 'mailDomain':
      return `mailDomain: ${owned('user', facts.mailDomain)}, the rule asks for ${asked} or a domain below.`
    case 'project':
      return `project: ${owned('ticket', facts.project)}, the rule asks for ${asked}.`
    case 'text':
      return `text: neither subject nor message holds ${asked}.`
    default:
      return key satisfies never
  }
}

const owned = (owner: string, value: string | null) =>
  value === null ? `the ${owner} has none` : `the ${owner}'s is "${value}"`
