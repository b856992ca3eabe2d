/** Clients that post tickets over connections kept alive, until the service is killed under them. What was cut off they send again to
 *  the next life with the same key, or never: then it may be stored or not. */
import { Pool } from 'undici'
import type { Chance } from '../simulation/chance.ts'
import { token } from '../support/service.ts'
import type { Books } from './books.ts'
import { ticketOf } from './tickets.ts'

/** Of those cut off without an answer. */
const GIVEN_UP = 0.2
/** Of those acknowledged: sent once more, as a client does that lost the answer. */
const SENT_AGAIN = 0.03
const DAY_S = 86_400

export class Load {
  /** Tickets thought of so far: numbers 1 to this. */
  count = 0
  readonly #books: Books
  readonly #chance: Chance
  readonly #seed: number
  readonly #again: number[] = []
  readonly #tokens = new Map<string, string>()

  constructor(books: Books, chance: Chance, seed: number) {
    this.#books = books
    this.#chance = chance
    this.#seed = seed
  }

  /** Posts until `newMax` new tickets were thought of and nothing waits to be sent again, or until the service is gone.
   *  @param isKilled whether an answer that does not come is to be expected */
  async run(address: string, options: { connections: number; newMax: number; isKilled: () => boolean }): Promise<void> {
    const pool = new Pool(address, { connections: options.connections, pipelining: 1 })
    const lastNew = this.count + options.newMax
    const client = async () => {
      for (let n = this.#next(lastNew); n !== undefined; n = this.#next(lastNew)) {
        const isOver = await this.#send(pool, n, options.isKilled)
        if (isOver) return
      }
    }
    await Promise.all(Array.from({ length: options.connections }, client))
    await pool.destroy()
  }

  #next(lastNew: number): number | undefined {
    const again = this.#again.shift()
    if (again !== undefined || this.count >= lastNew) return again
    this.count += 1
    return this.count
  }

  /** Whether the service is gone. */
  async #send(pool: Pool, n: number, isKilled: () => boolean): Promise<boolean> {
    const { user, key, type, message } = ticketOf(this.#seed, n)
    try {
      const { statusCode, headers, body } = await pool.request({
        path: '/api/support/ticket',
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#tokenOf(user)}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({ message, ...(type && { type }) }),
      })
      const said = await body.text()
      if (statusCode === 200) {
        this.#books.acknowledge(n, { id: text(headers['ticket-id']), reference: text(headers['ticket-reference']) })
        if (this.#chance.is(SENT_AGAIN)) this.#again.push(n)
        return false
      }
      // A store that did not answer in time: whether the ticket is there is not known, as after a kill.
      if (statusCode !== 503) this.#books.violate(`ticket ${n} was answered ${statusCode}: ${said}`)
      this.#again.push(n)
      return statusCode === 503
    } catch (error) {
      if (!isKilled()) this.#books.violate(`ticket ${n} was cut off though nobody killed the service: ${error}`)
      if (!this.#chance.is(GIVEN_UP)) this.#again.push(n)
      return true
    }
  }

  #tokenOf(user: string): string {
    const known = this.#tokens.get(user) ?? token({ sub: user, exp: Math.floor(Date.now() / 1_000) + DAY_S })
    this.#tokens.set(user, known)
    return known
  }
}

const text = (header: string | string[] | undefined): string | null => (typeof header === 'string' ? header : null)
