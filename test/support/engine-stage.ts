/** A real engine on a real store, with a clock that the test moves and a network that the test answers for. */

import slack from '../../src/destinations/slack.ts'
import webhook from '../../src/destinations/webhook.ts'
import type { Destination, RequestStep } from '../../src/domain/destination.ts'
import type { Answer } from '../../src/domain/outcome.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import type { Store } from '../../src/domain/store.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { EngineObserver } from '../../src/engine/observer.ts'
import { openDirectStore } from '../../src/store/sqlite/direct.ts'
import { ticket } from '../contracts/store/arrange.ts'
import { FakeClock } from './fake-clock.ts'

export const slackTo = (name: string): Destination => ({
  name,
  kind: slack,
  settings: { url: `https://hooks.slack.com/services/${name}` },
  rate: slack.rate,
  concurrency: 1,
  timeoutMs: 15_000,
})
export const webhookTo = (name: string): Destination => ({
  name,
  kind: webhook,
  settings: { url: `https://hooks.example.org/${name}`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
  rate: null,
  concurrency: 4,
  timeoutMs: 15_000,
})

export type Sent = {
  readonly destination: string
  readonly at: number
  readonly body: string
  readonly deliveryId: string
}

export const ok: Answer = { kind: 'answer', status: 200, headers: {}, body: 'ok' }
export const status = (code: number, headers: Record<string, string> = {}, body = ''): Answer => ({
  kind: 'answer',
  status: code,
  headers,
  body,
})

export const random = { fraction: () => 0.5, bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) }

export type Stage = Awaited<ReturnType<typeof stage>>

/** @param answer what a destination says to a request; a promise may be kept open */
export const stage = async (
  destinations: readonly Destination[],
  answer: (sent: Sent, signal: AbortSignal) => Answer | Promise<Answer>,
  options: {
    readonly wrap?: (store: Store) => Store
    /** What an earlier life of the service left behind. */
    readonly before?: (store: Store, clock: FakeClock) => Promise<void>
  } = {},
) => {
  const clock = new FakeClock()
  const direct = openDirectStore(':memory:', { random, now: () => clock.monotonic() })
  const store = options.wrap?.(direct) ?? direct
  const sent: Sent[] = []
  const told: string[] = []
  const observer: EngineObserver = {
    attempted: (destination, attempt, after) => told.push(`${destination} ${attempt.outcome} ${after.state}`),
    stateChanged: (destination, { from, to }) => told.push(`${destination} ${from}→${to}`),
    clockJumped: byMs => told.push(`jumped ${byMs}`),
    expired: (destination, count) => told.push(`${destination} expired ${count}`),
    announced: (matter, through) => told.push(`announced ${matter} through ${through}`),
    failed: (what, destination) => told.push(`failed to ${what} ${destination}`),
  }
  const transport = {
    async send(step: RequestStep, { signal }: { signal: AbortSignal }): Promise<Answer> {
      const request: Sent = {
        destination: step.url.split('/').at(-1) ?? '',
        at: clock.now(),
        body: step.body,
        deliveryId: step.headers['webhook-id'] ?? '',
      }
      sent.push(request)
      return answer(request, signal)
    },
  }
  let engines = 0
  const makeEngine = (): Engine =>
    createEngine({
      id: `engine-${++engines}`,
      destinations,
      store,
      transport,
      clock,
      random,
      references: referenceCode(store.keys.reference),
      ticketUrl: () => null,
      observer,
      onRenderError: destination => told.push(`${destination} render error`),
    })
  await options.before?.(direct, clock)
  const engine = makeEngine()
  await engine.start()

  return {
    clock,
    store,
    engine,
    makeEngine,
    sent,
    told,
    /** Stores a ticket now and tells the engine, as the service does. Returns its number. */
    async accept(to: readonly string[], message = 'It broke.', nudge: Engine = engine): Promise<number> {
      const result = await store.accept(
        ticket({ createdAt: clock.now(), message, subject: message.slice(0, 50), destinations: to, limitPerHour: 1e6 }),
      )
      if (result.outcome !== 'accepted') throw new Error(result.outcome)
      nudge.nudge(to)
      return result.number
    },
    sentTo: (destination: string) => sent.filter(request => request.destination === destination),
    async delivery(ticketNumber: number, destination: string) {
      const found = (await store.deliveries({ ticketNumber })).find(
        ({ progress }) => progress.destination === destination,
      )
      if (!found) throw new Error('there is no such delivery')
      return found
    },
    async health(destination: string) {
      const found = (await store.destinations()).find(({ name }) => name === destination)
      if (!found) throw new Error('there is no such destination')
      return found
    },
    /** Seconds between the requests to a destination. */
    gaps(destination: string): number[] {
      const times = sent.filter(request => request.destination === destination).map(({ at }) => at)
      return times.slice(1).map((at, i) => (at - (times[i] ?? 0)) / 1_000)
    },
  }
}

/** A promise that the test keeps open until it knows the answer. */
export const held = () => Promise.withResolvers<Answer>()
