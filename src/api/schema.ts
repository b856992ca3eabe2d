/** Shapes as JSON Schema (2020-12), written once: the types, the validation of requests, the OpenAPI document and the developer guide are made of them. */

export type JsonSchema = {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly (string | null)[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly format?: string
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly $ref?: string
  readonly anyOf?: readonly JsonSchema[]
}

declare const holds: unique symbol

export type Schema<T> = {
  readonly json: JsonSchema
  /** A shape with a name of its own in the OpenAPI document. */
  readonly name?: string
  /** For an object: its fields, so that named shapes in it keep their names. */
  readonly fields?: Fields
  readonly item?: Schema<unknown>
  /** May be left out; null then means the same. */
  readonly isOptional?: boolean
  readonly isNullable?: boolean
  readonly [holds]?: T
}
export type Fields = Readonly<Record<string, Schema<unknown>>>

/** The type of what a schema describes. */
export type Of<S> = S extends Schema<infer T> ? T : never

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly isOptional: true } ? K : never
}[keyof F]
type Flat<T> = { readonly [K in keyof T]: T[K] }
export type OfFields<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: Of<F[K]> } & { [K in OptionalKeys<F>]?: Of<F[K]> }
>

const schema = <T>(json: JsonSchema): Schema<T> => ({ json })

export const text = (description: string, more: Pick<JsonSchema, 'minLength' | 'maxLength' | 'format'> = {}) =>
  schema<string>({ type: 'string', description, ...more })
export const flag = (description: string) => schema<boolean>({ type: 'boolean', description })
export const count = (description: string) =>
  schema<number>({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })
/** As far as dates go in either direction (ECMA-262, 21.4.1.1). */
const INSTANT_MAX = 8_640_000_000_000_000
/** Milliseconds since 1970, UTC. */
export const instant = (description: string) =>
  schema<number>({
    type: 'integer',
    format: 'int64',
    minimum: -INSTANT_MAX,
    maximum: INSTANT_MAX,
    description: `${description} Milliseconds since 1970 (UTC).`,
  })
export const oneOf = <const V extends string>(values: readonly V[], description: string) =>
  schema<V>({ type: 'string', enum: values, description })
export const anyObject = <T>(description: string) =>
  schema<T>({ type: 'object', description, additionalProperties: true })

export const list = <T>(item: Schema<T>, description: string, more: Pick<JsonSchema, 'minItems' | 'maxItems'> = {}) =>
  ({ ...schema<readonly T[]>({ type: 'array', description, ...more }), item }) as const

/** @param options.isOpen fields that are not named are passed over; else they are refused */
export const object = <const F extends Fields>(
  fields: F,
  {
    description,
    name,
    isOpen = false,
  }: { readonly description?: string; readonly name?: string; readonly isOpen?: boolean } = {},
): Schema<OfFields<F>> => ({
  json: {
    type: 'object',
    ...(description !== undefined && { description }),
    required: Object.keys(fields).filter(key => !fields[key]?.isOptional),
    additionalProperties: isOpen,
  },
  fields,
  ...(name !== undefined && { name }),
})

export const nullable = <T>(inner: Schema<T>): Schema<T | null> => ({ ...inner, isNullable: true })
/** May be left out. */
export const optional = <T>(inner: Schema<T>): Schema<T> & { readonly isOptional: true } => ({
  ...inner,
  isOptional: true,
})
/** May be left out, or null, which means the same. */
export const maybe = <T>(inner: Schema<T>): Schema<T | null> & { readonly isOptional: true } =>
  optional(nullable(inner))

/** The JSON Schema, whole. @param refer what stands for a shape with a name; undefined to write it out */
export const jsonSchemaOf = (
  given: Schema<unknown>,
  refer: (named: Schema<unknown>) => string | undefined = () => undefined,
): JsonSchema => {
  const ref = given.name === undefined ? undefined : refer(given)
  const { description } = given.json
  if (ref !== undefined) {
    const pointer = { $ref: ref }
    return given.isNullable ? { anyOf: [pointer, { type: 'null' }] } : pointer
  }
  const inner = { ...given.json, ...(description !== undefined && { description }) }
  const whole: JsonSchema = {
    ...inner,
    ...(given.item && { items: jsonSchemaOf(given.item, refer) }),
    ...(given.fields && {
      properties: Object.fromEntries(
        Object.entries(given.fields).map(([key, field]) => [key, jsonSchemaOf(field, refer)]),
      ),
    }),
  }
  if (!given.isNullable) return whole
  return { ...whole, type: [String(whole.type), 'null'], ...(whole.enum && { enum: [...whole.enum, null] }) }
}
