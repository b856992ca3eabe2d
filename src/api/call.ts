/** What a call of the API is, and what several of them have in common. */
import type { ErrorCode } from './errors.ts'
import { count, type Fields, maybe, type Of, object, type Schema, text } from './schema.ts'

export type Call = {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: `/api/support/${string}`
  /** What a token must allow. */
  readonly scope: string
  /** Staff are those with the role ADMIN. */
  readonly who: 'users' | 'staff'
  readonly summary: string
  readonly description: string
  /** Parameters in the address (GET) or fields of the JSON body (POST). */
  readonly asks: Schema<unknown> & { readonly fields: Fields }
  readonly answers: Schema<unknown>
  /** Beside those of every call. */
  readonly errors: readonly ErrorCode[]
}
export type Asked<C extends Call> = Of<C['asks']>
export type Answered<C extends Call> = Of<C['answers']>

export const asks = <const F extends Fields>(fields: F, options: { readonly isOpen?: boolean } = {}) => ({
  ...object(fields, options),
  fields,
})
export const call = <const C extends Call>(given: C): C => given

/** Of every list. */
export const paging = {
  itemsPerPage: maybe(count('1 to 1000; anything else means 50.')),
  next: maybe(text('The `next` of the page before; null, empty or left out for the first.')),
}
