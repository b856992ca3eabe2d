/** Clients that post tickets to both replicas at a steady pace, each ticket under a key of its own. What is not acknowledged is sent again under the
 *  same key until it is: to the same replica when it answered 503, to the other one when it did not answer. */
import { Agent, request } from 'undici'
import { token } from '../support/service.ts'
import type { Books } from './books.ts'
import { pause } from './processes.ts'

const CLIENTS = 16
/** Of each client: 160 tickets a second in all. */
const EVERY_MS = 100
const RETRY_MS = 250
/** The service promises an answer within 10 s. */
const ANSWER_MAX_MS = 15_000
/** Once no new ones come, all that is open must be acknowledged within this time. */
const DRAIN_MAX_MS = 90_000
const USERS = 100
const DAY_S = 86_400

export class Load {
  readonly #books: Books
  readonly #addresses: readonly string[]
  readonly #tokens = Array.from({ length: USERS }, (_, i) =>
    token({ sub: `User#${i}`, exp: Math.floor(Date.now() / 1_000) + DAY_S }),
  )
  readonly #agent = new Agent({ connections: CLIENTS, pipelining: 1, connect: { timeout: 2_000 } })
  #stoppedAt = Number.POSITIVE_INFINITY
  #running: Promise<unknown> = Promise.resolve()

  constructor(books: Books, addresses: readonly string[]) {
    this.#books = books
    this.#addresses = addresses
  }

  start(): void {
    const client = async (_: unknown, nth: number) => {
      await pause((nth * EVERY_MS) / CLIENTS)
      while (this.#stoppedAt === Number.POSITIVE_INFINITY) {
        const begun = performance.now()
        await this.#send(this.#books.next(), nth)
        await pause(Math.max(0, begun + EVERY_MS - performance.now()))
      }
    }
    this.#running = Promise.all(Array.from({ length: CLIENTS }, client))
  }

  /** No new ones; resolves when all are acknowledged, or given up on. */
  async stop(): Promise<void> {
    this.#stoppedAt = performance.now()
    await this.#running
  }

  /** As a client does that lost the answer: sends again what was acknowledged. The books see whether another ticket comes of it. */
  async repeat(numbers: readonly number[]): Promise<void> {
    for (const n of numbers) await this.#send(n, n)
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #send(n: number, client: number): Promise<void> {
    let relay = client % this.#addresses.length
    for (;;) {
      const answer = await this.#post(n, relay)
      if (answer === 'acknowledged') return
      if (performance.now() - this.#stoppedAt > DRAIN_MAX_MS)
        return this.#books.violate(`ticket ${n} was not acknowledged ${DRAIN_MAX_MS / 1_000} s after all was calm`)
      if (answer === 'none') relay = (relay + 1) % this.#addresses.length
      await pause(RETRY_MS)
    }
  }

  async #post(n: number, relay: number): Promise<'acknowledged' | 'later' | 'none'> {
    const begun = performance.now()
    try {
      const { statusCode, headers, body } = await request(`${this.#addresses[relay]}/api/support/ticket`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#tokens[n % USERS]}`,
          'content-type': 'application/json',
          'idempotency-key': keyOf(this.#books.seed, n),
        },
        body: JSON.stringify({ message: `Ticket ${n} of run ${this.#books.seed}. My job does not start any more.` }),
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(ANSWER_MAX_MS),
      })
      const said = await body.text()
      const at = performance.now()
      this.#books.answers.push({ at, ms: at - begun, relay })
      const id = headers['ticket-id']
      if (statusCode === 200 && typeof id === 'string') {
        this.#books.acknowledge(n, id, relay)
        return 'acknowledged'
      }
      if (statusCode === 503) this.#books.turnedAway.push({ at, isUnknown: said.includes('OUTCOME_UNKNOWN') })
      else this.#books.violate(`ticket ${n} was answered ${statusCode}: ${said.slice(0, 200)}`)
      return 'later'
    } catch {
      return 'none'
    }
  }
}

export const keyOf = (seed: number, n: number): string => `run-${seed}-${n}`
