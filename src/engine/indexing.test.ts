import assert from 'node:assert/strict'
import test from 'node:test'
import { FakeClock } from '../../test/support/fake-clock.ts'
import { startIndexing } from './indexing.ts'

/** Answers what is left, one after the other; each slice takes 10 ms. */
const arrange = (answers: readonly (number | Error)[]) => {
  const clock = new FakeClock()
  const asked: number[] = []
  const told: unknown[] = []
  const left = [...answers]
  const stop = startIndexing({
    clock,
    onError: error => told.push(error),
    store: {
      index: async () => {
        asked.push(clock.monotonic())
        await new Promise<void>(resolve => clock.after(10, resolve))
        const answer = left.shift() ?? 0
        if (answer instanceof Error) throw answer
        return answer
      },
    },
  })
  return { clock, asked, told, stop }
}

test('it begins at once, and looks twice a second for something new', async () => {
  const { clock, asked, stop } = arrange([])
  await clock.advance(1_100)
  assert.deepEqual(asked, [0, 510, 1_020])
  stop()
})

test('while there is more, three quarters of the time belong to others', async () => {
  const { clock, asked, stop } = arrange([500, 400, 0])
  await clock.advance(500)
  assert.deepEqual(asked, [0, 40, 80])
  stop()
})

test('trouble is told once, and tried again all along', async () => {
  const trouble = new Error('the store is not answering')
  const { clock, asked, told, stop } = arrange([trouble, trouble, 0, trouble])
  await clock.advance(1_400)
  assert.deepEqual([asked.length, told.length], [3, 1])
  await clock.advance(1_000)
  assert.deepEqual(told, [trouble, trouble])
  stop()
})

test('once stopped it asks nothing more', async () => {
  const { clock, asked, told, stop } = arrange([new Error('closed')])
  await clock.advance(5)
  stop()
  await clock.advance(5_000)
  assert.deepEqual([asked.length, told.length], [1, 0])
})
