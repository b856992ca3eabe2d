import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostile } from '../../test/contracts/hostile.ts'
import { balanced, chatText, isVisible, lineBreaksToSpaces, oneLine, storable, storableJson } from './text.ts'

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom(...hostile))
const BIDI = /[\u202a-\u202e\u2066-\u2069]/

test('stored text loses NUL, lone surrogates become U+FFFD, and nothing else changes', () => {
  assert.equal(storable('a\0b\ud800c\udc00'), 'ab\ufffdc\ufffd')
  assert.equal(storable('\ud83d\0\ude00'), '\ufffd\ufffd', 'two halves stay two halves')
  const kept = 'e\u0301 \u212b ﬁ \u202e \u200b \r\n \u001b 👩‍👩‍👧'
  assert.equal(storable(kept), kept)
})

test('every kind of line break in a field of one line becomes one space', () => {
  assert.equal(lineBreaksToSpaces('a\nb\rc\r\nd\ve\ff\u0085g\u2028h\u2029i'), 'a b c d e f g h i')
})

test('a field of one line keeps letters, emoji families and Persian joiners, and loses what hides or reverses text', () => {
  const table: readonly (readonly [string, string])[] = [
    ['  My subject \n', 'My subject'],
    ['subject\r\nBcc: all@example.com', 'subject Bcc: all@example.com'],
    ['a\tb\u0000\u0007\u001b[31m\u0085c', 'a b[31m c'],
    ['exe.\u202egnp.exe', 'exe.gnp.exe'],
    ['\u2066isolate\u2069 \u200emark\u200f\u061c', 'isolate mark'],
    ['ad\u200bmin\ufeff\u2060', 'admin'],
    ['ad\u200d\u200c\u200dmin\u200d', 'admin'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['\ud800x', '\ufffdx'],
    ['\u200b\u202e\n', ''],
  ]
  for (const [text, expected] of table) assert.equal(oneLine(text), expected)
})

test('a field of one line is well-formed and of one line, whatever comes in, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(anyText, text => {
      const line = oneLine(text)
      assert.ok(line.isWellFormed())
      assert.doesNotMatch(
        line,
        /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
      )
      assert.equal(oneLine(line), line)
    }),
  )
})

test('a chat message has LF alone as line break, keeps tabs, and shows at most three blank lines in a row', () => {
  assert.equal(chatText('a\r\nb\rc\u2028d\u0085e\tf\u0007'), 'a\nb\nc\nd\ne\tf')
  assert.equal(chatText(`a${'\n'.repeat(10_000)}b`), 'a\n\n\n\nb')
  assert.equal(chatText('a\n \n\t\n \n  \n  b'), 'a\n\n\n\n  b')
  assert.equal(chatText('a\n\n\n\nb'), 'a\n\n\n\nb')
})

test('bidi controls stay where they are closed within their line, and go where they are not', () => {
  const table: readonly (readonly [string, string])[] = [
    ['a \u202bכן\u202c b', 'a \u202bכן\u202c b'],
    ['a \u2067כן\u2069 b', 'a \u2067כן\u2069 b'],
    ['a \u202eb', 'a b'],
    ['a\u202e\nb\u202c', 'a\nb'],
    ['\u2066 \u202e \u2069', '\u2066  \u2069'],
    ['\u202e \u2069 \u202c', '\u202e  \u202c'],
    ['\u2067 \u202c \u2069', '\u2067  \u2069'],
    ['\u202c\u2069', ''],
    ['\u202a\u202b\u202c', '\u202b\u202c'],
  ]
  for (const [text, expected] of table) assert.equal(balanced(text), expected)
})

test('a chat message is well-formed and no bidi control reaches beyond its line, whatever comes in', () => {
  const spiteful = fc.string({ unit: fc.constantFrom('\u202e', '\u202c', '\u2066', '\u2069', '\u202a', 'a', '\n') })
  fc.assert(
    fc.property(fc.oneof(anyText, spiteful), text => {
      const message = chatText(text)
      assert.ok(message.isWellFormed())
      for (const line of message.split('\n')) assert.equal(stillOpen(line), 0)
      assert.equal(chatText(message), message)
    }),
  )
})

test('text is visible when a reader would see something', () => {
  for (const text of ['', ' \n\t', '\u200b\u2060', '\u3164', '\u00ad', '\u202e']) assert.equal(isVisible(text), false)
  for (const text of ['.', ' a', '漢', '😀', '\ufffd']) assert.equal(isVisible(text), true)
})

/** An independent reading: how many bidi controls of a line have no partner. */
const stillOpen = (line: string): number => {
  let rest = [...line].filter(character => BIDI.test(character)).join('')
  for (;;) {
    const next = rest.replace(/[\u202a\u202b\u202d\u202e]\u202c|[\u2066-\u2068]\u2069/g, '')
    if (next === rest) return rest.length
    rest = next
  }
}

test('a value as JSON: its texts and names are as they may be stored, and what only looks like an escape is left alone', () => {
  const value = {
    'a\u0000': ['x\ud800y', { b: 'z\udfff' }],
    c: String.raw`\ud800 and \u0000`,
    d: null,
    e: 1,
    f: '👩‍👩‍👧',
  }
  const stored = { a: ['x\ufffdy', { b: 'z\ufffd' }], c: String.raw`\ud800 and \u0000`, d: null, e: 1, f: '👩‍👩‍👧' }
  assert.deepEqual(JSON.parse(storableJson(value)), stored)
  assert.equal(storableJson({ c: 'é\n' }), JSON.stringify({ c: 'é\n' }))
})
