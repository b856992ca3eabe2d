/** What every kind of destination promises, whatever its vendor: run from the test beside each kind. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import {
  type DestinationKind,
  isOutcome,
  type Level,
  type OutgoingEvent,
  type Settings,
  type Step,
} from '../../src/domain/destination.ts'
import type { Answer, Outcome } from '../../src/domain/outcome.ts'
import { chatText, isVisible } from '../../src/domain/text.ts'
import { checkCutting } from './cutting.ts'
import { hostile, hostileMessages, longTexts } from './hostile.ts'
import { AT, bareEvent, commentedEvent, createdEvent, updatedEvent } from './outgoing.ts'

export type ContractOptions = {
  /** Everything is sent as written (webhook): no cleaning of one-line fields, no cutting, JSON nulls for what is absent. */
  readonly isVerbatim?: boolean
  /** Secret settings that the service wants in the body. */
  readonly secretsInBody?: readonly string[]
  /** Mail: its answers have codes of their own. */
  readonly isMail?: boolean
  /** How the body of a request is read. Default: as JSON. */
  readonly read?: (body: string) => unknown
  /** The vendor's limits and dialect: throws when the body breaks one. */
  readonly check?: (body: unknown, level: Level) => void
  /** The message as a reader sees it, unescaped; undefined when the level shows none. */
  readonly shownMessage?: (body: unknown, level: Level) => string | undefined
  /** Answers and what they mean for this kind, beside the ones that mean the same everywhere. */
  readonly answers?: readonly (readonly [answer: Partial<HttpAnswer>, outcome: Outcome])[]
}

type HttpAnswer = Extract<Answer, { kind: 'answer' }>

export const httpAnswer = (part: Partial<HttpAnswer>): HttpAnswer => ({
  kind: 'answer',
  status: 200,
  headers: {},
  body: '',
  ...part,
})

