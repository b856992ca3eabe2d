import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countGraphemes, cutCounting, cutText, jsonBytes, type Measure, parts, utf16Units } from './cut.ts'

const FAMILY = '👩‍👩‍👧'
const escapedUnits: Measure = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').length
const graphemes = (text: string) => [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment)
const units = [
  'a',
  ' ',
  '\n',
  '&',
  '<',
  '"',
  'é',
  'e\u0301',
  '漢',
  FAMILY,
  '🇩🇰',
  '👍🏽',
  '\u0301',
  '\u0600',
  '\u200d',
  '한',
  'क्षि',
]
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...units), maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }).map(text => text.toWellFormed()),
)

test('a text that fits stays as it is; a longer one says how many characters are missing', () => {
  assert.equal(cutCounting('a'.repeat(100), 100), 'a'.repeat(100))
  assert.equal(cutCounting('a'.repeat(101), 100), `${'a'.repeat(79)}… 22 more characters`)
  assert.equal(cutCounting('a'.repeat(5_000), 100), `${'a'.repeat(77)}… 4,923 more characters`)
  assert.match(cutCounting(FAMILY.repeat(2_000), 3_800, jsonBytes), /👩‍👩‍👧… 1,\d{3} more characters$/u)
})

test('at the limit, the cut falls between graphemes and the count is right, in the measure of the escaped text', () => {
  fc.assert(
    fc.property(
      anyText,
      fc.integer({ min: 30, max: 300 }),
      fc.constantFrom(utf16Units, escapedUnits, jsonBytes),
      (text, max, measure) => {
        const shown = cutCounting(text, max, measure)
        assert.ok(measure(shown) <= max)
        if (measure(text) <= max) return assert.equal(shown, text)
        const [, begin = '', count] = /^(.*)… ([\d,]+) more characters?$/s.exec(shown) ?? []
        assert.ok(text.startsWith(begin))
        const all = graphemes(text)
        const beginCount = graphemes(begin).length
        assert.equal(all.slice(0, beginCount).join(''), begin, 'whole graphemes')
        assert.equal(count, (all.length - beginCount).toLocaleString('en-US'))
      },
    ),
    { numRuns: 500 },
  )
})

test('the cut is made at the end of a word when one ends shortly before', () => {
  assert.equal(cutText('The job stops after one minute', 20), 'The job stops after…')
  assert.equal(cutText('The job stops after one minute', 18), 'The job stops…')
  assert.equal(cutText(`word ${'a'.repeat(100)}`, 50), `word ${'a'.repeat(44)}…`)
})

test('no room for the count leaves the ellipsis, and no room for that leaves nothing', () => {
  assert.equal(cutCounting('a'.repeat(100), 10), `${'a'.repeat(9)}…`)
  assert.equal(cutCounting('a'.repeat(100), 1), '…')
  assert.equal(cutCounting('a'.repeat(100), 0), '')
  assert.equal(cutText('a'.repeat(100), 2, jsonBytes), '')
})

test('one enormous grapheme is cut at code points rather than shown whole or not at all', () => {
  const heap = `e${'\u0301'.repeat(524_287)}`
  const shown = cutCounting(heap, 1_000)
  assert.ok(shown.length <= 1_000 && shown.length > 900)
  assert.match(shown, /^e\u0301+… 1 more character$/)
  assert.match(cutCounting(`begin ${heap}`, 1_000), /^begin e\u0301+… 1 more character$/)
  const pairs = `👩${'\u200d👩'.repeat(100_000)}`
  assert.ok(cutCounting(pairs, 1_001).isWellFormed())
})

test('counting agrees with the segmenter', () => {
  const runs = fc.array(
    fc.oneof(anyText, fc.constantFrom('plain letters, more than sixteen', 'ж'.repeat(40), 'ひらがな漢字'.repeat(5))),
  )
  fc.assert(fc.property(runs, texts => assert.equal(countGraphemes(texts.join('')), graphemes(texts.join('')).length)))
})

test('parts are whole graphemes within the limit, and together the text', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 257, max: 400 }), (unit, max) => {
      const text = unit.repeat(20)
      const all = parts(text, max)
      assert.equal(all.join(''), text)
      assert.ok(all.every(part => part.length <= max && part.isWellFormed()))
    }),
  )
})

test('half a million characters are cut to the budget, whatever they are', () => {
  for (const unit of ['a', '漢', 'word ', '"', '\n', FAMILY, '🇩🇰', 'e\u0301', '\u0301', 'ไทย']) {
    const text = unit.repeat(Math.floor(524_288 / unit.length))
    const cut = cutCounting(text, 10_000, jsonBytes)
    assert.ok(jsonBytes(cut) <= 10_000 && /more characters?$/.test(cut), unit)
  }
})

test('units are cut run by run, and where they would be cut letter by letter', () => {
  const letterByLetter: Measure = text => text.length
  const runs = fc.array(
    fc.oneof(
      anyText,
      fc.constantFrom('plain letters, more than sixteen', 'ж'.repeat(40), 'tab\tand\nline of letters', FAMILY),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(runs, fc.integer({ min: 0, max: 300 }), (some, max) => {
      const text = some.join('')
      assert.equal(cutText(text, max), cutText(text, max, letterByLetter))
      assert.equal(cutCounting(text, max), cutCounting(text, max, letterByLetter))
    }),
    { numRuns: 1_000 },
  )
})

test('bytes of JSON are counted as JSON writes them, whatever comes in', () => {
  fc.assert(
    fc.property(anyText, text => jsonBytes(text) === Buffer.byteLength(JSON.stringify(text)) - 2),
    { numRuns: 2_000 },
  )
})
