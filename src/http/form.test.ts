import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCodes } from '../api/errors.ts'
import { field, readForm, readPrefill, troubleFor } from './form.ts'

test('a line break counts once, however the browser sends it', () => {
  const { message, subject } = readForm({ message: 'a\r\nb\nc\rd\r\n', subject: 'x\r\ny' })
  assert.equal(message, 'a\nb\nc\nd\n')
  assert.equal(subject, 'x\ny')
})

test('nothing else of the text is touched', () => {
  const message = '  tabs\tand  spaces \u202e é e\u0301 👩‍👩‍👧 </textarea><script> '
  assert.equal(readForm({ message }).message, message)
})

test('a field that came twice counts as its last, and what is no text is empty', () => {
  assert.equal(field({ a: ['1', '2'] }, 'a'), '2')
  for (const body of [
    undefined,
    null,
    'text',
    7,
    Buffer.from('a=1'),
    {},
    { a: 7 },
    { a: null },
    { a: [] },
    { a: [7] },
  ]) {
    assert.equal(field(body, 'a'), '')
  }
  assert.equal(field({}, '__proto__'), '')
})

test('a box that was not ticked is not sent', () => {
  assert.deepEqual([readForm({}).sendPage, readForm({}).sendBrowser], [false, false])
  assert.deepEqual(
    [readForm({ 'send-page': 'yes', 'send-browser': 'yes' }).sendPage, readPrefill({}).sendBrowser],
    [true, true],
  )
})

test('only a key of our own shape is one, and never one from a link', () => {
  assert.equal(readForm({ key: 'A'.repeat(24) }).key, 'A'.repeat(24))
  for (const key of ['', 'short', 'A'.repeat(65), `${'A'.repeat(23)} `, '"><script>aaaaaaaaaaaa'])
    assert.equal(readForm({ key }).key, undefined, key)
  assert.equal(readPrefill({ key: 'A'.repeat(24) }).key, undefined)
})

const options = { messageMaxLength: 10, now: Date.UTC(2026, 10, 25, 14, 0, 1) }

test('a message that is too long is told by how much', () => {
  const problem = { code: 'MESSAGE_TOO_LONG', why: 'The subject is too long.' } as const
  assert.deepEqual(troubleFor(problem, 'x'.repeat(13), options), { kind: 'message-too-long', by: 3 })
  assert.deepEqual(
    troubleFor(problem, 'x', options),
    { kind: 'refused', why: problem.why },
    'another field was too long',
  )
})

test('the moment at which one can send again is a full minute, and never too early', () => {
  const problem = { code: 'RATE_LIMITED', why: '', retryAfterSeconds: 60 } as const
  assert.deepEqual(troubleFor(problem, 'x', options), { kind: 'limited', until: Date.UTC(2026, 10, 25, 14, 2) })
})

test('every error code has words for the writer', () => {
  for (const code of Object.keys(errorCodes)) {
    const trouble = troubleFor({ code: code as keyof typeof errorCodes, why: 'Because.' }, 'x', options) // a key of errorCodes
    assert.ok(trouble.kind !== 'refused' || trouble.why === 'Because.', code)
  }
})