export const destinationContract = (kind: DestinationKind, settings: Settings, options: ContractOptions = {}): void => {
  const start = (event: OutgoingEvent, level: Level = kind.levels[0] ?? 'rich') =>
    kind.start(event, settings, { level, at: AT })
  const outcomeOf = (answer: Answer): Outcome => {
    const next = kind.next(start(createdEvent()), answer, AT)
    assert.ok(isOutcome(next), 'one answer ends it')
    return next
  }
  const read = options.read ?? JSON.parse
  const isHidden = ([name]: readonly [string, unknown]) => !options.secretsInBody?.includes(name)
  const secrets = secretsOf(Object.fromEntries(Object.entries(settings).filter(isHidden)), kind)
  const bodyAt = (event: OutgoingEvent, level: Level): unknown => {
    const step = start(event, level)
    const body: unknown = read(step.body)
    checkStep(step, body, event, secrets)
    options.check?.(body, level)
    return body
  }

  test(`${kind.kind}: hostile text in any field makes a well-formed body that carries the reference, at every level`, () => {
    for (const text of [...hostile, ...longTexts]) {
      for (const event of withText(text)) {
        for (const level of kind.levels) bodyAt(event, level)
        checkLevels(kind, start, event)
      }
    }
  })

  test(`${kind.kind}: the dearest messages keep the limits`, () => {
    for (const message of hostileMessages) {
      const event = createdEvent({ ticket: { message } })
      for (const level of kind.levels) {
        const body = bodyAt(event, level)
        if (kind.isToWriter) continue
        const said = texts(body).join('\n')
        assert.ok(/Ada.{0,9}1234/.test(said), `${level}: who wrote is said: ${said.slice(0, 200)}`)
        // How a template cuts is its author's.
        if (level === 'minimal' || kind.kind === 'template' || !isVisible(chatText(message))) continue
        const isSaid = said.length >= chatText(message).length || /… [\d,]+ more character/.test(said)
        assert.ok(isSaid, `${level}: what is missing is counted: ${JSON.stringify(message.slice(0, 20))}`)
      }
      checkLevels(kind, start, event)
    }
  })

  test(`${kind.kind}: a body is a function of the event: the same bytes on every retry, from an event that is left as it was`, () => {
    for (const event of samples) {
      const before = structuredClone(event)
      for (const level of kind.levels) {
        const [first, later] = [AT, AT + 90_000].map(at => kind.start(deepFrozen(event), settings, { level, at }))
        assert.equal(first?.body, later?.body)
        assert.deepEqual(start(event, level), start(event, level))
      }
      assert.ok(isDeepStrictEqual(event, before))
    }
  })

  test(`${kind.kind}: levels differ, shrink, and all carry the reference`, () => {
    for (const event of samples) checkLevels(kind, start, event)
  })

  if (!options.isVerbatim) {
    test(`${kind.kind}: absent values are left out, never shown as null`, () => {
      for (const level of kind.levels) {
        assert.doesNotMatch(start(bareEvent(), level).body, /null|undefined|NaN/)
      }
    })

    test(`${kind.kind}: a field of one line holds no line break, control or bidi character`, () => {
      for (const text of hostile) {
        for (const event of withText(`⟦${text}⟧`)) {
          for (const level of kind.levels) {
            for (const leaf of texts(read(start(event, level).body))) checkOneLine(leaf)
          }
        }
      }
    })
  }

  const { shownMessage } = options
  if (shownMessage !== undefined) {
    test(`${kind.kind}: at the limit, a message is cut between graphemes and says how many are missing`, () => {
      for (const level of kind.levels) {
        const shown = (message: string) => shownMessage(bodyAt(createdEvent({ ticket: { message } }), level), level)
        if (shown('short') !== undefined) checkCutting(shown)
      }
    })
  }

  test(`${kind.kind}: words of our own are said as they are, and hold no secret`, () => {
    const [headline, text] = ['Support Relay cannot deliver to archive', 'What is there waits']
    const step = kind.notice({ id: 'notice-1', type: 'support.alert', at: AT, headline, text }, settings, { at: AT })
    const said = texts(read(step.body)).join('\n')
    assert.ok(said.includes(headline) && said.includes(text), said)
    for (const secret of secrets) assert.ok(!step.body.includes(secret), 'no secret in the body')
  })

  test(`${kind.kind}: answers mean what they mean everywhere`, () => {
    for (const [answer, outcome] of sharedAnswers) {
      if (options.isMail && answer.kind === 'answer') continue
      const { kind: meaning } = outcomeOf(answer)
      assert.equal(meaning, outcome, JSON.stringify(answer))
    }
    if (options.isMail) return
    const held = outcomeOf(httpAnswer({ status: 429, headers: { 'retry-after': '7' } }))
    assert.deepEqual(held, { kind: 'retry', reason: 'http-429', waitMs: 7_000, cut: false })
  })

  for (const [answer, outcome] of options.answers ?? []) {
    test(`${kind.kind}: ${answer.status} ${JSON.stringify(answer.body ?? '')} is ${outcome.kind}`, () => {
      assert.deepEqual(outcomeOf(httpAnswer(answer)), outcome)
    })
  }

  test(`${kind.kind}: reasons are stable codes in kebab-case`, () => {
    const all = [
      ...sharedAnswers.map(([answer]) => answer),
      ...(options.answers ?? []).map(([answer]) => httpAnswer(answer)),
    ]
    for (const answer of all) {
      const outcome = outcomeOf(answer)
      if (outcome.kind !== 'delivered') assert.match(outcome.reason, /^[a-z0-9]+(-[a-z0-9]+)*$/)
    }
  })
}

const samples = [
  createdEvent(),
  commentedEvent(),
  updatedEvent(),
  bareEvent(),
  createdEvent({ ticket: { message: 'a long one. '.repeat(5_000), subject: 's'.repeat(1_000) } }),
  createdEvent({ ticket: { message: '漢字 & <'.repeat(5_000), subject: '漢'.repeat(1_000) } }),
]

