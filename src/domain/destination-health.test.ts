/** Each row of the table of states of a destination is a test; `NOT_CONFIGURED` is computed, not stored. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type DestinationHealth, healthAfter, healthAtTaking, newHealth, steered } from './destination-health.ts'
import type { Outcome } from './outcome.ts'

const NOW = 1_764_028_800_000
const retry: Outcome = { kind: 'retry', reason: 'http-503' }
const unavailable: Outcome = { kind: 'unavailable', reason: 'slack-no-service' }
const refused: Outcome = { kind: 'refused', reason: 'slack-no-text' }
const unclear: Outcome = { kind: 'unclear', reason: 'unexpected-200' }
const delivered: Outcome = { kind: 'delivered' }

const after = (
  outcomes: readonly Outcome[],
  start: Partial<DestinationHealth> = {},
  context: { isProbe?: boolean; pause?: boolean; now?: number } = {},
) =>
  outcomes.reduce<DestinationHealth>(
    (health, outcome) => healthAfter(health, outcome, { now: NOW, isProbe: false, pause: false, ...context }),
    { ...newHealth, ...start },
  )
const failing: Partial<DestinationHealth> = {
  state: 'FAILING',
  reason: 'http-503',
  step: 0,
  probeAt: NOW,
  heldSince: NOW - 5,
  retriesInRow: 5,
}

test('OK → FAILING: 5 retries in a row in settling order', () => {
  assert.equal(after([retry, retry, retry, retry]).state, 'OK')
  const health = after([retry, retry, retry, retry, retry])
  assert.deepEqual(
    [health.state, health.reason, health.heldSince, health.probeAt],
    ['FAILING', 'http-503', NOW, NOW + 1_000],
  )
})

test('OK → FAILING: one unavailable', () => {
  assert.deepEqual([after([unavailable]).state, after([unavailable]).reason], ['FAILING', 'slack-no-service'])
})

test('OK → OK: refused and unclear do not count, and do not break the row', () => {
  assert.equal(after(Array.from({ length: 20 }, () => refused)).state, 'OK')
  assert.equal(after([unclear, unclear]).state, 'OK')
  assert.equal(after([retry, retry, refused, retry, unclear, retry, retry]).state, 'FAILING')
})

test('OK → OK: a success ends the row of retries', () => {
  assert.equal(after([retry, retry, retry, retry, delivered, retry]).state, 'OK')
})

test('FAILING → OK: the first success', () => {
  const health = after([delivered], failing, { isProbe: true })
  assert.deepEqual(
    [
      health.state,
      health.reason,
      health.step,
      health.probeAt,
      health.heldSince,
      health.retriesInRow,
      health.lastDeliveredAt,
    ],
    ['OK', null, 0, null, null, 0, NOW],
  )
})

test('FAILING → FAILING: probes after 1 s, doubling to 5 min', () => {
  const waits: number[] = []
  let health: DestinationHealth = after([unavailable])
  waits.push((health.probeAt ?? 0) - NOW)
  for (let i = 0; i < 11; i += 1) {
    health = after([retry], health, { isProbe: true })
    waits.push((health.probeAt ?? 0) - NOW)
  }
  assert.deepEqual(
    waits.map(ms => ms / 1_000),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300],
  )
})

test('FAILING → FAILING: what was under way when it began to fail does not put the probe off', () => {
  assert.equal(after([retry], { ...failing, probeAt: NOW + 400 }).probeAt, NOW + 400)
})

test('FAILING → FAILING: a probe refused for its text leaves the interval as it is', () => {
  const health = after([refused], { ...failing, step: 3 }, { isProbe: true })
  assert.deepEqual([health.state, health.step, health.probeAt, health.reason], ['FAILING', 3, NOW + 8_000, 'http-503'])
})

test('any → PAUSED: staff', () => {
  const paused = steered({ ...newHealth, ...failing }, { state: 'PAUSED', reason: 'by-staff', now: NOW })
  assert.deepEqual([paused?.state, paused?.reason, paused?.probeAt, paused?.revision], ['PAUSED', 'by-staff', null, 1])
  assert.equal(steered({ ...newHealth, state: 'PAUSED' }, { state: 'PAUSED', reason: 'again', now: NOW }), undefined)
})

test('any → PAUSED: unclear answers', () => {
  const health = after([unclear], {}, { pause: true })
  assert.deepEqual([health.state, health.reason, health.heldSince], ['PAUSED', 'unexpected-200', NOW])
})

test('PAUSED → OK: resume', () => {
  const resumed = steered(
    { ...newHealth, state: 'PAUSED', reason: 'x', heldSince: 1, retriesInRow: 9 },
    { state: 'OK', reason: null, now: NOW },
  )
  assert.deepEqual([resumed?.state, resumed?.reason, resumed?.heldSince, resumed?.retriesInRow], ['OK', null, null, 0])
  assert.equal(steered(newHealth, { state: 'OK', reason: null, now: NOW }), undefined)
})

test('PAUSED → PAUSED: a success of what was under way counts and changes nothing else', () => {
  const health = after([delivered], { state: 'PAUSED', reason: 'by-staff', successCount: 3 })
  assert.deepEqual([health.state, health.reason, health.successCount], ['PAUSED', 'by-staff', 4])
})

test('OK → OK, held: until the moment that Retry-After names, and the longest wait wins', () => {
  const health = after([
    { ...retry, waitMs: 30_000 },
    { ...retry, waitMs: 10_000 },
  ])
  assert.deepEqual([health.state, health.heldUntil, health.heldSince], ['OK', NOW + 30_000, NOW])
})

test('OK → OK, held: a success that was under way when the service asked to wait does not end the wait', () => {
  const health = after([{ ...retry, waitMs: 30_000 }, delivered])
  assert.deepEqual([health.heldUntil, health.heldSince], [NOW + 30_000, null])
  assert.equal(after([delivered], health, { now: NOW + 30_000 }).heldUntil, null)
})

test('FAILING → FAILING: what was refused, unclear or delivered late elsewhere counts no probe', () => {
  const before: DestinationHealth = { ...newHealth, ...failing, step: 3 }
  for (const outcome of [refused, unclear, unavailable, retry]) {
    assert.deepEqual([after([outcome], before).step, after([outcome], before).probeAt], [3, NOW])
  }
})

test('PAUSED → PAUSED: no outcome ends a pause or begins a probe', () => {
  for (const outcome of [retry, unavailable, refused, unclear, delivered]) {
    const health = after([outcome, outcome, outcome, outcome, outcome], { state: 'PAUSED', reason: 'by-staff' })
    assert.deepEqual([health.state, health.reason, health.probeAt], ['PAUSED', 'by-staff', null])
  }
})

test('PAUSED → OK: resume does not end a wait that the service asked for', () => {
  const paused: DestinationHealth = { ...newHealth, state: 'PAUSED', heldUntil: NOW + 9_000 }
  assert.equal(steered(paused, { state: 'OK', reason: null, now: NOW })?.heldUntil, NOW + 9_000)
})

test('a wait of a fraction is rounded up: never earlier than asked', () => {
  assert.equal(after([{ ...retry, waitMs: 0.2 }]).heldUntil, NOW + 1)
})

test('after a restart PAUSED and Retry-After hold, FAILING probes at once', () => {
  const later = { ...newHealth, ...failing, probeAt: NOW + 300_000 }
  assert.equal(healthAtTaking(later, NOW).probeAt, NOW)
  const paused: DestinationHealth = { ...newHealth, state: 'PAUSED', heldUntil: NOW + 9 }
  assert.deepEqual(healthAtTaking(paused, NOW), paused)
})

test('held: a hold that ran out while the destination was OK is over; the next one, a failing or a pause, begins anew', () => {
  const before = { ...newHealth, heldUntil: NOW - 1, heldSince: NOW - 1_000 }
  assert.equal(after([unavailable], before).heldSince, NOW)
  assert.equal(after([{ ...retry, waitMs: 5 }], before).heldSince, NOW)
  assert.equal(steered(before, { state: 'PAUSED', reason: 'by-staff', now: NOW })?.heldSince, NOW)
  const still = { ...before, heldUntil: NOW + 1 }
  assert.equal(after([unavailable], still).heldSince, NOW - 1_000)
  assert.equal(steered(still, { state: 'PAUSED', reason: 'by-staff', now: NOW })?.heldSince, NOW - 1_000)
  assert.equal(after([unavailable], { ...failing, heldUntil: NOW - 1 }).heldSince, NOW - 5)
})

test('held: a moment that lies ahead, since the clock was set back, is no later than now', () => {
  const ahead = { ...newHealth, ...failing, heldSince: NOW + 7_200_000 }
  assert.equal(healthAtTaking(ahead, NOW).heldSince, NOW)
})
