/** Values from outside: any string of the configuration may hold `${ENV_NAME}` or `${file:/path}`. */
import { resolve } from 'node:path'
import type { Found, Scalar } from './document.ts'
import type { Findings } from './problem.ts'

export type Sources = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The bytes of a file; throws what node:fs throws. */
  readonly readFile: (path: string) => Uint8Array
  /** What relative paths are relative to. */
  readonly cwd: string
}

export type Expanded =
  | { readonly ok: true; readonly value: string; readonly isInserted: boolean }
  | { readonly ok: false; readonly faults: readonly { readonly what: string; readonly fix: string }[] }

/** The text with every `${…}` replaced by what it names. A value put in is never looked at again, so it may hold anything.
 *  `$${` stands for a literal `${`. */
export const expand = (text: string, sources: Sources): Expanded => {
  const faults: { what: string; fix: string }[] = []
  let isInserted = false
  const value = text.replaceAll(
    /\$\$\{|\$\{([^}]*)(\}?)/g,
    (match, name: string | undefined, end: string | undefined) => {
      if (match === '$${') return '${'
      const looked = end === '' ? unclosed : lookUp(name ?? '', sources)
      if (!looked.ok) {
        faults.push(looked)
        return ''
      }
      isInserted = true
      return looked.value
    },
  )
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value, isInserted }
}

/** The tree with every string expanded; what cannot be is `broken`, and its problems are told. */
export const expandTree = (found: Found, sources: Sources, findings: Findings): Found => {
  switch (found.kind) {
    case 'scalar':
      return expandScalar(found, sources, findings)
    case 'list':
      return { ...found, items: found.items.map(item => expandTree(item, sources, findings)) }
    case 'group': {
      const expanded = [...found.entries].map(
        ([name, entry]) => [name, { ...entry, value: expandTree(entry.value, sources, findings) }] as const,
      )
      return { ...found, entries: new Map(expanded) }
    }
    case 'broken':
      return found
    default:
      return found satisfies never
  }
}

const expandScalar = (scalar: Scalar, sources: Sources, findings: Findings): Found => {
  if (typeof scalar.value !== 'string') return scalar
  const expanded = expand(scalar.value, sources)
  if (expanded.ok) return { ...scalar, value: expanded.value, isInserted: expanded.isInserted }
  for (const { what, fix } of expanded.faults) findings.problem(scalar.place, what, fix)
  return { kind: 'broken', place: scalar.place }
}

type LookedUp =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly what: string; readonly fix: string }

const literal = 'Write ${NAME} or ${file:/path}; for a literal "${" write "$${".'
const unclosed: LookedUp = { ok: false, what: 'A "${" has no closing "}".', fix: literal }

const lookUp = (name: string, sources: Sources): LookedUp => {
  if (name.startsWith('file:')) return readValue(name.slice('file:'.length), sources)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { ok: false, what: 'What stands between "${" and "}" is no name of an environment variable.', fix: literal }
  }
  const value = Object.hasOwn(sources.env, name) ? sources.env[name] : undefined
  if (value !== undefined) return { ok: true, value }
  return {
    ok: false,
    what: `The environment variable ${name} is not set.`,
    fix: `Set ${name} in the environment of the service.`,
  }
}

const readValue = (path: string, sources: Sources): LookedUp => {
  if (path === '') return { ok: false, what: '"${file:}" names no file.', fix: literal }
  const full = resolve(sources.cwd, path)
  const decoded = decodeUtf8(() => sources.readFile(full))
  // One line end only: it is what an editor adds; more of them may be meant.
  if (decoded.ok) return { ok: true, value: decoded.text.replace(/\r?\n$/, '') }
  return {
    ok: false,
    what: `The file ${full} ${decoded.why}.`,
    fix: 'Create the file, or let the user of the service read it.',
  }
}

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: string; readonly why: string }

/** The text that `read` gives, without a byte order mark; or why there is none, as the end of a sentence about the file. */
export const decodeUtf8 = (read: () => Uint8Array): Decoded => {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(read()) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN'
    return { ok: false, code, why: reasons[code] ?? `cannot be read (${code})` }
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
}
