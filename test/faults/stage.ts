/** What a kind makes of an answer that came over a real socket, through the transport that the service uses. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { after, before } from 'node:test'
import slack from '../../src/destinations/slack.ts'
import webhook from '../../src/destinations/webhook.ts'
import { type Clock, systemClock } from '../../src/domain/clock.ts'
import { type Destination, isOutcome } from '../../src/domain/destination.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { excerptOf } from '../../src/engine/excerpt.ts'
import { createHttpTransport, type HttpTransport, type HttpTransportOptions } from '../../src/transport/http.ts'
import { certificate, expiredCertificate } from '../contracts/certificate.ts'
import { AT, createdEvent } from '../contracts/outgoing.ts'
import { HOOK_SECRET } from '../support/service.ts'
import { type Fault, type FaultServer, startFaultServer } from './server.ts'

export { AT }

export const kinds = { slack, webhook } as const
export type KindName = keyof typeof kinds

/** What people and the engine learn of one attempt. */
export type Learned = {
  readonly outcome: Outcome
  readonly status: number | null
  readonly excerpt: string | null
}

/** Far more than any answer of these tests takes: its passing is a failure, never a verdict. */
const TIMEOUT_MS = 60_000

export type Options = {
  readonly clock?: Clock
  /** The deadline; without one, none that matters. */
  readonly timeoutMs?: number
  readonly transport?: Partial<HttpTransportOptions>
  readonly early?: boolean
  /** `http://host` in place of the server's plain address; its port is added. */
  readonly origin?: string
  readonly message?: string
  /** Nobody vouches for the server's certificates. */
  readonly distrusting?: boolean
}

export type Stage = {
  readonly server: FaultServer
  readonly transport: HttpTransport
  /** One attempt of this kind at a receiver with this fault. */
  attempt(kind: KindName, fault: Fault, options?: Options): Promise<Learned>
  /** The same at any address. */
  attemptAt(kind: KindName, url: string): Promise<Learned>
}

/** The server and the transport of one file of tests. */
export const stage = (): Stage => {
  let server: FaultServer
  let transport: HttpTransport
  const extra: HttpTransport[] = []
  before(async () => {
    server = await startFaultServer()
    transport = transportWith({})
  })
  after(async () => {
    await Promise.all([transport, ...extra].map(one => one.close()))
    await server.close()
  })
  return {
    get server() {
      return server
    },
    get transport() {
      return transport
    },
    async attempt(name, fault, options = {}) {
      const { origin = 'http://127.0.0.1', early = false, clock, distrusting } = options
      const path = server.add(fault, { early })
      const isOwn = clock !== undefined || distrusting !== undefined || options.transport !== undefined
      const through = isOwn ? transportWith(options) : transport
      if (isOwn) extra.push(through)
      const learned = await attempt(through, destinationFor(name, `${origin}:${server.port}${path}`), options)
      // The path is the password: no answer and no failure may carry it to whoever reads the log of attempts.
      assert.ok(!(learned.excerpt ?? '').includes(path), learned.excerpt ?? '')
      assert.ok((learned.excerpt ?? '').length <= 501, 'a short excerpt')
      return learned
    },
    attemptAt: (name, url) => attempt(transport, destinationFor(name, url), {}),
  }
}

/** Names of `.test` lead to loopback, and both certificates of the server are trusted. */
const transportWith = ({ clock = systemClock, distrusting, transport }: Options): HttpTransport =>
  createHttpTransport({
    allow: ['127.0.0.0/8'],
    clock,
    ...(distrusting ? {} : { ca: `${certificate}${expiredCertificate}` }),
    resolve: async () => ['127.0.0.1'],
    ...transport,
  })

const destinationFor = (name: KindName, url: string): Destination => ({
  name,
  kind: kinds[name],
  settings: name === 'slack' ? { url } : { url, secret: HOOK_SECRET },
  rate: null,
  concurrency: 1,
  timeoutMs: TIMEOUT_MS,
})

const attempt = async (transport: HttpTransport, destination: Destination, options: Options): Promise<Learned> => {
  const event = createdEvent(options.message === undefined ? {} : { ticket: { message: options.message } })
  const step = destination.kind.start(event, destination.settings, { level: 'rich', at: AT })
  assert.ok(step.method !== 'MAIL')
  const answer = await transport.send(step, { timeoutMs: options.timeoutMs ?? TIMEOUT_MS })
  const outcome = destination.kind.next(step, answer, AT)
  assert.ok(isOutcome(outcome), 'one answer ends it')
  const status = answer.kind === 'answer' ? answer.status : null
  return { outcome, status, excerpt: excerptOf(answer, destination) }
}

/** Resolves when our side has read the next head of an answer: what a test must know before it lets time pass. */
export const headRead = (): Promise<void> => {
  const CHANNEL = 'undici:request:headers'
  return new Promise(resolve => {
    const once = () => {
      unsubscribe(CHANNEL, once)
      resolve()
    }
    subscribe(CHANNEL, once)
  })
}

export const retry = (reason: string, waitMs?: number, cut = false): Outcome =>
  waitMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, waitMs, cut }
export const unavailable = (reason: string): Outcome => ({ kind: 'unavailable', reason })
export const refused = (reason: string): Outcome => ({ kind: 'refused', reason })
export const unclear = (status: number): Outcome => ({ kind: 'unclear', reason: `unconfirmed-http-${status}` })
export const delivered: Outcome = { kind: 'delivered' }
