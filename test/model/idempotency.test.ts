/** Idempotency and limits: thousands of random histories, each answer held against the reference model. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Submitted } from '../../src/http/intake.ts'
import { type Expected, referenceModel } from './reference-model.ts'
import { type Sent, type Stage, startStage } from './stage.ts'

const LIMIT = 3
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const BODIES = [
  { message: 'one' },
  { message: 'two' },
  { message: 'one', subject: 's' },
  { message: 'one', type: 'BUG' },
  { message: 'one', context: { a: 1 } },
  { message: 'one', context: { a: 2 } },
]

const sent = fc.record({
  user: fc.constantFrom('a', 'b'),
  key: fc.constantFrom(null, 'k1', 'k1', 'k2', 'k3'),
  body: fc.constantFrom(...BODIES),
})
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send' as const), sent }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('together' as const),
      all: fc.array(sent, { minLength: 2, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), sent }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, MINUTE, 20 * MINUTE, 60 * MINUTE - 1, 60 * MINUTE, DAY, 7 * DAY - 1, 7 * DAY, 8 * DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      ms: fc.constantFrom(-DAY, -60 * MINUTE, -60 * MINUTE + 1, -20 * MINUTE, 20 * MINUTE, DAY),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The answer is what the model says; an id that was never told is learnt, one that was told stays. */
const compare = (expected: Expected, actual: Submitted): void => {
  switch (expected.outcome) {
    case 'accepted':
    case 'repeated':
      assert.ok(actual.ok, `${expected.outcome}, not ${JSON.stringify(actual)}`)
      assert.equal(actual.repeated, expected.outcome === 'repeated')
      expected.ticket.id ??= actual.id
      assert.deepEqual([actual.id, actual.createdAt], [expected.ticket.id, expected.ticket.at])
      break
    case 'key-reused':
      assert.ok(!actual.ok)
      assert.equal(actual.problem.code, 'KEY_REUSED')
      break
    case 'limited':
      assert.ok(!actual.ok, 'limited')
      assert.deepEqual(
        [actual.problem.code, actual.problem.retryAfterSeconds],
        ['RATE_LIMITED', expected.retryAfterSeconds],
      )
  }
}

let histories = 0

const play = async (stage: Stage, steps: readonly Step[]): Promise<void> => {
  histories += 1
  const model = referenceModel(LIMIT)
  const names = new Map(['a', 'b'].map(user => [user, `${user}-${histories}`]))
  const mine = (one: Sent): Sent => ({ ...one, user: names.get(one.user) ?? '' })
  for (const one of steps) {
    switch (one.kind) {
      case 'send':
        compare(model.submit(mine(one.sent), stage.clock.now()), await stage.send(mine(one.sent)))
        break
      case 'together': {
        const expected = one.all.map(each => model.submit(mine(each), stage.clock.now()))
        const actual = await Promise.all(one.all.map(each => stage.send(mine(each))))
        for (const [i, each] of actual.entries()) compare(expected[i] ?? assert.fail(), each)
        break
      }
      case 'crash': {
        // Committed, but nobody was told; whoever wrote sends again.
        model.submit(mine(one.sent), stage.clock.now())
        await stage.send(mine(one.sent))
        await stage.restart()
        compare(model.submit(mine(one.sent), stage.clock.now()), await stage.send(mine(one.sent)))
        break
      }
      case 'restart':
        await stage.restart()
        break
      case 'wait':
        await stage.clock.advance(one.ms)
        break
      case 'jump':
        stage.clock.jump(one.ms)
    }
  }
  for (const user of names.values()) {
    const accepted = model.accepted.filter(({ sent }) => sent.user === user)
    const stored = await stage.stored(user)
    assert.equal(stored.length, accepted.length)
    for (const { id } of accepted) assert.ok(id === undefined || stored.includes(id))
    const told = accepted.flatMap(({ id }) => id ?? [])
    assert.equal(new Set(told).size, told.length, 'no two tickets have one id')
  }
}

const steps = fc.array(step, { minLength: 5, maxLength: 15 })

test('2,000 histories with crashes and restarts are answered as the model says, and store what it says', async () => {
  const stage = await startStage('direct', LIMIT)
  try {
    await fc.assert(
      fc.asyncProperty(steps, one => play(stage, one)),
      { seed: 4, numRuns: 2_000 },
    )
  } finally {
    await stage.close()
  }
})

test('300 more, through the threads and their batches', async () => {
  const stage = await startStage('threaded', LIMIT)
  const withoutRestarts = steps.map(all => all.filter(({ kind }) => kind !== 'restart' && kind !== 'crash'))
  try {
    await fc.assert(
      fc.asyncProperty(withoutRestarts, one => play(stage, one)),
      { seed: 5, numRuns: 300 },
    )
  } finally {
    await stage.close()
  }
})
