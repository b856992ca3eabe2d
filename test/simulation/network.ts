/** The world outside: destinations with moods, and the requests that reach them. */
import slack from '../../src/destinations/slack.ts'
import webhook from '../../src/destinations/webhook.ts'
import type { Destination, DestinationKind, Step } from '../../src/domain/destination.ts'
import type { Answer } from '../../src/domain/outcome.ts'
import type { Transport } from '../../src/engine/attempt.ts'
import type { Books } from './books.ts'
import type { Chance } from './chance.ts'
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
        const { answer, waitMs = 0, ms } = this.#reaction(destination, step)
        return new Promise(resolve => {
          const end = (given: Answer, asked: number) => {
            cancel()
            signal.removeEventListener('abort', cutOff)
            this.#books.answered(life, destination, id, { ...meaning(given, step), waitMs: asked })
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

  #reaction(destination: string, step: Step): { answer: Answer; ms: number; waitMs?: number } {
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
          answer: isSlack && isRefused(step) ? status(400, 'invalid_payload') : status(200, 'ok'),
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

/** What the answer means by the services' own documentation, decided here anew: the product's reading of it is what is on trial. */
const meaning = (answer: Answer, step: Step) => {
  const is2xx = answer.kind === 'answer' && answer.status >= 200 && answer.status < 300
  const isOk = answer.kind === 'answer' && answer.status === 200 && answer.body === 'ok'
  const isSlack = step.url.includes('slack')
  return {
    isSuccess: isSlack ? isOk : is2xx,
    isUnclear: isSlack && is2xx && !isOk,
    isCutOff: answer.kind === 'no-answer' && answer.failure === 'cut-off',
  }
}

const isRefused = ({ headers }: Step): boolean =>
  headers['x-taste'] === POISON || (headers['x-taste'] === BITTER && headers['x-level'] === 'rich')

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
