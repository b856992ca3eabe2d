/** The form's fields as they come over the wire, and what an answer of intake means for the one who filled it in. */
import type { Trouble } from '#pages'
import type { Problem } from '../api/errors.ts'

export type FormFields = {
  readonly type: string
  readonly subject: string
  readonly message: string
  readonly page: string
  readonly sendPage: boolean
  readonly sendBrowser: boolean
  /** The draft's idempotency key; undefined when it is missing or not one of ours. */
  readonly key: string | undefined
}

export const KEY_SHAPE = /^[A-Za-z0-9_-]{16,64}$/
const MINUTE_MS = 60_000

/** From a parsed body. What is missing is empty; what came twice counts as its last. */
export const readForm = (body: unknown): FormFields => {
  const key = field(body, 'key')
  return {
    type: field(body, 'type'),
    subject: typed(field(body, 'subject')),
    message: typed(field(body, 'message')),
    page: field(body, 'page'),
    sendPage: field(body, 'send-page') !== '',
    sendBrowser: field(body, 'send-browser') !== '',
    key: KEY_SHAPE.test(key) ? key : undefined,
  }
}

/** From the query of a link that fills the form in. */
export const readPrefill = (query: unknown): FormFields => ({
  ...readForm(query),
  sendPage: true,
  sendBrowser: true,
  key: undefined,
})

export const field = (body: unknown, name: string): string => {
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body)) return ''
  const value = Object.entries(body).find(([key]) => key === name)?.[1]
  const last = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : ''
}

/** A browser sends every line break of a text box as two characters; people, the API and our limits count one.
 *  NUL cannot be typed, and a page that shows it again would turn it into another character. */
export const typed = (text: string): string => text.replace(/\r\n?/g, '\n').replaceAll('\0', '')

/** What to tell the writer. */
export const troubleFor = (
  problem: Problem,
  message: string,
  options: { readonly messageMaxLength: number; readonly now: number },
): Trouble => {
  switch (problem.code) {
    case 'MESSAGE_REQUIRED':
      return { kind: 'message-missing' }
    case 'MESSAGE_TOO_LONG': {
      const by = message.length - options.messageMaxLength
      return by > 0 ? { kind: 'message-too-long', by } : { kind: 'refused', why: problem.why }
    }
    case 'RATE_LIMITED': {
      const freeAt = options.now + (problem.retryAfterSeconds ?? 60) * 1_000
      // To the next full minute, as that is what is shown: never too early.
      return { kind: 'limited', until: Math.ceil(freeAt / MINUTE_MS) * MINUTE_MS }
    }
    case 'STORE_UNAVAILABLE':
      return { kind: 'store-unavailable' }
    case 'OUTCOME_UNKNOWN':
      return { kind: 'outcome-unknown' }
    case 'KEY_REUSED':
      return { kind: 'key-reused' }
    case 'INTERNAL':
      return { kind: 'our-mistake' }
    default:
      return { kind: 'refused', why: problem.why }
  }
}
