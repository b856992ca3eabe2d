import assert from 'node:assert/strict'
import test from 'node:test'
import { idMaker } from './id.ts'

const arrange = (at = 1_764_028_800_000) => {
  const clock = { at, now: () => clock.at }
  let seed = 1
  const bytes = (count: number) =>
    Uint8Array.from({ length: count }, () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed & 0xff
    })
  return { clock, next: idMaker(clock, { bytes }) }
}

test('an id is a UUID of version 7 that holds its moment', () => {
  const id = arrange().next()
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), 1_764_028_800_000)
})

test('ids grow within a millisecond, over its end, and over more of them than a millisecond holds', () => {
  const { clock, next } = arrange()
  const ids = Array.from({ length: 10_000 }, (_, i) => {
    if (i === 5_000) clock.at += 1
    return next()
  })
  assert.deepEqual(ids, ids.toSorted())
  assert.equal(new Set(ids).size, ids.length)
})

test('ids do not go back when the clock does', () => {
  const { clock, next } = arrange()
  const before = next()
  clock.at -= 3_600_000
  assert.ok(next() > before)
})
