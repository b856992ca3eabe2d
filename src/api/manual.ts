/** The calls and the shapes that travel, laid out for readers: the developer guide and the page `/docs` show the same. */
import type { Call } from './call.ts'
import { calls } from './calls.ts'
import { type ErrorCode, errorCodes } from './errors.ts'
import { errorShape, errorsOf, headersOf } from './openapi.ts'
import type { Schema } from './schema.ts'

/** `string`, `Ticket[] | null`, …: `model` names the shape that is meant, if it has a name. */
export type TypeWords = {
  readonly name: string
  readonly model: string | null
  readonly isList: boolean
  readonly isNullable: boolean
}
export type FieldWords = {
  readonly name: string
  readonly type: TypeWords
  readonly isOptional: boolean
  readonly description: string
  /** All there are, where only some texts are allowed. */
  readonly values: readonly string[]
}
export type ModelWords = {
  readonly name: string
  readonly description: string
  readonly fields: readonly FieldWords[]
}
export type CallWords = Pick<Call, 'name' | 'method' | 'path' | 'who' | 'summary' | 'description'> & {
  readonly request: string
  readonly response: string
  readonly headers: readonly { readonly name: string; readonly description: string }[]
  readonly errors: readonly { readonly code: ErrorCode; readonly status: number; readonly meaning: string }[]
}
export type Manual = { readonly calls: readonly CallWords[]; readonly models: readonly ModelWords[] }

export const ERROR_MODEL = errorShape.name ?? ''

/** Every call, and every shape that is named in one, in the order in which they are met: what is asked before what is answered. */
export const manual = (): Manual => {
  const asked = calls.map(call => ({
    ...call.asks,
    name: requestName(call),
    json: { ...call.asks.json, description: `What \`${call.name}\` takes.` },
  }))
  const schemas = calls.flatMap((call, index) => [asked[index] ?? call.asks, call.answers])
  return { calls: calls.map(words), models: modelsOf([...schemas, errorShape]) }
}

/** The shapes and what they are made of, each once. */
export const modelsOf = (schemas: readonly Schema<unknown>[]): readonly ModelWords[] => {
  const found = new Map<string, ModelWords>()
  const visit = (schema: Schema<unknown>): void => {
    const { name, fields = {}, item } = schema
    if (name !== undefined && !found.has(name)) {
      const { description = '' } = schema.json
      found.set(name, { name, description, fields: Object.entries(fields).map(fieldWords) })
    }
    for (const inner of [...Object.values(fields), ...(item ? [item] : [])]) visit(inner)
  }
  for (const schema of schemas) visit(schema)
  return [...found.values()]
}

const requestName = ({ name }: Call): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}Request`

const words = (call: Call): CallWords => {
  const { name, method, path, who, summary, description } = call
  const errors = errorsOf(call)
    .map(code => ({ code, status: errorCodes[code].status, meaning: errorCodes[code].meaning }))
    .toSorted((a, b) => a.status - b.status)
  return {
    ...{ name, method, path, who, summary, description, errors },
    request: requestName(call),
    response: call.answers.name ?? '',
    headers: headersOf(call).map(({ name, description }) => ({ name, description })),
  }
}

const fieldWords = ([name, schema]: [string, Schema<unknown>]): FieldWords => {
  const inner = schema.item ?? schema
  return {
    name,
    type: {
      name: inner.name ?? String(inner.json.type),
      model: inner.name ?? null,
      isList: schema.item !== undefined,
      isNullable: schema.isNullable ?? false,
    },
    isOptional: schema.isOptional ?? false,
    description: schema.json.description ?? '',
    values: (inner.json.enum ?? []).filter(value => value !== null),
  }
}
