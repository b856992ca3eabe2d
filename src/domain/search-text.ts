/** What of a text can be found, and what a query asks for: the same tokens for every store, so that the hits are the same.
 *
 *  - A **word** is a run of letters, digits and their marks, and is found whole: `foo` does not find `food`. Case does not matter (ß is
 *    ss, İ and ı are i), nor do full width, ligatures and characters that nobody sees (NFKC); accents do: `på` is not `pa`.
 *  - Words that touch (`don't`, `10.0.0.1`, `/app/jobs`, `ada@sdu.dk`) are found one by one; who asks for them so finds them only so.
 *  - Scripts without spaces, and Korean, are found as substrings: by characters and pairs of neighbours.
 *  - **Signs** (`+ # @ / \ _ * % & = < > | ~ $ €`, emoji) are found like words: `C++` asks for a `c` and a `+`.
 *  - **Marks of writing** (`. , ; : ! ? ' " - ( ) [ ] { }` and their kin) are asked for only by a query of nothing else.
 *
 *  Nothing is an operator. A token holds a-z, 0-9 and what lies beyond ASCII: an index that splits at other ASCII takes it whole. */
import type { ReferenceCode } from './reference.ts'

/** So much of each text can be found, in UTF-16 units. */
export const SEARCHED_UNITS = 65_536
/** A longer word is taken by its beginning, in a text and in a query. */
const WORD_UNITS_MAX = 64
/** Of a pasted log the first words are asked for. */
const ASKED_MAX = 256
const REFERENCES_MAX = 8

/** What must be so of a ticket: all the tokens occur in its texts, or it has this number. */
export type Clause = { readonly tokens: readonly string[]; readonly number: number | null }

/** Every token of a text. */
export const searchTokens = (text: string): Set<string> => {
  const { tokens, marks } = scan(text)
  for (const mark of marks) tokens.add(mark)
  return tokens
}

/** What a query asks for: every clause must hold; none for a query that shows nothing. Words that are a reference in any spelling (also
 *  `sup 7k3f q2mx`) ask for its ticket, or for one whose texts hold them as they were typed. */
export const searchClauses = (query: string, references: Pick<ReferenceCode, 'parse'>): readonly Clause[] => {
  const parts = partsOf(query.slice(0, SEARCHED_UNITS), references).map(({ text, number }) => ({
    ...scan(text),
    number,
  }))
  const isOfMarks = parts.every(({ tokens }) => tokens.size === 0)
  const asked = parts.map(({ tokens, marks, number }) => ({ number, tokens: [...(isOfMarks ? marks : tokens)] }))
  // One in some fifty pairs of words of four letters happens to be a reference: of no ticket, but not to be lost as words.
  const named = asked.filter(({ number }) => number !== null).slice(0, REFERENCES_MAX)
  const plain = new Set(asked.flatMap(one => (named.includes(one) ? [] : one.tokens)))
  return plain.size === 0 ? named : [{ tokens: [...plain].slice(0, ASKED_MAX), number: null }, ...named]
}

type Part = { readonly text: string; readonly number: number | null }

/** The query word by word; those that are a reference together are one. */
const partsOf = (query: string, references: Pick<ReferenceCode, 'parse'>): Part[] => {
  const words = query.split(/\s+/u).filter(Boolean).slice(0, ASKED_MAX)
  const parts: Part[] = []
  while (words.length > 0) {
    const spelled = SPELLINGS.filter(count => count <= words.length).map(count => {
      const text = words.slice(0, count).join(' ')
      return { count, text, number: references.parse(text.normalize('NFKC').replace(EDGES, '')) ?? null }
    })
    const { count, text, number } = spelled.find(one => one.number !== null) ?? spelled[0] ?? NO_WORD
    parts.push({ text, number })
    words.splice(0, count)
  }
  return parts
}

/** Words that a reference may be written in: `SUP - 7K3F - Q2MX` are five. */
const SPELLINGS = [1, 2, 3, 5]
const NO_WORD = { count: 1, text: '', number: null }
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu

const scan = (text: string): { readonly tokens: Set<string>; readonly marks: Set<string> } => {
  const tokens = new Set<string>()
  const marks = new Set<string>()
  const folded = fold(text.slice(0, SEARCHED_UNITS)).slice(0, SEARCHED_UNITS)
  const unit = ASCII.test(folded) ? ASCII_UNIT : UNIT
  unit.lastIndex = 0
  /** The word that the next one touches, if only marks and signs stand between. */
  let touching = ''
  for (let match = unit.exec(folded); match; match = unit.exec(folded)) {
    const [, word, mark, sign, unspaced] = match
    if (word !== undefined) {
      const token = beginning(word)
      tokens.add(token)
      if (touching !== '') tokens.add(`${touching}${JOINT}${token}`)
      touching = token
    } else if (mark !== undefined) marks.add(beyondAscii(mark))
    else if (sign !== undefined) tokens.add(beyondAscii(sign))
    else {
      touching = ''
      if (unspaced !== undefined) addNeighbours([...unspaced], tokens)
    }
  }
  return { tokens, marks }
}

/** It is no part of a word, nor a token by itself: marks are one character. */
const JOINT = '··'

const addNeighbours = (characters: readonly string[], tokens: Set<string>): void => {
  for (const [i, character] of characters.entries()) {
    tokens.add(character)
    if (i > 0) tokens.add(`${characters[i - 1]}${character}`)
  }
}

const beginning = (word: string): string =>
  word.length <= WORD_UNITS_MAX ? word : word.slice(0, WORD_UNITS_MAX).toWellFormed()

/** As its full-width form, which no folded text holds. */
const beyondAscii = (sign: string): string =>
  sign < '\u007f' ? String.fromCharCode(sign.charCodeAt(0) + 0xfee0) : sign

const fold = (text: string): string => {
  if (ASCII.test(text)) return text.toLowerCase().replaceAll('`', "'")
  return text
    .replace(UNSEEN, '')
    .replace(MARKS_WITHOUT_END, '$1')
    .replace(APOSTROPHES, "'")
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replaceAll('i\u0307', 'i')
    .normalize('NFKC')
}

const ASCII = /^[\0-\x7f]*$/
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu
/** Putting them in order takes the square of their number: a text of nothing else took 3 s. Unicode's "stream-safe" limit is 30. */
const MARKS_WITHOUT_END = /(\p{M}{30})\p{M}+/gu
const APOSTROPHES = /[‘’‛`´ʹʼ′]/g

// Groups: word, mark, sign, unspaced; what is in none of them parts words.
const UNSPACED =
  '[[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]&&[\\p{L}\\p{M}\\p{N}]]'
const UNIT = new RegExp(
  `([[\\p{L}\\p{M}\\p{N}]--${UNSPACED}]+)|([\\p{P}--[#%&@*\\/\\\\_§¶†‡‰]])|([\\p{P}\\p{S}\\p{Co}\\p{Cn}])|(${UNSPACED}+)|[^\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Co}\\p{Cn}]+`,
  'gv',
)
const ASCII_UNIT = /([a-z0-9]+)|([!"'(),\-.:;?[\]{}])|([#-&*+/<=>@\\^_`|~])|()[\0- \x7f]+/g
