/** The secrets of the evaluation mode: made once, kept beside the data, so that links and tokens outlive a restart. */
import { decodeUtf8 } from './expand.ts'
import type { Files } from './files.ts'
import { type Findings, nowhere } from './problem.ts'

export type EvaluationSecrets = {
  /** Of the tokens (HS512, its UTF-8 bytes): 128 hexadecimal digits. */
  readonly sharedSecret: string
  readonly loginSecret: Uint8Array
}

/** HS512 asks for a key of at least 64 bytes (RFC 7518, 3.2). */
const SHARED_SECRET_BYTES = 64
const LOGIN_SECRET_BYTES = 32

type Options = {
  readonly files: Files
  readonly randomBytes: (count: number) => Uint8Array
  readonly mayWrite: boolean
}

/** The secrets kept at `path`, or new ones, which are then kept there; undefined after a problem was told. */
export const secretsAt = (path: string, options: Options, findings: Findings): EvaluationSecrets | undefined => {
  const kept = decodeUtf8(() => options.files.read(path))
  if (kept.ok) return parse(kept.text, path, findings)
  if (kept.code !== 'ENOENT') {
    const isDamaged = kept.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    const why = kept.code === 'ENOTDIR' ? 'cannot be there: a part of its path is no folder' : kept.why
    findings.problem(
      { ...nowhere, file: path },
      `The file of the evaluation mode's secrets ${why}.`,
      isDamaged ? replaceIt : goElsewhere,
    )
    return undefined
  }
  const hex = (count: number) => Buffer.from(options.randomBytes(count)).toString('hex')
  const fresh = JSON.stringify(
    { sharedSecret: hex(SHARED_SECRET_BYTES), loginSecret: hex(LOGIN_SECRET_BYTES) },
    null,
    2,
  )
  return options.mayWrite ? keep(`${fresh}\n`, path, options, findings) : parse(fresh, path, findings)
}

const keep = (text: string, path: string, options: Options, findings: Findings): EvaluationSecrets | undefined => {
  try {
    if (options.files.create(path, text) === 'created') return parse(text, path, findings)
    // Another process was first, and its file is whole.
    return parse(Buffer.from(options.files.read(path)).toString(), path, findings)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
    const what = `The secrets of the evaluation mode cannot be written (${code}).`
    findings.problem({ ...nowhere, file: path }, what, goElsewhere)
    return undefined
  }
}

const parse = (text: string, path: string, findings: Findings): EvaluationSecrets | undefined => {
  const stored = jsonOf(text)
  const sharedSecret = hexField(stored, 'sharedSecret', SHARED_SECRET_BYTES)
  const loginSecret = hexField(stored, 'loginSecret', LOGIN_SECRET_BYTES)
  if (sharedSecret && loginSecret) return { sharedSecret, loginSecret: Buffer.from(loginSecret, 'hex') }
  findings.problem({ ...nowhere, file: path }, "The file of the evaluation mode's secrets is damaged.", replaceIt)
  return undefined
}

/** By hand: a schema library for two fields would take 8 MB in every process that reads a configuration. */
const hexField = (stored: unknown, name: string, bytes: number): string | undefined => {
  if (typeof stored !== 'object' || stored === null || !(name in stored)) return undefined
  const value: unknown = Reflect.get(stored, name)
  return typeof value === 'string' && value.length === 2 * bytes && /^[0-9a-f]+$/.test(value) ? value : undefined
}

const goElsewhere = 'Name a data folder that this user may read and write, with --data.'

const replaceIt =
  'Remove the file: new secrets are made. Tokens and sign-in links made so far stop working; tickets stay.'

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
