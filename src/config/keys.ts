/** How keys are described and read. A description says once what a key means, takes and defaults to: reading, defaults,
 *  types and docs/configuration.md all come from it. */
import { type Entry, type Found, isSafeName } from './document.ts'
import { didYouMean } from './nearest.ts'
import { Findings, nowhere, type Place } from './problem.ts'

/** What a value may be. */
export type Type<T> = {
  /** For people, as the end of "must be …": `a whole number from 1 to 65535`. */
  readonly form: string
  /** The value, or undefined after a problem was told (now, or before for what is `broken`). */
  read(found: Found, findings: Findings): T | undefined
}

/** A key, and what it does. */
export type Key<T> = {
  readonly type: Type<T>
  readonly meaning: string
  /** What a bare number counts. */
  readonly unit?: string
  /** For the docs, and the fix where the key is missing. */
  readonly example?: string
  /** Undefined: the key is required. `shown` is the default in the docs. */
  readonly fallback: { readonly value: T; readonly shown: string } | undefined
}

/** A key that may be left out. */
export type DefaultedKey<T> = Key<T> & { readonly fallback: { readonly value: T; readonly shown: string } }

export type Keys = Readonly<Record<string, Key<unknown>>>

/** What reading gives: a value for every key. */
export type Read<S extends Keys> = {
  readonly [K in keyof S]: S[K] extends Key<infer T> ? T : never
}

type Description = { readonly unit?: string; readonly example?: string; readonly meaning: string }

export const required = <T>(type: Type<T>, description: Description): Key<T> => ({
  type,
  fallback: undefined,
  ...description,
})

export const optional = <T, D>(
  type: Type<T>,
  value: D,
  description: Description & { readonly shown?: string },
): DefaultedKey<T | D> => ({
  type,
  fallback: { value, shown: description.shown ?? (value === null ? 'none' : String(value)) },
  ...description,
})

/** Reads a group of keys. Tells every unknown, missing and wrong one; undefined when there was any. An absent group is an empty one.
 *  `alsoKnown` are keys that somebody else reads from the same group. */
export const readKeys = <S extends Keys>(
  keys: S,
  found: Found,
  findings: Findings,
  alsoKnown: readonly string[] = [],
): Read<S> | undefined => {
  const entries = groupEntries(found, findings)
  if (entries === undefined) return undefined
  const known = [...Object.keys(keys), ...alsoKnown]
  let isSound = true
  for (const [name, { keyPlace }] of entries) {
    if (known.includes(name)) continue
    isSound = false
    const what = isSafeName(name) ? `"${name}" is not a known key here.` : 'Here stands a key that is not known.'
    const hint = isSafeName(name) ? didYouMean(name, known) : ' Is a space missing after a colon?'
    findings.problem(keyPlace, what, `Remove it or correct it.${hint} Known: ${known.join(', ')}.`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(keys)) {
    const entry = entries.get(name)
    const value = readKey(name, key, entry, found.place, findings)
    if (value === undefined) isSound = false
    else values[name] = value
  }
  // Proof: `isSound` means that every key of S was read by its own type or took its own default.
  return isSound ? (values as Read<S>) : undefined
}

/** A group of keys as a value of its own. */
export const section = <S extends Keys>(keys: S): Type<Read<S>> & { readonly keys: S } => ({
  form: 'a group of keys',
  keys,
  read: (found, findings) => readKeys(keys, found, findings),
})

const readKey = <T>(
  name: string,
  key: Key<T>,
  entry: Entry | undefined,
  parent: Place,
  findings: Findings,
): T | undefined => {
  if (entry !== undefined && !isEmpty(entry.value)) return key.type.read(entry.value, findings)
  if (key.fallback !== undefined) return key.fallback.value
  const place = entry?.keyPlace ?? { ...parent, key: parent.key === '' ? name : `${parent.key}.${name}` }
  const example = key.example === undefined ? '' : `, for example: ${name}: ${key.example}`
  findings.problem(place, `"${name}" is missing; it must be ${key.type.form}.`, `Add it${example}.`)
  return undefined
}

/** The entries of a group; none for what is empty; undefined, and told, for anything else. */
export const groupEntries = (found: Found, findings: Findings): ReadonlyMap<string, Entry> | undefined => {
  if (found.kind === 'group') return found.entries
  if (isEmpty(found)) return new Map()
  if (found.kind !== 'broken') {
    findings.problem(
      found.place,
      `A group of keys must stand here, not ${kindInWords(found)}.`,
      'Write "key: value" lines, indented below the name.',
    )
  }
  return undefined
}

/** `key:` with nothing behind it, which counts as not given. */
export const isEmpty = (found: Found): boolean => found.kind === 'scalar' && found.value === null

/** `a list`, `a text`: what stands there, without what it says. */
export const kindInWords = (found: Found): string => {
  switch (found.kind) {
    case 'list':
      return 'a list'
    case 'group':
      return 'a group of keys'
    case 'broken':
      return 'something unreadable'
    case 'scalar':
      return found.value === null ? 'nothing' : `a ${typeof found.value === 'string' ? 'text' : typeof found.value}`
    default:
      return found satisfies never
  }
}

/** A section that may be left out: then every key in it has its default. */
export const optionalSection = <S extends Keys>(keys: S, meaning: string): DefaultedKey<Read<S>> => {
  // No key of such a section is required, so that reading nothing tells no problem and gives every default.
  const nothing: Found = { kind: 'group', place: nowhere, entries: new Map() }
  const value = readKeys(keys, nothing, new Findings())
  if (value === undefined) throw new Error(`the section "${meaning}" has a required key, so it cannot be left out`)
  return { type: section(keys), meaning, fallback: { value, shown: 'the defaults below' } }
}
