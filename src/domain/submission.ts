/** From the fields of a body to the texts of a ticket: cleaned, measured, type derived; or the problem, in words for the writer. */
import type { Problem } from '../api/errors.ts'
import type { Json, JsonObject, TicketType } from '../api/ticket.ts'
import { ticketTypes } from '../api/ticket.ts'
import { cutText, lineBreaksToSpaces, storable } from './text.ts'

export type Fields = {
  readonly subject?: unknown
  readonly message?: unknown
  readonly type?: unknown
  readonly context?: unknown
}

export type TicketTexts = {
  readonly subject: string
  readonly message: string
  readonly type: TicketType | null
  readonly context: JsonObject | null
}

/** Subjects are kept whole up to this many UTF-16 units, then cut. */
const SUBJECT_MAX = 1_000
/** The context as JSON, in UTF-16 units. */
const CONTEXT_MAX = 16_384
const CONTEXT_DEPTH_MAX = 16

/** @param messageMaxLength in UTF-16 units */
export const readTicket = (fields: Fields, messageMaxLength: number): TicketTexts | Problem => {
  const { subject, message, type, context } = fields
  if (isGiven(message) && typeof message !== 'string') return wrongKind('message')
  if (isGiven(subject) && typeof subject !== 'string') return wrongKind('subject')
  const text = typeof message === 'string' ? storable(message) : ''
  const problem = messageProblem(text, messageMaxLength)
  if (problem) return problem

  const named = readType(type)
  if (named === 'unknown') {
    return {
      code: 'INVALID_FIELD',
      why: `The type of a ticket is one of ${ticketTypes.join(', ')}, or left out. Nothing was sent; correct it and send again.`,
    }
  }
  const kept = readContext(context)
  if (kept && 'code' in kept) return kept
  return {
    subject: readSubject(typeof subject === 'string' ? subject : '', text),
    message: text,
    type: named ?? typeFrom(text),
    context: kept?.value ?? null,
  }
}

/** What is wrong with a text that somebody wants to send, if anything. */
export const messageProblem = (text: string, maxLength: number): Problem | undefined => {
  if (!/\S/u.test(text)) {
    return { code: 'MESSAGE_REQUIRED', why: 'Enter a message: there is no text in it, so nothing was sent.' }
  }
  return text.length > maxLength ? tooLong('message', text.length - maxLength) : undefined
}

export const isProblem = (value: TicketTexts | Problem): value is Problem => 'code' in value

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

const wrongKind = (field: string): Problem => ({
  code: 'INVALID_FIELD',
  why: `The ${field} must be text (a JSON string). Nothing was sent; correct it and send again.`,
})

const tooLong = (field: string, excess: number): Problem => ({
  code: 'MESSAGE_TOO_LONG',
  why: `The ${field} is ${excess.toLocaleString('en')} ${excess === 1 ? 'character' : 'characters'} too long. Nothing was sent; shorten it and send again.`,
})

const readType = (type: unknown): TicketType | null | 'unknown' => {
  if (!isGiven(type)) return null
  return ticketTypes.find(known => known === type) ?? 'unknown'
}

/** Old clients put the type before the text, and the crash reporter begins with `ERROR: `. The prefix stays in the text. */
export const typeFrom = (message: string): TicketType | null => {
  if (message.startsWith('BUG: ') || message.startsWith('ERROR: ')) return 'BUG'
  return message.startsWith('SUGGESTION: ') ? 'SUGGESTION' : null
}

const readSubject = (subject: string, message: string): string => {
  const given = lineBreaksToSpaces(storable(subject)).trim()
  if (given !== '') return cutText(given, SUBJECT_MAX)
  const firstLine = message.split(LINE_BREAK).find(line => /\S/u.test(line)) ?? ''
  return cutText(lineBreaksToSpaces(firstLine).trim(), SUBJECT_MAX)
}

const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/u

const readContext = (context: unknown): { value: JsonObject } | Problem | null => {
  if (!isGiven(context)) return null
  const budget = { values: CONTEXT_MAX }
  const value = cleaned(context, 0, budget)
  if (budget.values < 0) return CONTEXT_TOO_LONG
  if (value === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      code: 'INVALID_FIELD',
      why: 'The context must be a JSON object of plain values, not too deep. Nothing was sent; correct it and send again.',
    }
  }
  const excess = JSON.stringify(value).length - CONTEXT_MAX
  return excess > 0 ? tooLong('context', excess) : { value: value as JsonObject } // `cleaned` makes only Json, and arrays are out
}

/** Each value takes at least one character: more of them than characters are too many, and are not looked at. */
const CONTEXT_TOO_LONG: Problem = {
  code: 'MESSAGE_TOO_LONG',
  why: `The context holds more than ${CONTEXT_MAX.toLocaleString('en')} values. Nothing was sent; shorten it and send again.`,
}

/** The same value with storable texts; undefined when it is deeper than it may be, or the budget is used up. */
const cleaned = (value: unknown, depth: number, budget: { values: number }): Json | undefined => {
  budget.values -= 1
  if (depth > CONTEXT_DEPTH_MAX || budget.values < 0) return undefined
  if (typeof value === 'string') return storable(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) {
    const items: Json[] = []
    for (const item of value) {
      const kept = cleaned(item, depth + 1, budget)
      if (kept === undefined) return undefined
      items.push(kept)
    }
    return items
  }
  if (typeof value !== 'object') return undefined
  const entries: [string, Json][] = []
  for (const [key, item] of Object.entries(value)) {
    const kept = cleaned(item, depth + 1, budget)
    if (kept === undefined) return undefined
    entries.push([storable(key), kept])
  }
  return Object.fromEntries(entries)
}
