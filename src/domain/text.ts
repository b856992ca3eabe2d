/** What users write, made safe to store and to show. Pure; nothing here knows a vendor. */
import type { Json } from '../api/ticket.ts'

export { cutCounting, cutText } from './cut.ts'

// LF, CR, VT, FF, U+0085, U+2028 and U+2029: some reader somewhere breaks the line at each of them.
const LINE_BREAKS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufff9-\ufffb]/g
// Bidi marks, embeddings, overrides and isolates; zero-width spaces and word joiners; the invisible operators between them.
const UNSEEN = /[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g
// One joiner between two letters or two emoji belongs to the text (Persian, families); runs, and those at an end, hide something.
const STRAY_JOINERS = /[\u200c\u200d]{2,}|^[\u200c\u200d]|[\u200c\u200d]$/g
/** ASCII and Latin letters and signs: most of what is written, and nothing below changes more of it than the white space. */
const PLAIN = /^[\n\t\x20-\x7e\u00a1-\u02ff]*$/
const FOUR_BLANK_LINES = /\n(?:[ \t]*\n){4,}/g
const BIDI_PAIRS = /[\u202a-\u202e\u2066-\u2069]/
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u

/** The text as it may be stored: NUL removed, lone surrogates replaced by U+FFFD. It is never Unicode-normalised. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '')

/** The value as JSON, its texts as they may be stored: lone surrogates have no UTF-8 form, and receivers' parsers, and signers that encode again,
 *  differ about them. JSON writes them, and NUL, as escapes: where there is none nothing needs to be looked for. */
export const storableJson = (value: Json): string => {
  const written = JSON.stringify(value)
  return /\\u(?:0000|d[89a-f])/.test(written) ? JSON.stringify(storableIn(value)) : written
}

const storableIn = (value: Json): Json => {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(storableIn)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storableIn(item)]))
}

/** Every line break becomes one space. */
export const lineBreaksToSpaces = (text: string): string => text.replace(LINE_BREAKS, ' ')

/** The text for a field of one line (subject, names, user agent): well-formed, no line break, tab, control or bidi character,
 *  no runs of zero-width characters, no space at either end. May be empty. */
export const oneLine = (text: string): string =>
  (PLAIN.test(text) ? text.replace(/[\n\t]/g, ' ') : cleanLine(text)).trim()

const cleanLine = (text: string): string =>
  lineBreaksToSpaces(text.toWellFormed())
    .replaceAll('\t', ' ')
    .replace(CONTROLS, '')
    .replace(UNSEEN, '')
    .replace(STRAY_JOINERS, '')

/** The text for a chat message of several lines: well-formed, every line break a LF, no control characters but LF and tab, at most
 *  three blank lines in a row, and no bidi control that reaches beyond its line. May be empty. */
export const chatText = (text: string): string =>
  // Blank lines last: a line that held nothing but an unclosed bidi control is blank only then.
  (PLAIN.test(text) ? text : cleanLines(text)).replace(FOUR_BLANK_LINES, '\n\n\n\n')

const cleanLines = (text: string): string =>
  balanced(text.toWellFormed().replace(LINE_BREAKS, '\n').replace(CONTROLS, ''))

/** The text without bidi controls that are not closed, or not opened, within their line. For text that was cut, too: the cut may have
 *  taken the closing one away, and what follows on that line would be shown backwards. */
export const balanced = (text: string): string =>
  BIDI_PAIRS.test(text) ? text.split('\n').map(balancedLine).join('\n') : text

/** False when a reader would see nothing: only white space and characters without a glyph. */
export const isVisible = (text: string): boolean => VISIBLE.test(text)

/** https://www.unicode.org/reports/tr9/ section 3.1.2: PDF closes embeddings and overrides, PDI closes isolates and whatever is still
 *  open within them. */
const balancedLine = (line: string): string => {
  if (!BIDI_PAIRS.test(line)) return line
  const units = line.split('')
  const open: number[] = []
  const isIsolate = (index: number | undefined) => index !== undefined && (units[index] ?? '') >= '\u2066'
  const drop = (index: number | undefined) => {
    if (index !== undefined) units[index] = ''
  }
  for (const [index, unit] of units.entries()) {
    if (unit === '\u202c') {
      if (open.length === 0 || isIsolate(open.at(-1))) drop(index)
      else open.pop()
    } else if (unit === '\u2069') {
      if (!open.some(isIsolate)) drop(index)
      else {
        while (!isIsolate(open.at(-1))) drop(open.pop())
        open.pop()
      }
    } else if (BIDI_PAIRS.test(unit)) open.push(index)
  }
  for (const index of open) drop(index)
  return units.join('')
}
