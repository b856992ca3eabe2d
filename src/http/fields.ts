/** The fields of a JSON body, read one by one; the first that is wrong is told by name. Absent and null are alike. */
import type { FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import { readJsonObject } from './body.ts'

export class Fields {
  readonly #fields: Readonly<Record<string, unknown>> = {}
  problem: Problem | undefined

  constructor(request: FastifyRequest) {
    const body = readJsonObject(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), request.contentType)
    if ('problem' in body) this.problem = body.problem
    else this.#fields = body.fields
  }

  /** Tells a field that nobody reads: in a call that does much, a slip in the name of a filter must not do more. */
  onlyKnown(names: readonly string[]): void {
    const unknown = Object.keys(this.#fields).find(name => !names.includes(name))
    if (unknown === undefined) return
    const why = `"${unknown.slice(0, 63)}" is not a field of this call; there are ${names.join(', ')}. Nothing was read or changed.`
    this.problem ??= { code: 'INVALID_FIELD', why }
  }

  /** Not empty. */
  text(name: string): string | null {
    return this.#read(name, 'a text that is not empty', value =>
      typeof value === 'string' && value !== '' ? value : undefined,
    )
  }

  texts(name: string): readonly string[] | null {
    return this.#read(name, 'a list of texts', value =>
      Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined,
    )
  }

  oneOf<const V extends string>(name: string, values: readonly V[]): V | null {
    return this.#read(name, `one of ${values.join(', ')}`, value => values.find(known => known === value))
  }

  /** Milliseconds since 1970. */
  instant(name: string): number | null {
    return this.#read(name, 'a whole number of milliseconds since 1970', value =>
      typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined,
    )
  }

  flag(name: string): boolean {
    return this.#read(name, 'true or false', value => (typeof value === 'boolean' ? value : undefined)) ?? false
  }

  #read<T>(name: string, form: string, as: (value: unknown) => T | undefined): T | null {
    const value = this.#fields[name]
    if (value === undefined || value === null) return null
    const read = as(value)
    if (read === undefined)
      this.problem ??= { code: 'INVALID_FIELD', why: `"${name}" must be ${form}. Nothing was read or changed.` }
    return read ?? null
  }
}
