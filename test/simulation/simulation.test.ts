/** The engine, the domain and the store's core through thousands of lives, under a clock, a network and a disk that follow from a seed. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { play } from './history.ts'
import { occurrences, plant } from './plant.ts'
import { plantedBugs } from './planted-bugs.ts'

const LIFETIMES = 20_000

test('20,000 tickets live through storms: nothing acknowledged is lost, sent out of order or too early, or sent again without a crash', async () => {
  const sum = { lifetimes: 0, repeats: 0, crashes: 0 }
  const died = new Set<string>()
  for (let seed = 1; sum.lifetimes < LIFETIMES; seed += 1) {
    const { lifetimes, repeats, crashes, deaths } = await play(seed)
    for (const reason of deaths) died.add(reason)
    sum.lifetimes += lifetimes
    sum.repeats += repeats
    sum.crashes += crashes
  }
  // A calm in which nothing happens would prove nothing.
  assert.ok(sum.crashes > 300 && sum.repeats > 30, JSON.stringify(sum))
  for (const reason of ['budget-spent', 'http-403', 'held-too-long', 'slack-invalid-payload', 'unconfirmed-http-200'])
    assert.ok(died.has(reason), `nothing died of ${reason}`)
})

for (const [seed, was] of [
  [10_586, 'a pause by staff that whoever had just taken the lease did not hear of'],
  [20_230, 'a delivery that went back to pending after it was given up'],
] as const) {
  test(`seed ${seed} showed ${was}`, async () => {
    await play(seed)
  })
}

test('the same seed is the same history', async () => {
  const [first, second, other] = [await play(7), await play(7), await play(8)]
  assert.deepEqual(second, first)
  assert.notEqual(other.trace, first.trace)
})

test('every bug of the list fits into the source as it is', () => {
  for (const bug of plantedBugs) assert.equal(occurrences(bug), 1, bug.name)
})

for (const name of [
  'Retry-After is ignored',
  'what is under way is taken again',
  'an outcome that the store could not take is forgotten',
]) {
  test(`planted, "${name}" is found`, async () => {
    const bug = plantedBugs.find(bug => bug.name.startsWith(name))
    assert.ok(bug)
    const { found, said } = await plant(bug, 60)
    assert.ok(found, said)
  })
}
