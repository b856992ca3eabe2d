/** Shortening text for a receiver that takes only so much: at whole graphemes, and saying how much is missing. */

/** What a text costs in the unit of a limit, escapes included. Adds up over the parts of a text; every UTF-16 unit costs at least 1. */
export type Measure = (text: string) => number

export const utf16Units: Measure = text => text.length

/** UTF-8 bytes that the text takes inside a JSON string, escapes included. */
export const jsonBytes: Measure = text => {
  let bytes = text.length
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    // Most text is of such letters, and counted in a fifth of the time.
    if (unit >= 0x80 || (unit < 0x20 && unit !== LINE_FEED)) return Buffer.byteLength(JSON.stringify(text)) - 2
    if (unit === LINE_FEED || unit === QUOTE || unit === BACKSLASH) bytes += 1
  }
  return bytes
}
const [LINE_FEED, QUOTE, BACKSLASH] = [0x0a, 0x22, 0x5c]

/** A grapheme above this is no character that anybody reads (it is one letter under hundreds of marks): it is cut at code points. */
const GRAPHEME_MAX_UNITS = 256
/** When a word ends at most this far before the limit, the cut is made there. */
const WORD_MAX_UNITS = 24
const ELLIPSIS = '…'

/** Made when it is first needed: that takes longer than to load all of the domain. */
let segmenter: Intl.Segmenter | undefined
const segmentsOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** The text, or its beginning and how many characters (graphemes, as a person counts) are not shown; never costs more than `max`.
 *  @example cutCounting('👩‍👩‍👧'.repeat(2_000), 3_800, jsonBytes) // '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧 [and so on] 👩‍👩‍👧… 1,791 more characters' */
export const cutCounting = (text: string, max: number, measure: Measure = utf16Units): string => {
  if (fits(text, max, measure)) return text
  // There are at most as many characters as units: room for that number is room for the right one.
  const end = endWithin(text, max - measure(more(text.length)), measure)
  return end === undefined ? cutText(text, max, measure) : text.slice(0, end) + more(countGraphemes(text.slice(end)))
}

/** The text, or its beginning and `…`; never costs more than `max`. For a line whose whole text stands elsewhere. */
export const cutText = (text: string, max: number, measure: Measure = utf16Units): string => {
  if (fits(text, max, measure)) return text
  const end = endWithin(text, max - measure(ELLIPSIS), measure)
  return end === undefined ? '' : text.slice(0, end) + ELLIPSIS
}

/** The text in parts of at most `maxUnits` UTF-16 units, parted between graphemes. @param maxUnits above 256 */
export const parts = (text: string, maxUnits: number): string[] => {
  const found: string[] = []
  let rest = text
  while (rest.length > maxUnits) {
    const end = lastBoundary(rest, maxUnits, utf16Units).end
    found.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  return [...found, rest]
}

/** Each of these is a grapheme of its own when another of them follows: ASCII, Latin, Greek and Cyrillic letters, kana, Han. */
const PLAIN_RUN =
  /[\n\t\x20-\x7e\u00c0-\u02ff\u0370-\u0482\u048a-\u052f\u3001-\u3002\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]{16,}/g

/** How many characters a person sees. Runs of plain letters are counted by their length, which is what makes half a million of them
 *  take 2 ms instead of 80. */
export const countGraphemes = (text: string): number => {
  let count = 0
  let from = 0
  for (const { 0: run, index } of text.matchAll(PLAIN_RUN)) {
    // The first letter may continue what stands before the run, the last may carry marks that follow it.
    count += countSlowly(text.slice(from, index + 1)) + run.length - 2
    from = index + run.length - 1
  }
  return count + countSlowly(text.slice(from))
}

const countSlowly = (text: string): number => {
  let count = 0
  for (const _ of segmentsOf(text)) count += 1
  return count
}

const more = (count: number): string => `… ${count.toLocaleString('en-US')} more character${count === 1 ? '' : 's'}`

const fits = (text: string, max: number, measure: Measure): boolean => text.length <= max && measure(text) <= max

const endWithin = (text: string, room: number, measure: Measure): number | undefined => {
  if (room < 0) return undefined
  const { end, wordEnd } = lastBoundary(text, room, measure)
  const isAtWordEnd = /^\s/.test(text.slice(end, end + 1))
  return !isAtWordEnd && wordEnd > 0 && end - wordEnd <= WORD_MAX_UNITS ? wordEnd : end
}

/** The end of the longest beginning that costs at most `room`, and where the last word in it ends. Looks at no more of the text than
 *  could fit, whatever its length. */
const lastBoundary = (text: string, room: number, measure: Measure): { end: number; wordEnd: number } => {
  // The view may end within a grapheme, but never within one that would still fit.
  const view = text.slice(0, room + GRAPHEME_MAX_UNITS + 1)
  let end = 0
  let wordEnd = 0
  let cost = 0
  for (const [piece, isPlain] of pieces(view)) {
    const price = measure(piece)
    const taken = cost + price <= room ? piece : isPlain ? runWithin(piece, room - cost, measure) : ''
    const space = isPlain ? lastSpaceIn(taken) : taken.search(/^\s/)
    if (space >= 0) wordEnd = end + space
    end += taken.length
    if (taken.length < piece.length) {
      if (piece.length > GRAPHEME_MAX_UNITS && !isPlain) end += codePointsWithin(piece, room - cost, measure)
      break
    }
    cost += price
  }
  return { end, wordEnd }
}

/** Of a run of plain letters, which knows no other white space; -1 when there is none. */
const lastSpaceIn = (run: string): number =>
  Math.max(run.lastIndexOf(' '), run.lastIndexOf('\n'), run.lastIndexOf('\t'))

/** Grapheme after grapheme, and runs of plain letters in one: the segmenter takes ten times as long. */
function* pieces(text: string): Generator<readonly [piece: string, isPlain: boolean]> {
  let from = 0
  for (const { 0: run, index } of text.matchAll(PLAIN_RUN)) {
    for (const segment of graphemes(text.slice(from, index + 1))) yield [segment, false]
    from = index + run.length - 1
    yield [text.slice(index + 1, from), true]
  }
  for (const segment of graphemes(text.slice(from))) yield [segment, false]
}

const graphemes = (text: string): string[] =>
  text.length === 1 ? [text] : Array.from(segmentsOf(text), ({ segment }) => segment)

/** The longest beginning of a run that costs at most `room`: each of its letters is a grapheme of its own. */
const runWithin = (run: string, room: number, measure: Measure): string => {
  let [fits, spent, tooMany] = [0, 0, run.length]
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1
    const price = measure(run.slice(fits, middle))
    if (spent + price > room) tooMany = middle
    else [fits, spent] = [middle, spent + price]
  }
  return run.slice(0, fits)
}

const codePointsWithin = (text: string, room: number, measure: Measure): number => {
  let end = 0
  let cost = 0
  for (const character of text) {
    cost += measure(character)
    if (cost > room) break
    end += character.length
  }
  return end
}
