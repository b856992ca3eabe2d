import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { REFERENCE_NUMBER_MAX, referenceCode } from './reference.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const code = referenceCode(Uint8Array.from({ length: 16 }, (_, i) => i * 11))
const number = fc.integer({ min: 0, max: REFERENCE_NUMBER_MAX })

test('a reference has the shape that people know, and gives its number back', () => {
  fc.assert(
    fc.property(number, n => {
      const reference = code.format(n)
      assert.match(reference, /^SUP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
      assert.equal(code.parse(reference), n)
    }),
  )
})

test('a number keeps its reference for ever: people have it in their mails', () => {
  const known = [0, 1, 2, 4_711, 2 ** 34, REFERENCE_NUMBER_MAX].map(n => code.format(n))
  assert.deepEqual(known, [
    'SUP-P2Q7-BS52',
    'SUP-T1BP-G36C',
    'SUP-8HY1-YB15',
    'SUP-KG4E-JWKM',
    'SUP-VW09-N749',
    'SUP-P5AB-81M5',
  ])
})

test('numbers in a row have references that tell nothing of it, and none twice', () => {
  const references = Array.from({ length: 20_000 }, (_, n) => code.format(n))
  assert.equal(new Set(references).size, 20_000)
  assert.equal(new Set(references.slice(0, 100).map(reference => reference.slice(0, 6))).size > 80, true)
})

test('every single wrong character is caught', () => {
  for (const n of [0, 1, 12_345, 2 ** 34, REFERENCE_NUMBER_MAX]) {
    const letters = code.format(n).replaceAll('-', '').slice(3)
    for (let i = 0; i < letters.length; i += 1) {
      for (const wrong of ALPHABET) {
        if (wrong === letters[i]) continue
        assert.equal(
          code.parse(letters.slice(0, i) + wrong + letters.slice(i + 1)),
          undefined,
          `${letters} at ${i}: ${wrong}`,
        )
      }
    }
  }
})

test('every swap of neighbours is caught', () => {
  fc.assert(
    fc.property(number, fc.nat({ max: 6 }), (n, i) => {
      const letters = [...code.format(n).replaceAll('-', '').slice(3)]
      const swapped = letters
        .with(i, letters[i + 1] ?? '')
        .with(i + 1, letters[i] ?? '')
        .join('')
      if (swapped !== letters.join('')) assert.equal(code.parse(swapped), undefined)
    }),
  )
})

test('what people type is read: any case, with or without hyphens, spaces and prefix, O for 0, I and L for 1', () => {
  const n = 4_711
  const reference = code.format(n)
  const bare = reference.replaceAll('-', '')
  for (const typed of [
    reference.toLowerCase(),
    bare,
    bare.slice(3),
    ` ${reference} `,
    reference.replaceAll('-', ' '),
    reference.replaceAll('-', '–'),
  ]) {
    assert.equal(code.parse(typed), n, typed)
  }
  const withDigits =
    Array.from({ length: 500 }, (_, i) => code.format(i)).find(
      text => /0/.test(text.slice(4)) && /1/.test(text.slice(4)),
    ) ?? ''
  const typed = withDigits.slice(0, 4) + withDigits.slice(4).replaceAll('0', 'o').replace('1', 'l').replaceAll('1', 'I')
  assert.equal(code.parse(typed), code.parse(withDigits))
})

test('what is no reference is undefined', () => {
  for (const text of ['', 'SUP-', 'SUP-7K3F', 'SUP-7K3F-Q2MXX', 'SUP-UUUU-UUUU', '🙂🙂🙂🙂', 'x'.repeat(10_000)]) {
    assert.equal(code.parse(text), undefined)
  }
})

test('another key gives other references, and a key that is too short is refused', () => {
  const other = referenceCode(new Uint8Array(16).fill(1))
  assert.notEqual(other.format(1), code.format(1))
  assert.throws(() => referenceCode(new Uint8Array(4)))
})
