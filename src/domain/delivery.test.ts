/** Each row of the table of states of a delivery is a test. Rows of later work (replay, moved, erased) are not there yet. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  type AttemptContext,
  afterAttempt,
  type DeliveryProgress,
  deliveryId,
  eventId,
  newProgress,
} from './delivery.ts'
import { type DestinationHealth, newHealth } from './destination-health.ts'
import type { Outcome } from './outcome.ts'
import { BUDGET_MS } from './schedule.ts'

const NOW = 1_764_028_800_000
const key = { ticketNumber: 7, eventNumber: 1, destination: 'devsupport' }
const fresh = newProgress(key, NOW - 1_000)
const retry: Outcome = { kind: 'retry', reason: 'http-503' }
const unavailable: Outcome = { kind: 'unavailable', reason: 'http-404' }
const unclear: Outcome = { kind: 'unclear', reason: 'unexpected-200' }
const refused: Outcome = { kind: 'refused', reason: 'slack-invalid-blocks' }

const attempt = (
  outcome: Outcome,
  options: { progress?: Partial<DeliveryProgress>; health?: Partial<DestinationHealth> } & Partial<AttemptContext> = {},
) => {
  const { progress, health, ...context } = options
  return afterAttempt({ ...fresh, ...progress }, { ...newHealth, ...health }, outcome, {
    now: NOW,
    startedAt: NOW - 40,
    isProbe: false,
    fraction: 0.5,
    nextLevel: null,
    ...context,
  })
}

test('– → PENDING: a new delivery is due at once, with nothing spent', () => {
  assert.deepEqual(
    [fresh.nextAttemptAt, fresh.attempts, fresh.level, fresh.step, fresh.spentMs, fresh.attemptedAt],
    [NOW - 1_000, 0, 0, 0, 0, null],
  )
})

test('PENDING → DELIVERED: delivered', () => {
  const { state, reason, progress } = attempt({ kind: 'delivered' })
  assert.deepEqual([state, reason, progress.attempts, progress.attemptedAt], ['DELIVERED', null, 1, NOW - 40])
})

test('PENDING → PENDING: retry, due again after the backoff', () => {
  const { state, reason, progress } = attempt(retry)
  assert.deepEqual([state, reason], ['PENDING', 'http-503'])
  assert.deepEqual(
    [progress.nextAttemptAt, progress.backoffMs, progress.step, progress.spentMs],
    [NOW + 500, 500, 1, 0],
  )
})

test('PENDING → PENDING: retry, the backoff is charged once it was waited out', () => {
  const first = attempt(retry).progress
  const second = attempt(retry, { progress: first }).progress
  assert.deepEqual([first.spentMs, second.spentMs, second.backoffMs, second.step], [0, 500, 1_000, 2])
})

test('PENDING → PENDING: what is charged is the backoff, however long the wait was', () => {
  const waited = { ...attempt(retry).progress }
  const weekLater = attempt(retry, { progress: waited, now: NOW + 7 * 86_400_000 }).progress
  assert.equal(weekLater.spentMs, 500)
})

test('PENDING → PENDING: a probe neither charges nor advances the budget', () => {
  const waiting = { ...attempt(retry).progress, nextAttemptAt: NOW + 600_000 }
  const probed = attempt(retry, { progress: waiting, isProbe: true }).progress
  assert.deepEqual(
    [probed.spentMs, probed.step, probed.backoffMs, probed.nextAttemptAt, probed.attempts],
    [waiting.spentMs, waiting.step, waiting.backoffMs, waiting.nextAttemptAt, waiting.attempts + 1],
  )
})

test('PENDING → PENDING: refused with a level left, the next level at once', () => {
  const { state, progress } = attempt(refused, { nextLevel: 1 })
  assert.deepEqual([state, progress.level, progress.nextAttemptAt, progress.backoffMs], ['PENDING', 1, NOW, 0])
})

test('PENDING → PENDING: a step down is not charged to the budget', () => {
  const down = attempt(refused, { progress: { backoffMs: 800 }, nextLevel: 1 }).progress
  assert.equal(attempt(retry, { progress: down }).progress.spentMs, 800)
})

test('PENDING → PENDING: unavailable waits for the destination', () => {
  const { state, progress, health } = attempt(unavailable)
  assert.deepEqual([state, progress.unavailableCount, progress.step, health.state], ['PENDING', 1, 0, 'FAILING'])
})

test('PENDING → PENDING: unclear, first and second, not before a minute', () => {
  const first = attempt(unclear)
  const second = attempt(unclear, { progress: first.progress })
  assert.deepEqual([first.state, second.state], ['PENDING', 'PENDING'])
  assert.deepEqual([first.progress.nextAttemptAt, second.progress.nextAttemptAt], [NOW + 60_000, NOW + 60_000])
  assert.equal(second.health.state, 'OK')
})

test('PENDING → DEAD: refused at the last level', () => {
  const { state, reason } = attempt(refused)
  assert.deepEqual([state, reason], ['DEAD', 'slack-invalid-blocks'])
})

test('PENDING → DEAD: unavailable 8 times, another’s success between each', () => {
  let progress = fresh
  for (let count = 1; count <= 8; count += 1) {
    const after = attempt(unavailable, { progress, health: { successCount: count } })
    progress = after.progress
    assert.equal(after.state, count < 8 ? 'PENDING' : 'DEAD', `answer ${count}`)
  }
})

test('PENDING → PENDING: unavailable any number of times without another’s success kills nothing', () => {
  let progress = fresh
  for (let i = 0; i < 100; i += 1) {
    const after = attempt(unavailable, { progress, health: { successCount: 3 }, isProbe: true })
    progress = after.progress
    assert.deepEqual([after.state, progress.unavailableCount], ['PENDING', 1])
  }
})

test('PENDING → PENDING: an unavailable probe leaves the backoff that is under way as it was', () => {
  const waiting = attempt(retry, { progress: { backoffMs: 8_000 } }).progress
  const probed = attempt(unavailable, { progress: waiting, isProbe: true }).progress
  assert.deepEqual(
    [probed.nextAttemptAt, probed.backoffMs, probed.step],
    [waiting.nextAttemptAt, waiting.backoffMs, waiting.step],
  )
})

test('PENDING → DEAD: 72 h of backoff spent', () => {
  const almost = attempt(retry, { progress: { spentMs: BUDGET_MS - 1_001, backoffMs: 1_000 } })
  const spent = attempt(retry, { progress: { spentMs: BUDGET_MS - 1_000, backoffMs: 1_000 } })
  assert.deepEqual([almost.state, spent.state, spent.reason], ['PENDING', 'DEAD', 'budget-spent'])
})

test('PENDING → DEAD: third unclear answer while another passed', () => {
  const twice = { unclearCount: 2, unclearMark: 4 }
  const { state, reason, health } = attempt(unclear, { progress: twice, health: { successCount: 5 } })
  assert.deepEqual([state, reason, health.state], ['DEAD', 'unexpected-200', 'OK'])
})

test('PENDING → PENDING: third unclear answer while none passed pauses the destination, for staff to decide', () => {
  const twice = { unclearCount: 2, unclearMark: 4 }
  const { state, health } = attempt(unclear, { progress: twice, health: { successCount: 4 } })
  assert.deepEqual([state, health.state, health.reason], ['PENDING', 'PAUSED', 'unexpected-200'])
})

test('the first unclear answer remembers how many had passed by then', () => {
  assert.equal(attempt(unclear, { health: { successCount: 9 } }).progress.unclearMark, 9)
  assert.equal(
    attempt(unclear, { progress: { unclearCount: 1, unclearMark: 2 }, health: { successCount: 9 } }).progress
      .unclearMark,
    2,
  )
})

test('whatever happens in whatever order: attempts count, nothing spent comes back, and what stays PENDING is due', () => {
  const outcome = fc.constantFrom<Outcome>(retry, { ...retry, waitMs: 9_000 }, unavailable, unclear, refused)
  const step = fc.record({ outcome, isProbe: fc.boolean(), fraction: fc.double({ min: 0, max: 0.999, noNaN: true }) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), steps => {
      let [progress, health, now] = [fresh, newHealth, NOW]
      for (const { outcome, isProbe, fraction } of steps) {
        const context = {
          now,
          startedAt: now - 1,
          isProbe,
          fraction,
          nextLevel: progress.level < 2 ? progress.level + 1 : null,
        }
        const after = afterAttempt(progress, health, outcome, context)
        assert.equal(after.progress.attempts, progress.attempts + 1)
        assert.ok(after.progress.spentMs >= progress.spentMs)
        assert.equal(after.progress.spentMs - progress.spentMs, isProbe ? 0 : progress.backoffMs)
        assert.notEqual(after.reason, null)
        if (after.state === 'DEAD') return assert.equal(outcome.kind === 'retry' ? after.reason : 'other', 'other')
        assert.ok(after.progress.nextAttemptAt <= Math.max(progress.nextAttemptAt, now + 3_600_000))
        if (outcome.kind === 'unclear') assert.equal(after.progress.nextAttemptAt, now + 60_000)
        ;({ progress, health } = after)
        now += 30_000
      }
    }),
  )
})

test('every request that was to show the ticket counts as an attempt', () => {
  for (const outcome of [retry, refused, unavailable, unclear, { kind: 'delivered' } as const]) {
    assert.equal(attempt(outcome, { progress: { attempts: 4 } }).progress.attempts, 5)
  }
})

test('ids are made of what they name, and hold no full stop', () => {
  const ticketId = '0199aaaa-bbbb-7000-8000-000000000001'
  assert.equal(eventId(ticketId, 2), `${ticketId}-2`)
  assert.equal(deliveryId(ticketId, key), `${ticketId}-1-devsupport`)
})
