/** Looking into JSON that anybody may have written: what is not there, or of another kind, comes back empty. */
import type { Json } from '../../src/api/ticket.ts'

export type Members = { readonly [key: string]: Json | undefined }

export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const members = (value: Json | undefined): Members => (isObject(value) ? value : {})

export const list = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])

/** Array.isArray does not narrow a readonly array. */
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

export const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** Indented, with characters that turn the reading direction or cannot be seen written as escapes: still the same JSON. */
export const prettyJson = (value: Json): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
