/** The world outside: destinations with moods, and the requests that reach them. */
import slack from '../../src/destinations/slack.ts'
import webhook from '../../src/destinations/webhook.ts'
import type { Destination, DestinationKind, Step } from '../../src/domain/destination.ts'
import type { Answer } from '../../src/domain/outcome.ts'
import type { Transport } from '../../src/engine/attempt.ts'
import type { Books } from './books.ts'
import type { Chance } from './chance.ts'
import type { Meaning } from './entries.ts'
import type { Life, Time } from './time.ts'

/** How a destination answers, until further notice. */
export type Mood =
  | 'well'
  | 'slow'
  | 'down'
  | 'error'
  | 'busy'
  | 'gone'
  | 'silent'
  | 'unclear'
  /** Takes the message, and the answer is lost. */
  | 'forgetful'
  | 'mixed'

export const MOODS: readonly Mood[] = [
  'slow',
  'down',
  'error',
  'busy',
  'gone',
  'silent',
  'unclear',
  'forgetful',
  'mixed',
]

/** In a message: Slack refuses it in every form, or in its rich form only. */
export const POISON = 'POISON'
export const BITTER = 'BITTER'
/** A webhook's receiver stumbles over it, or wants it to be signed by somebody else, however often it comes. */
export const FAULTY = 'FAULTY'
export const FORBIDDEN = 'FORBIDDEN'

/** The request tells for whom it is, whatever the kind: Slack's says nothing that a test could count by. */
const labelled = (kind: DestinationKind): DestinationKind => ({
  ...kind,
  start(event, settings, options) {
    const step = kind.start(event, settings, options)
    return {
      ...step,
      headers: {
        ...step.headers,
        'x-delivery': event.deliveryId,
        'x-level': options.level,
        'x-taste': event.event.message ?? '',
      },
    }
  },
})
const [SLACK, WEBHOOK] = [labelled(slack), labelled(webhook)]

export const destinationsFor = (chance: Chance): Destination[] =>
  Array.from({ length: chance.between(2, 3) }, (_, i) => {
    const isSlack = chance.is(0.5)
    return {
      name: `d${i}`,
      kind: isSlack ? SLACK : WEBHOOK,
      settings: {
        url: `https://${isSlack ? 'hooks.slack.com/services' : 'example.org'}/d${i}`,
        ...(!isSlack && { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }),
      },
      rate: isSlack ? { count: 1, perMs: 1_000 } : chance.is(0.5) ? null : { count: 5, perMs: 1_000 },
      concurrency: isSlack ? 1 : chance.between(1, 4),
      timeoutMs: 15_000,
    }
  })

type Reaction = { readonly answer: Answer; readonly ms: number; readonly waitMs?: number }

export class Network {
  readonly moods = new Map<string, Mood>()
  readonly #time: Time
  readonly #chance: Chance
  readonly #books: Books

  constructor(time: Time, chance: Chance, books: Books) {
    this.#time = time
    this.#chance = chance
    this.#books = books
  }

  /** The way out of one life. */
  transportOf(life: Life): Transport {
    return {
      send: (step, { timeoutMs, signal }) => {
        const destination = step.url.split('/').at(-1) ?? ''
        const id = step.headers['x-delivery'] ?? ''
        this.#books.sent(life, destination, id, timeoutMs)
        const { answer, waitMs = 0, ms } = this.#askingToWait(this.#reaction(destination, step), step)
        return new Promise(resolve => {
          const end = (given: Answer, asked: number) => {
            cancel()
            signal.removeEventListener('abort', cutOff)
            const isCutOff = given.kind === 'no-answer' && given.failure === 'cut-off'
            this.#books.answered(life, destination, id, { meaning: meaning(given, step), isCutOff, waitMs: asked })
            resolve(given)
          }
          const cutOff = () => end(noAnswer('cut-off'), 0)
          const isInTime = ms < timeoutMs
          const come = () => (isInTime ? end(answer, waitMs) : end(noAnswer('timeout'), 0))
          const cancel = this.#time.after(Math.min(ms, timeoutMs), come, life)
          signal.addEventListener('abort', cutOff, { once: true })
        })
      },
    }
  }

  /** Whatever is no success may ask for it. */
  #askingToWait(reaction: Reaction, step: Step): Reaction {
    const { answer } = reaction
    if (answer.kind === 'no-answer' || reaction.waitMs || meaning(answer, step) === 'delivered') return reaction
    if (!this.#chance.is(0.05)) return reaction
    const seconds = this.#chance.between(1, 90)
    const headers = { 'retry-after': String(seconds) }
    return { ...reaction, answer: { ...answer, headers }, waitMs: seconds * 1_000 }
  }

  #reaction(destination: string, step: Step): Reaction {
    const chance = this.#chance
    let mood = this.moods.get(destination) ?? 'well'
    if (mood === 'mixed') mood = chance.pick<Mood>(['well', 'well', 'slow', 'error', 'busy', 'unclear'])
    const ms = chance.between(5, 200)
    const isSlack = step.url.includes('slack')
    switch (mood) {
      case 'well':
      case 'slow':
      case 'mixed':
        return {
          answer: isSlack ? slackAnswer(step) : webhookAnswer(step),
          ms: mood === 'slow' ? chance.between(500, 14_000) : ms,
        }
      case 'down':
        return { answer: noAnswer(chance.pick(['refused', 'reset', 'dns'] as const)), ms }
      case 'error':
        return { answer: status(chance.pick([500, 502, 503]), 'oops'), ms }
      case 'busy': {
        const seconds = chance.between(1, 90)
        return {
          answer: status(chance.pick([429, 503]), '', { 'retry-after': String(seconds) }),
          ms,
          waitMs: seconds * 1_000,
        }
      }
      case 'gone':
        return { answer: status(chance.pick([401, 404, 410, 302]), 'no_service'), ms }
      case 'silent':
      case 'forgetful':
        return { answer: noAnswer('timeout'), ms: Number.POSITIVE_INFINITY }
      case 'unclear':
        return { answer: isSlack ? status(200, '<html>') : status(200, ''), ms }
    }
  }
}

const UNAVAILABLE = [401, 403, 404, 405, 410, 501]

/** What the answer means by the services' own documentation, decided here anew: the product's reading of it is what is on trial. */
const meaning = (answer: Answer, step: Step): Meaning => {
  if (answer.kind === 'no-answer') return 'retry'
  const { status, body } = answer
  const isSlack = step.url.includes('slack')
  if (status >= 200 && status < 300) return !isSlack || (status === 200 && body === 'ok') ? 'delivered' : 'unclear'
  if (isSlack && body === 'invalid_payload') return 'refused'
  return UNAVAILABLE.includes(status) || (status >= 300 && status < 400) ? 'unavailable' : 'retry'
}

const isRefused = ({ headers }: Step): boolean =>
  headers['x-taste'] === POISON || (headers['x-taste'] === BITTER && headers['x-level'] === 'rich')

const slackAnswer = (step: Step): Answer => (isRefused(step) ? status(400, 'invalid_payload') : status(200, 'ok'))

const webhookAnswer = ({ headers }: Step): Answer => {
  const taste = headers['x-taste']
  return taste === FAULTY ? status(500, 'oops') : taste === FORBIDDEN ? status(403, '') : status(200, 'ok')
}

const status = (code: number, body: string, headers: Record<string, string> = {}): Answer => ({
  kind: 'answer',
  status: code,
  headers,
  body,
})
const noAnswer = (failure: 'refused' | 'reset' | 'dns' | 'timeout' | 'cut-off'): Answer => ({
  kind: 'no-answer',
  failure,
  detail: failure,
})
