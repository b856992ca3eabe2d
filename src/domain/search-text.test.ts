import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { referenceCode } from './reference.ts'
import { SEARCHED_UNITS, searchClauses, searchTokens } from './search-text.ts'

const references = referenceCode(new Uint8Array(16).fill(7))
const tokensOf = (text: string) => [...searchTokens(text)]

test('words that touch are tokens one by one and in pairs; marks and signs are tokens too', () => {
  assert.deepEqual(tokensOf("Don't"), ['don', 't', 'don··t', '＇'])
  assert.deepEqual(tokensOf('a/b.c d'), ['a', '／', 'b', 'a··b', 'c', 'b··c', 'd', '．'])
  assert.deepEqual(tokensOf('日本語 C+'), ['日', '本', '日本', '語', '本語', 'c', '＋'])
})

test('every token survives an index that splits at ASCII', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string())
  fc.assert(
    fc.property(text, written => {
      for (const token of tokensOf(written)) assert.match(token, /^[a-z0-9\u{80}-\u{10ffff}]+$/v)
    }),
  )
})

test('a text is found by itself, and by each of its words', () => {
  const text = fc.string({
    unit: fc.constantFrom(...' \n.\'"/`-_+aBẞİÉé\u0301日本カー한ไ👍️\u200d5＿ﬁς\u00ad'),
    maxLength: 30,
  })
  fc.assert(
    fc.property(text, written => {
      const tokens = searchTokens(written)
      for (const query of [written, written.toUpperCase(), written.normalize('NFD'), ...written.split(' ')])
        for (const token of searchClauses(query, references).flatMap(clause => clause.tokens))
          assert.ok(tokens.has(token), `${token} of ${query} in ${written}`)
    }),
    { numRuns: 2_000 },
  )
})

test('a query that shows nothing asks for nothing', () => {
  for (const query of ['', ' \n\t', '\u200b', '\u0007', '\ud800'])
    assert.deepEqual(searchClauses(query, references), [])
})

test('a reference is one clause in any spelling; all other words are another', () => {
  const reference = references.format(5)
  const [, left, right] = reference.split('-')
  for (const spelling of [
    reference,
    `#${reference}`,
    `sup - ${left} - ${right}`,
    `sup${left} ${right}`,
    `${left} ${right}`,
  ]) {
    const clauses = searchClauses(`disk ${spelling} full`, references)
    assert.deepEqual(clauses[0], { tokens: ['disk', 'full'], number: null }, spelling)
    assert.deepEqual(
      clauses.slice(1).map(({ number }) => number),
      [5],
      spelling,
    )
  }
  const other = `${reference.slice(0, -1)}${reference.endsWith('0') ? '1' : '0'}`
  assert.deepEqual(
    searchClauses(other, references).map(({ number }) => number),
    [null],
  )
})

test('however long a query, it asks for 256 words and 8 references at most', () => {
  const words = Array.from({ length: 5_000 }, (_, i) => `w${i}`).join(' ')
  const asked = searchClauses(words, references)
  assert.equal(new Set(asked.flatMap(({ tokens }) => tokens)).size, 256)
  const many = searchClauses(Array.from({ length: 50 }, (_, i) => references.format(i)).join(' '), references)
  assert.equal(many.filter(({ number }) => number !== null).length, 8)
  assert.equal(new Set(many.flatMap(({ tokens }) => tokens)).size, 1 + 50 * 4)
})

test('no text takes long: marks without end, characters that grow, words without end', () => {
  const units = SEARCHED_UNITS
  const texts = ['\u0301\u0323', '\u0301\u200d\u0323\u034f', '\ufdfa', "a'", '日', '𠀀', 'ŉΐ'].map(text =>
    text.repeat(units),
  )
  for (const text of texts) {
    const from = performance.now()
    searchTokens(text)
    const ms = performance.now() - from
    assert.ok(ms < 1_500, `${ms.toFixed(0)} ms for ${JSON.stringify(text.slice(0, 4))}`)
  }
})

test('only the beginning of a text is taken', () => {
  const text = `${'x '.repeat(units / 2 - 2)}a b c`
  assert.deepEqual(tokensOf(text), ['x', 'a', 'b'])
})
const units = SEARCHED_UNITS
