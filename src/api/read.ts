/** Reads what came from outside by its schema. What is wrong is told by name, and what would be right. */
import type { Schema } from './schema.ts'

export type Read<T> = { readonly value: T } | { readonly wrong: string }

/** The value with the known fields only, or a sentence (without its full stop's follow-up) that says what is wrong.
 *  Absent and null are alike where a field may be left out. @param path how the value is called in the sentence */
export const read = <T>(schema: Schema<T>, value: unknown, path = ''): Read<T> => {
  const found = look(schema, value, path)
  return found instanceof Wrong ? { wrong: found.sentence } : { value: found as T } // `look` has compared it with the schema
}

class Wrong {
  readonly sentence: string
  constructor(sentence: string) {
    this.sentence = sentence
  }
}

const look = (schema: Schema<unknown>, value: unknown, path: string): unknown => {
  if (value === null && schema.isNullable) return null
  if (schema.fields) return lookAtFields(schema, value, path)
  if (schema.item) return lookAtItems(schema, schema.item, value, path)
  return fits(schema, value) ? value : new Wrong(`${named(path)} must be ${formOf(schema)}.`)
}

const lookAtFields = ({ fields = {}, json }: Schema<unknown>, value: unknown, path: string): unknown => {
  if (!isObject(value)) return new Wrong(`${named(path)} must be an object with ${Object.keys(fields).join(', ')}.`)
  const stranger = json.additionalProperties ? undefined : Object.keys(value).find(key => !Object.hasOwn(fields, key))
  if (stranger !== undefined) {
    const where = path === '' ? 'this call' : named(path)
    return new Wrong(
      `"${stranger.slice(0, 63)}" is not a field of ${where}; there are ${Object.keys(fields).join(', ')}.`,
    )
  }
  const known: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(fields)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined
    if (given === undefined && field.isOptional) continue
    const at = path === '' ? key : `${path}.${key}`
    if (given === undefined) return new Wrong(`${named(at)} is missing: it must be ${formOf(field)}.`)
    const found = look(field, given, at)
    if (found instanceof Wrong) return found
    known[key] = found
  }
  return known
}

const lookAtItems = (schema: Schema<unknown>, item: Schema<unknown>, value: unknown, path: string): unknown => {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema.json
  if (!Array.isArray(value)) return new Wrong(`${named(path)} must be ${formOf(schema)}.`)
  if (value.length < minItems) return new Wrong(`${named(path)} is empty: name at least ${minItems}.`)
  if (value.length > maxItems) {
    return new Wrong(`${named(path)} holds ${value.length}, more than ${maxItems} at once. Send them in parts.`)
  }
  const items: unknown[] = []
  for (const [index, each] of value.entries()) {
    const found = look(item, each, `${path}[${index}]`)
    if (found instanceof Wrong) return found
    items.push(found)
  }
  return items
}

const fits = ({ json }: Schema<unknown>, value: unknown): boolean => {
  switch (json.type) {
    case 'string':
      return typeof value === 'string' && fitsText(json, value)
    case 'integer':
      return (
        typeof value === 'number' &&
        Number.isSafeInteger(value) &&
        value >= (json.minimum ?? Number.NEGATIVE_INFINITY) &&
        value <= (json.maximum ?? Number.POSITIVE_INFINITY)
      )
    case 'boolean':
      return typeof value === 'boolean'
    default:
      return isObject(value)
  }
}

const fitsText = (
  { enum: values, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema<unknown>['json'],
  value: string,
) => (values ? values.includes(value) : value.length >= minLength && value.length <= maxLength)

/** What would be right, in words. */
const formOf = ({ json, item }: Schema<unknown>): string => {
  if (json.enum) return `one of ${json.enum.join(', ')}`
  if (json.type === 'array') return item?.json.type === 'string' ? 'a list of texts' : 'a list'
  if (json.format === 'int64') return 'a whole number of milliseconds since 1970'
  if (json.type === 'integer') return 'a whole number'
  if (json.type === 'boolean') return 'true or false'
  if (json.type === 'object') return 'an object'
  if (json.maxLength !== undefined) return `a text of ${json.minLength ?? 0} to ${json.maxLength} characters`
  return json.minLength ? 'a text that is not empty' : 'a text'
}

const named = (path: string): string => (path === '' ? 'The request' : `"${path}"`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