/** The text in each field that comes from a user or a token, one after the other, and then in all of them. */
const withText = (text: string): OutgoingEvent[] => {
  const { user } = createdEvent().ticket
  const tickets = [
    { subject: text },
    { message: text },
    { user: { ...user, username: text } },
    { user: { ...user, name: text } },
    { user: { ...user, email: text } },
    { user: { ...user, organization: text } },
    { project: { id: text, listed: false } },
    { technical: { requestId: 'r', userAgent: text } },
    { context: { page: text, [text]: { deep: [text] } } },
  ]
  const all = Object.assign({}, ...tickets, {
    user: { ...user, username: text, name: text, email: text, organization: text },
  })
  return [
    ...tickets.map(ticket => createdEvent({ ticket })),
    createdEvent({ ticket: all }),
    bareEvent({ ticket: { subject: text, message: text } }),
    commentedEvent({ event: { message: text, by: { username: text, name: text, staff: false } } }),
    updatedEvent({ event: { by: { username: text, name: null, staff: true } }, ticket: { subject: text } }),
  ]
}

const checkStep = (step: Step, body: unknown, event: OutgoingEvent, secrets: readonly string[]): void => {
  assert.ok(step.body.isWellFormed() && keysAndTexts(body).every(text => text.isWellFormed()), 'no lone surrogates')
  assert.ok(step.body.includes(event.ticket.reference), 'the reference is there')
  for (const [name, value] of Object.entries(step.headers)) {
    assert.match(name, /^[a-z0-9-]+$/)
    assert.match(value, /^[\x20-\x7e]*$/, `${name} can be sent as a header`)
  }
  for (const secret of secrets) assert.ok(!step.body.includes(secret), 'no secret in the body')
}

const secretsOf = (settings: Settings, kind: DestinationKind): string[] =>
  Object.entries(settings).flatMap(([name, value]) => {
    const setting = kind.settings[name]
    const isSecret =
      setting === undefined || setting.isSecret || setting.type === 'secret' || setting.type === 'secrets'
    const values = typeof value === 'string' ? [value] : value
    return isSecret ? values.flatMap(secret => [secret, ...secret.split('/').filter(part => part.length > 8)]) : []
  })

const checkLevels = (
  kind: DestinationKind,
  start: (event: OutgoingEvent, level: Level) => Step,
  event: OutgoingEvent,
): void => {
  const bodies = kind.levels.map(level => start(event, level).body)
  for (const [index, body] of bodies.entries()) {
    assert.ok(body.includes(event.ticket.reference))
    const before = bodies[index - 1]
    if (before === undefined) continue
    assert.notEqual(body, before)
    assert.ok(
      Buffer.byteLength(body) <= Buffer.byteLength(before),
      `${kind.levels[index]} is longer than the level before`,
    )
  }
}

/** Every text in a JSON value, keys left out. */
export const texts = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

const keysAndTexts = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, item]) => [key, ...keysAndTexts(item)])
    : texts(value)

/** Marked fields only: `⟦` to `⟧`, or to where the field was cut. The message is marked, too, but stands in lines of its own. */
const checkOneLine = (leaf: string): void => {
  const fields = leaf.replace(/^ {0,4}(?:⟦|> |&#62; ).*$/gm, '')
  for (const [field] of fields.matchAll(/⟦[^⟧…]*/g)) {
    assert.doesNotMatch(
      field,
      /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
      JSON.stringify(leaf),
    )
  }
}

const noAnswer = (failure: Extract<Answer, { kind: 'no-answer' }>['failure']): Answer => ({
  kind: 'no-answer',
  failure,
  detail: '',
})

const sharedAnswers: readonly (readonly [Answer, Outcome['kind']])[] = [
  ...[408, 418, 425, 429, 451, 500, 502, 503, 504, 520, 529, 599].map(
    status => [httpAnswer({ status }), 'retry'] as const,
  ),
  ...[401, 403, 404, 405, 410, 501].map(status => [httpAnswer({ status }), 'unavailable'] as const),
  ...[300, 301, 302, 303, 307, 308].map(
    status => [httpAnswer({ status, headers: { location: 'https://elsewhere.example' } }), 'unavailable'] as const,
  ),
  ...(['dns', 'refused', 'reset', 'unreachable', 'timeout', 'tls', 'cut-off', 'protocol'] as const).map(
    failure => [noAnswer(failure), 'retry'] as const,
  ),
  ...(['certificate', 'blocked'] as const).map(failure => [noAnswer(failure), 'unavailable'] as const),
]

const deepFrozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    Object.values(value).forEach(deepFrozen)
  }
  return value
}
