/** Parameters in the address of a call that reads. What is given once and empty counts as not given. */
import type { FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'

/** What cannot be understood is collected, so that the caller hears of it whatever else is asked for. */
export class Query {
  readonly #values: Readonly<Record<string, unknown>>
  problem: Problem | undefined

  constructor(request: FastifyRequest) {
    this.#values = request.query as Record<string, unknown> // fastify's own parser: texts, or lists of them
  }

  text(name: string): string | null {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
    if (Array.isArray(value)) this.#refuse(`"${name}" is given more than once. Give it once.`)
    return typeof value === 'string' && value !== '' ? value : null
  }

  oneOf<const V extends string>(name: string, values: readonly V[]): V | null {
    const given = this.text(name)
    const known = values.find(value => value === given)
    if (given !== null && known === undefined) this.#refuse(`"${name}" must be one of ${values.join(', ')}.`)
    return known ?? null
  }

  flag(name: string): boolean {
    return this.oneOf(name, ['true', 'false']) === 'true'
  }

  /** As UCloud reads it: 1 to 1000, and 50 for what is no such number. */
  itemsPerPage(): number {
    const given = this.text('itemsPerPage') ?? ''
    const count = /^\d{1,9}$/.test(given) ? Number(given) : 0
    return count > 0 ? Math.min(count, ITEMS_MAX) : ITEMS_DEFAULT
  }

  #refuse(what: string): void {
    this.problem ??= { code: 'INVALID_FIELD', why: `${what} Nothing was read or changed.` }
  }
}

const ITEMS_DEFAULT = 50
const ITEMS_MAX = 1_000
