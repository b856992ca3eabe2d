/** From bytes to a JSON object, whatever the content type says; and never garbled text behind a 200. */
import type { Problem } from '../api/errors.ts'
import { scanJson } from './json-scan.ts'

/** Far more than any client sends; a body full of nothing but brackets or keys would keep everybody waiting while it is parsed. */
const DEPTH_MAX = 100
const VALUES_MAX = 20_000

export type Body = { readonly fields: Record<string, unknown> } | { readonly problem: Problem }

/** What a refusal says besides: what a sound body looks like, and what became of this one. */
export type BodyWords = { readonly example: string; readonly outcome: string }
const A_TICKET: BodyWords = { example: '{"subject": "…", "message": "…"}', outcome: 'Nothing was stored' }

/** The parsed object, or the problem.
 *  @param contentType as sent; only its charset is looked at, and only when the bytes are not UTF-8 */
export const readJsonObject = (
  body: Uint8Array,
  contentType: string | undefined,
  { example, outcome }: BodyWords = A_TICKET,
): Body => {
  const text = decode(body, contentType)
  if (text === undefined) {
    return refused(
      'NOT_UTF8',
      `The text did not arrive as UTF-8, so letters would be lost. Send the body encoded as UTF-8. ${outcome}.`,
    )
  }
  if (text.trim() === '')
    return refused('INVALID_BODY', `The request has no body. Send a JSON object, as ${example}. ${outcome}.`)
  const { depth, values } = scanJson(text, DEPTH_MAX)
  if (depth > DEPTH_MAX || values > VALUES_MAX) {
    return refused(
      'INVALID_BODY',
      `The request body is nested deeper than ${DEPTH_MAX} levels, or holds more than ${VALUES_MAX.toLocaleString('en')} values. ${outcome}; send less at once.`,
    )
  }
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return { fields: value }
  } catch {
    // Falls through: what the parser says of a position helps no reader of `why`.
  }
  return refused('INVALID_BODY', `The request body is not a JSON object. Send ${example}. ${outcome}.`)
}

const refused = (code: Problem['code'], why: string): Body => ({ problem: { code, why } })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const utf8 = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Uint8Array, contentType: string | undefined): string | undefined => {
  const text = decodeAs(utf8, bytes)
  // No JSON holds a NUL, and UTF-16 without a mark passes for UTF-8 with NULs as long as its letters are plain.
  if (text !== undefined && !bytes.includes(0)) return text
  const label = byteOrderMark(bytes) ?? charsetOf(contentType)
  // `x-user-defined` gives every byte a meaning of its own, which is none.
  if (label === undefined || label === 'utf-8' || label === 'x-user-defined') return text
  try {
    return decodeAs(new TextDecoder(label, { fatal: true }), bytes)
  } catch {
    return undefined // a label that nobody knows
  }
}

const decodeAs = (decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const byteOrderMark = ([first, second]: Uint8Array): string | undefined => {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return undefined
}

const charsetOf = (contentType: string | undefined): string | undefined =>
  /charset\s*=\s*"?([^\s";,]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase()
