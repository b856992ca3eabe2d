/** The rules of intake that concern the fields of a ticket. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Fields, isProblem, readTicket } from './submission.ts'

const LIMIT = 100
const read = (fields: Fields) => {
  const texts = readTicket(fields, LIMIT)
  assert.ok(!isProblem(texts), JSON.stringify(texts))
  return texts
}
const refusal = (fields: Fields) => {
  const problem = readTicket(fields, LIMIT)
  assert.ok(isProblem(problem), JSON.stringify(problem))
  return problem
}

const refused: [string, Fields, string][] = [
  ['no message', { subject: 's' }, 'MESSAGE_REQUIRED'],
  ['a null message', { message: null }, 'MESSAGE_REQUIRED'],
  ['a blank message', { message: ' \t\n\u2003' }, 'MESSAGE_REQUIRED'],
  ['a message of NULs', { message: '\u0000\u0000' }, 'MESSAGE_REQUIRED'],
  ['a message that is a number', { message: 7 }, 'INVALID_FIELD'],
  ['a message that is a list', { message: ['m'] }, 'INVALID_FIELD'],
  ['a subject that is an object', { message: 'm', subject: {} }, 'INVALID_FIELD'],
  ['an unknown type', { message: 'm', type: 'PRAISE' }, 'INVALID_FIELD'],
  ['a type in small letters', { message: 'm', type: 'bug' }, 'INVALID_FIELD'],
  ['a message above the limit', { message: 'x'.repeat(LIMIT + 1) }, 'MESSAGE_TOO_LONG'],
  ['a context that is text', { message: 'm', context: 'page' }, 'INVALID_FIELD'],
  ['a context that is a list', { message: 'm', context: [1] }, 'INVALID_FIELD'],
  ['a context that is too large', { message: 'm', context: { a: 'x'.repeat(20_000) } }, 'MESSAGE_TOO_LONG'],
  [
    'a context that is too deep',
    { message: 'm', context: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) },
    'INVALID_FIELD',
  ],
]
for (const [what, fields, code] of refused) {
  test(`${what} is refused as ${code}, in words`, () => {
    const problem = refusal(fields)
    assert.equal(problem.code, code)
    assert.match(problem.why, /^[A-Z].*\.$/)
  })
}

test('a message at the limit is taken; lengths are UTF-16 units', () => {
  assert.equal(read({ message: 'x'.repeat(LIMIT) }).message.length, LIMIT)
  assert.equal(refusal({ message: '🙂'.repeat(LIMIT / 2 + 1) }).why.includes('2 characters too long'), true)
})

const types: [Fields, string | null][] = [
  [{ message: 'BUG: it broke' }, 'BUG'],
  [{ message: 'ERROR: at line 1' }, 'BUG'],
  [{ message: 'SUGGESTION: nicer' }, 'SUGGESTION'],
  [{ message: 'BUG: it broke', type: 'QUESTION' }, 'QUESTION'],
  [{ message: 'BUG:it broke' }, null],
  [{ message: ' BUG: it broke' }, null],
  [{ message: 'bug: it broke', type: null }, null],
]
for (const [fields, type] of types) {
  test(`the type of ${JSON.stringify(fields)} is ${type}, and the text stays as it is`, () => {
    const texts = read(fields)
    assert.deepEqual([texts.type, texts.message], [type, fields.message])
  })
}

const subjects: [string, Fields, string][] = [
  ['as given', { subject: ' My subject ', message: 'm' }, 'My subject'],
  ['from the first line when absent', { message: '\n  First line \nsecond' }, 'First line'],
  ['from the first line when null', { subject: null, message: 'First' }, 'First'],
  ['from the first line when blank', { subject: ' \u2003', message: 'First' }, 'First'],
  ['on one line', { subject: 'a\nb\rc\r\nd\u000be\u000cf\u0085g\u2028h\u2029i', message: 'm' }, 'a b c d e f g h i'],
]
for (const [what, fields, subject] of subjects) {
  test(`the subject is ${what}`, () => assert.equal(read(fields).subject, subject))
}

test('a subject made from the first line is kept whole up to 1,000 units as well', () => {
  const texts = readTicket({ message: 'x'.repeat(1_500) }, 2_000)
  assert.ok(!isProblem(texts) && texts.subject.length <= 1_000 && texts.subject.length > 990)
  assert.equal(read({ message: 'y'.repeat(LIMIT) }).subject, 'y'.repeat(LIMIT))
})

test('a subject is kept whole up to 1,000 units, then cut with an ellipsis', () => {
  assert.equal(read({ subject: 'x'.repeat(1_000), message: 'm' }).subject, 'x'.repeat(1_000))
  const cut = read({ subject: 'x'.repeat(1_001), message: 'm' }).subject
  assert.ok(cut.length <= 1_000 && cut.endsWith('…'))
})

test('lone surrogates become U+FFFD, NUL is removed, and nothing is normalised', () => {
  const texts = read({ subject: 'e\u0301 \ud800', message: 'a\u0000b\udc00 e\u0301', context: { k: '\ud800\u0000' } })
  assert.deepEqual(
    [texts.subject, texts.message, texts.context],
    ['e\u0301 \ufffd', 'ab\ufffd e\u0301', { k: '\ufffd' }],
  )
})

test('a context is kept as it is, and absent or null is none', () => {
  const context = { page: '/app', n: 1.5, list: [true, null, { deep: 'x' }] }
  assert.deepEqual(read({ message: 'm', context }).context, context)
  assert.equal(read({ message: 'm', context: null }).context, null)
  assert.equal(read({ message: 'm' }).context, null)
})
