import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classify } from './classify.ts'
import type { Answer, Failure, Outcome } from './outcome.ts'

const NOW = 1_764_028_800_000
const answer = (status: number, headers: Record<string, string> = {}, body = ''): Answer => ({
  kind: 'answer',
  status,
  headers,
  body,
})
const failed = (failure: Failure): Answer => ({ kind: 'no-answer', failure, detail: '' })

test('each status has a class and a reason', () => {
  const table: readonly (readonly [number, Outcome])[] = [
    ...[200, 201, 202, 204, 299].map(status => [status, { kind: 'delivered' }] as const),
    ...[300, 301, 302, 303, 304, 307, 308, 399].map(
      status => [status, { kind: 'unavailable', reason: 'redirect' }] as const,
    ),
    ...[401, 403, 404, 405, 410, 501].map(
      status => [status, { kind: 'unavailable', reason: `http-${status}` }] as const,
    ),
    ...[400, 402, 406, 408, 409, 413, 415, 418, 422, 425, 451, 499, 500, 502, 503, 504, 520, 529, 599, 600, 999].map(
      status => [status, { kind: 'retry', reason: `http-${status}` }] as const,
    ),
  ]
  for (const [status, outcome] of table)
    assert.deepEqual(classify(answer(status), { now: NOW }), outcome, String(status))
})

test('of a page only the status counts, but for one that says the text is too large', () => {
  const page = (status: number) => answer(status, { 'content-type': 'text/html' }, ' <!doctype html><html></html>')
  const known = () => ({ as: 'refused', reason: 'by-the-kind' }) as const
  const options = { now: NOW, known, isDelivered: () => true }
  assert.deepEqual(classify(page(200), options), { kind: 'unclear', reason: 'unconfirmed-http-200' })
  assert.deepEqual(classify(page(200), { now: NOW }), { kind: 'unclear', reason: 'unconfirmed-http-200' })
  assert.deepEqual(classify(page(400), options), { kind: 'retry', reason: 'http-400' })
  assert.deepEqual(classify(page(404), options), { kind: 'unavailable', reason: 'http-404' })
  assert.deepEqual(classify(page(413), options), { kind: 'refused', reason: 'by-the-kind' })
  assert.deepEqual(classify(answer(400, {}, '<html>'), options), { kind: 'refused', reason: 'by-the-kind' })
})

test('no answer is a retry, but for a bad certificate and an address that is not allowed', () => {
  const table: Readonly<Record<Failure, string>> = {
    dns: 'retry dns',
    refused: 'retry connection-refused',
    reset: 'retry connection-reset',
    unreachable: 'retry unreachable',
    timeout: 'retry timeout',
    tls: 'retry tls',
    certificate: 'unavailable certificate',
    blocked: 'unavailable address-not-allowed',
    'cut-off': 'retry cut-off',
    protocol: 'retry protocol',
    proxy: 'unavailable proxy-refused',
  }
  for (const [failure, expected] of Object.entries(table)) {
    const outcome = classify(failed(failure as Failure), { now: NOW }) // the keys of the table are the failures
    assert.equal(`${outcome.kind} ${'reason' in outcome && outcome.reason}`, expected)
  }
})

test('a retry carries the wait that the answer asks for, whatever its status', () => {
  for (const status of [400, 408, 429, 500, 503]) {
    const outcome = classify(answer(status, { 'retry-after': '1.5' }), { now: NOW })
    assert.deepEqual(outcome, { kind: 'retry', reason: `http-${status}`, waitMs: 1_500, cut: false })
  }
  assert.deepEqual(classify(answer(410, { 'retry-after': '5' }), { now: NOW }), {
    kind: 'unavailable',
    reason: 'http-410',
    waitMs: 5_000,
    cut: false,
  })
})

test('a rate limit that names no wait holds all the same, for less than 5 s, unless it says that the wait is over', () => {
  const held = { kind: 'retry', reason: 'http-429', waitMs: 4_000, cut: false } as const
  for (const asked of ['', 'soon', '-5'])
    assert.deepEqual(classify(answer(429, { 'retry-after': asked }), { now: NOW }), held)
  assert.deepEqual(classify(answer(429, { 'retry-after': '0' }), { now: NOW }), { kind: 'retry', reason: 'http-429' })
  assert.deepEqual(classify(answer(503, {}), { now: NOW }), { kind: 'retry', reason: 'http-503' })
  const known = () => ({ as: 'limited', reason: 'x-7' }) as const
  assert.deepEqual(classify(answer(200, {}), { now: NOW, isDelivered: () => false, known }), { ...held, reason: 'x-7' })
  assert.deepEqual(classify(answer(429, {}), { now: NOW, unnamedMs: 90_000 }), { ...held, waitMs: 90_000 })
})

test('a 2xx that is not the documented success is unclear', () => {
  const isDelivered = ({ body }: { body: string }) => body === 'ok'
  assert.deepEqual(classify(answer(200, {}, 'ok'), { now: NOW, isDelivered }), { kind: 'delivered' })
  assert.deepEqual(classify(answer(200, {}, 'hm'), { now: NOW, isDelivered }), {
    kind: 'unclear',
    reason: 'unconfirmed-http-200',
  })
  assert.deepEqual(classify(answer(500, {}, 'ok'), { now: NOW, isDelivered }), { kind: 'retry', reason: 'http-500' })
})

test('what the vendor’s code says comes before what the status says, except for a success', () => {
  const known = ({ body }: { body: string }) =>
    body === 'gone' ? ({ as: 'unavailable', reason: 'x-gone' } as const) : undefined
  assert.deepEqual(classify(answer(400, {}, 'gone'), { now: NOW, known }), { kind: 'unavailable', reason: 'x-gone' })
  assert.deepEqual(classify(answer(200, {}, 'gone'), { now: NOW, known }), { kind: 'delivered' })
  assert.deepEqual(classify(answer(400, {}, 'else'), { now: NOW, known }), { kind: 'retry', reason: 'http-400' })
  const slow = () => ({ as: 'retry', reason: 'x-slow' }) as const
  assert.deepEqual(classify(answer(403, { 'retry-after': '9' }), { now: NOW, known: slow }), {
    kind: 'retry',
    reason: 'x-slow',
    waitMs: 9_000,
    cut: false,
  })
})
