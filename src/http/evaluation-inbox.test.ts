import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openEvaluationInbox } from './evaluation-inbox.ts'

const folder = (t: TestContext): string => {
  const made = mkdtempSync(join(tmpdir(), 'support-relay-inbox-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}
const message = (delivery: string, destination = 'support') => ({
  destination,
  delivery,
  payload: { text: delivery },
  bytes: 10,
})
const statusOf = (reaction: { kind: string; status?: number }) => reaction.status ?? reaction.kind

test('attempts of one delivery stand together, newest delivery first', t => {
  const inbox = openEvaluationInbox(folder(t))
  inbox.setMode('down', 0)
  inbox.receive(message('a'), 1)
  inbox.receive(message('b'), 2)
  inbox.receive(message('a'), 3)
  inbox.receive(message('a'), 4)
  assert.deepEqual(
    inbox.landed().map(({ delivery, attempts }) => [delivery, attempts.map(({ at, status }) => [at, status])]),
    [
      ['b', [[2, 503]]],
      [
        'a',
        [
          [1, 503],
          [3, 503],
          [4, 200],
        ],
      ],
    ],
  )
})

test('after a kill and a restart the page is the same, the mode too, and a torn line is left out', t => {
  const data = folder(t)
  const before = openEvaluationInbox(data)
  before.receive(message('a'), 1)
  before.setMode('down', 2)
  before.receive(message('a'), 3)
  appendFileSync(join(data, 'evaluation-inbox.jsonl'), '{"kind":"landed","destination":"sup')
  const after = openEvaluationInbox(data)
  assert.deepEqual(after.landed(), before.landed())
  assert.deepEqual(after.mode(4), { kind: 'down', attemptsLeft: 2 })
  after.receive(message('b'), 5)
  assert.equal(openEvaluationInbox(data).landed().length, 2, 'what follows a torn line is not lost')
})

test('down means three attempts, then well again', t => {
  const inbox = openEvaluationInbox(folder(t))
  inbox.setMode('down', 0)
  assert.deepEqual(
    [1, 2, 3, 4].map(at => statusOf(inbox.receive(message('a'), at))),
    [503, 503, 503, 200],
  )
  assert.deepEqual(inbox.mode(5), { kind: 'well' })
})

test('a pause holds for 30 s from when it was asked for, and says how long it still is', t => {
  const inbox = openEvaluationInbox(folder(t))
  inbox.setMode('pause', 1_000)
  assert.deepEqual(inbox.receive(message('a'), 1_000), {
    kind: 'answer',
    status: 429,
    body: 'rate_limited',
    retryAfterSeconds: 30,
  })
  assert.deepEqual(inbox.receive(message('a'), 30_500), {
    kind: 'answer',
    status: 429,
    body: 'rate_limited',
    retryAfterSeconds: 1,
  })
  assert.equal(statusOf(inbox.receive(message('a'), 31_000)), 200)
})

test('gone and silent last until they are changed back', t => {
  const inbox = openEvaluationInbox(folder(t))
  inbox.setMode('gone', 0)
  assert.deepEqual(
    [1, 99_999_999].map(at => statusOf(inbox.receive(message('a'), at))),
    [404, 404],
  )
  inbox.setMode('silent', 0)
  assert.equal(statusOf(inbox.receive(message('a'), 1)), 'silence')
  inbox.setMode('well', 0)
  assert.equal(statusOf(inbox.receive(message('a'), 2)), 200)
  assert.deepEqual(
    inbox.landed()[0]?.attempts.map(attempt => attempt.status),
    [404, 404, null, 200],
  )
})

test('the newest 200 are kept, of one delivery the first attempt and the newest, and the file stays small', t => {
  const data = folder(t)
  const inbox = openEvaluationInbox(data)
  for (let n = 0; n < 210; n++) inbox.receive(message(`d${n}`), n)
  assert.equal(inbox.landed().length, 200)
  assert.equal(inbox.landed()[0]?.delivery, 'd209')
  assert.equal(inbox.landed().at(-1)?.delivery, 'd10')
  for (let n = 0; n < 2_500; n++) inbox.receive(message('d209'), 1_000 + n)
  const attempts = inbox.landed()[0]?.attempts ?? []
  assert.deepEqual([attempts.length, attempts[0]?.at, attempts.at(-1)?.at], [500, 209, 3_499])
  assert.ok(readFileSync(join(data, 'evaluation-inbox.jsonl'), 'utf8').split('\n').length < 2_100)
  assert.deepEqual(openEvaluationInbox(data).landed(), inbox.landed())
})

test('the revision changes with everything that the page shows', t => {
  const inbox = openEvaluationInbox(folder(t))
  const seen = new Set([inbox.revision()])
  inbox.receive(message('a'), 1)
  seen.add(inbox.revision())
  inbox.setMode('gone', 2)
  seen.add(inbox.revision())
  assert.equal(seen.size, 3)
})
