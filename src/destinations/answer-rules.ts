/** What a service's answers mean, as data: its documented success, its own codes, and where it says how long to wait. What a service has
 *  no word for means what it means everywhere (domain/classify.ts). */
import type { Json } from '../api/ticket.ts'
import { classify, type KnownAnswer } from '../domain/classify.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'

export type HttpAnswer = Extract<Answer, { kind: 'answer' }>
type Meaning = KnownAnswer['as']

type Wait = {
  readonly at: string
  readonly unit: 's' | 'ms' | 'epoch-s' | 'epoch-ms'
  /** Whether the answer means it. */
  readonly where?: (answer: HttpAnswer) => boolean
}

export type AnswerRules = {
  /** The statuses of the documented success. */
  readonly success: readonly number[]
  /** What else makes it one: the body's JSON, undefined when it is none, and its text. */
  readonly confirmed?: (json: Json | undefined, body: string) => boolean
  /** Where the service's own code stands in the JSON, the first that holds a text or a number. Without: the body's text. */
  readonly code?: readonly string[]
  readonly codes?: Readonly<Partial<Record<Meaning, readonly (string | number)[]>>>
  /** What neither a code nor a status says alone. Asked first, though never of a success. */
  readonly judge?: (answer: HttpAnswer, json: Json | undefined) => KnownAnswer | undefined
  /** Words that blame a setting of ours, not the text: under this status, where this place in the JSON begins so. Before codes and statuses. */
  readonly settings?: { readonly status: number; readonly at: string; readonly words: RegExp }
  /** Statuses that mean something else here than elsewhere. Its own codes come before them. */
  readonly statuses?: Readonly<Record<number, Meaning>>
  /** Where a wait stands beside `Retry-After`: a place in the JSON (`/retry_after`) or a header, and its unit. Not looked at under a 5xx: there, a
   *  rate limit's header says nothing about the trouble. */
  readonly waits?: readonly Wait[]
  /** How long a rate limit holds that names no wait, ms, where its code says more than that it is one. */
  readonly unnamedMs?: (json: Json | undefined, now: number) => number | undefined
  /** Where the name of what was made stands, for what follows: a thread, an issue. */
  readonly ref?: string
}

/** A service's codes, with space between them. */
export const words = (codes: string): readonly string[] => codes.split(/\s+/)

/** @param kind begins the reasons of its own codes: `discord-10015` */
export const outcomeBy = (kind: string, rules: AnswerRules, answer: Answer, now: number): Outcome => {
  if (answer.kind === 'no-answer') return classify(answer, { now })
  const json = jsonOf(answer.body)
  const outcome = classify(answer, {
    now,
    isDelivered: ({ status, body }) => rules.success.includes(status) && (rules.confirmed?.(json, body) ?? true),
    known: heard => known(kind, rules, json, heard),
    unnamedMs: rules.unnamedMs?.(json, now),
    waits: answer.status >= 500 ? [] : (rules.waits ?? []).map(wait => askedMs(wait, json, answer, now)),
  })
  const ref = outcome.kind === 'delivered' && rules.ref !== undefined ? word(valueAt(json, rules.ref)) : ''
  return ref === '' ? outcome : { kind: 'delivered', ref }
}

const known = (
  kind: string,
  rules: AnswerRules,
  json: Json | undefined,
  answer: HttpAnswer,
): KnownAnswer | undefined => {
  const { status, body } = answer
  const code = rules.code ? rules.code.map(place => word(valueAt(json, place))).find(text => text !== '') : body.trim()
  const meanings = Object.entries(rules.codes ?? {}) as [Meaning, readonly (string | number)[]][] // keys of the type
  const as = meanings.find(([, codes]) => codes.some(known => String(known) === code))?.[0]
  const isSuccess = status >= 200 && status < 300
  const judged = rules.judge?.(answer, json)
  if (judged) return judged
  const blame = rules.settings?.status === status ? wordsAt(json, rules.settings) : undefined
  if (blame !== undefined) return { as: 'unavailable', reason: `${kind}-${kebab(blame)}` }
  // Under a 2xx that ought to say yes by its body, the service's own no is a no.
  if (as !== undefined && status !== 429) return { as, reason: `${kind}-${kebab(code ?? '')}` }
  const byStatus = isSuccess ? undefined : rules.statuses?.[status]
  return byStatus && { as: byStatus, reason: `http-${status}` }
}

/** The words themselves, and nothing of what stands beside them (it is shown as the reason), in a text or in one of a list of texts. */
const wordsAt = (json: Json | undefined, { at, words }: NonNullable<AnswerRules['settings']>): string | undefined =>
  [valueAt(json, at)].flat().flatMap(text => words.exec(word(text))?.[0] ?? [])[0]

const kebab = (code: string): string =>
  code
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** The value at a JSON pointer of plain names and numbers; undefined when there is none. */
export const valueAt = (json: Json | undefined, pointer: string): Json | undefined =>
  pointer
    .split('/')
    .slice(1)
    .reduce<Json | undefined>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Readonly<Record<string, Json>>)[name] // an array's items by their numbers, too
          : undefined,
      json,
    )

export const jsonOf = (body: string): Json | undefined => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // an HTML page, an empty body: no JSON is an answer, too
  }
}

const word = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

const askedMs = ({ at, unit, where }: Wait, json: Json | undefined, answer: HttpAnswer, now: number): number => {
  if (where?.(answer) === false) return Number.NaN
  const value = Number((at.startsWith('/') ? word(valueAt(json, at)) : answer.headers[at]) || Number.NaN)
  const ms = unit === 's' || unit === 'epoch-s' ? value * 1_000 : value
  return unit === 'epoch-s' || unit === 'epoch-ms' ? ms - now : ms
}
