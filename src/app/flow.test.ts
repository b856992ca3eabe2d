import assert from 'node:assert/strict'
import test from 'node:test'
import { FakeClock } from '../../test/support/fake-clock.ts'
import { watchFlow } from './flow.ts'

/** Seconds of `perSecond` tickets stored each, and whether more waited meanwhile. */
const arrange = () => {
  const clock = new FakeClock()
  const told: boolean[] = []
  let answered = 0
  let isBehind = false
  const stop = watchFlow({ flow: () => ({ answered, isBehind }), clock, onFlow: isFast => told.push(isFast) })
  return {
    told,
    stop,
    async pass(seconds: number, perSecond: number, behind: boolean) {
      isBehind = behind
      for (let part = 0; part < seconds * 10; part += 1) {
        answered += perSecond / 10
        await clock.advance(100)
      }
    },
  }
}

test('many tickets that nobody waits behind are a fast flow; few are not, and neither are many more than can be stored', async () => {
  const { told, pass } = arrange()
  await pass(5, 200, false)
  await pass(5, 2_000, true)
  assert.deepEqual(told, [false])
  await pass(2, 2_000, false)
  assert.deepEqual(told, [false, true])
})

test('it ends when more wait than can be stored, not when fewer come; a wave that ebbs does not begin it', async () => {
  const { told, pass, stop } = arrange()
  await pass(2, 2_000, false)
  await pass(60, 0, false)
  assert.deepEqual(told, [false, true])
  await pass(1, 2_000, true)
  assert.deepEqual(told, [false, true, false])
  for (let wave = 0; wave < 5; wave += 1) {
    await pass(0.3, 1_900, false)
    await pass(2, 100, false)
    await pass(1, 1_900, true)
  }
  assert.deepEqual(told, [false, true, false])
  stop()
  await pass(2, 2_000, false)
  assert.deepEqual(told, [false, true, false])
})
