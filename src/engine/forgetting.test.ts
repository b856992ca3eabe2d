import assert from 'node:assert/strict'
import test from 'node:test'
import { DAY, HOUR, START } from '../../test/contracts/store/arrange.ts'
import { FakeClock } from '../../test/support/fake-clock.ts'
import type { ForgottenSlice } from '../domain/store.ts'
import { type Forgetting, startForgetting } from './forgetting.ts'

/** Notes what is asked, and answers `tickets` slices before the last. */
const arrange = (slices: readonly ForgottenSlice<string | null>[] = []) => {
  const clock = new FakeClock(START)
  const asked: { before: number; after: string | null; at: number }[] = []
  const told: unknown[] = []
  const left = [...slices]
  const options: Forgetting = {
    clock,
    keep: { tickets: 100 * DAY, attempts: 10 * DAY },
    store: {
      prune: async () => 0,
      forgetTickets: async ({ before, after }) => {
        asked.push({ before, after, at: clock.monotonic() })
        await new Promise<void>(resolve => clock.after(20, resolve)) // what a slice takes
        return left.shift() ?? { removed: 0, after, isLast: true }
      },
      forgetAttempts: async ({ after }) => ({ removed: 0, after, isLast: true }),
    },
    onForgotten: removed => told.push(removed),
    onError: error => told.push(error),
  }
  return { clock, asked, told, stop: startForgetting(options), options }
}

test('every hour it goes on where it ended, and once a day from the start', async () => {
  const { clock, asked, told, stop } = arrange([
    { removed: 2, after: 'a', isLast: false },
    { removed: 1, after: 'b', isLast: true },
  ])
  await clock.advance(3 * HOUR)
  assert.deepEqual(
    asked.map(({ after }) => after),
    [null, 'a', 'b'],
  )
  assert.equal(asked[0]?.before, START + HOUR - 100 * DAY)
  assert.deepEqual(told, [{ tickets: 3, attempts: 0 }])
  await clock.advance(23 * HOUR)
  assert.deepEqual(
    asked
      .slice(3)
      .map(({ after }) => after)
      .filter(after => after === null).length,
    1,
  )
  stop()
})

test('after each slice as much time as it took belongs to others', async () => {
  const { clock, asked, stop } = arrange([{ removed: 1, after: 'a', isLast: false }])
  await clock.advance(HOUR + 1_000)
  assert.deepEqual(
    asked.map(({ at }) => at),
    [HOUR, HOUR + 40],
  )
  stop()
})

test('a clock that jumped ahead makes nothing old until it has stood for an hour', async () => {
  const { clock, asked, stop } = arrange()
  clock.jump(1_000 * DAY)
  await clock.advance(HOUR + 1_000)
  assert.equal(asked.length, 0)
  clock.jump(-1_000 * DAY)
  await clock.advance(HOUR)
  assert.equal(asked.length, 0)
  await clock.advance(HOUR)
  assert.equal(asked.length, 1)
  assert.ok((asked[0]?.before ?? 0) < START)
  stop()
})

test('trouble is told, and tried again in an hour; once stopped it asks nothing more', async () => {
  const { clock, asked, told, stop, options } = arrange()
  stop()
  const trouble = new Error('the store is not answering')
  let tries = 0
  const stopSick = startForgetting({
    ...options,
    store: {
      ...options.store,
      prune: async () => {
        tries += 1
        throw trouble
      },
    },
  })
  await clock.advance(2 * HOUR + 1_000)
  assert.deepEqual([tries, told, asked.length], [2, [trouble, trouble], 0])
  stopSick()
  await clock.advance(5 * HOUR)
  assert.equal(tries, 2)
})
