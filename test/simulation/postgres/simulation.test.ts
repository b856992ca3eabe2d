/** The simulation's histories on a real PostgreSQL: the same world and the same books, with the way to the database, its locks and its clock as
 *  part of what goes wrong. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { play } from '../history.ts'
import { postgres } from './ground.ts'

const HISTORIES = [3, 5]
const met = new Set<string>()
let lifetimes = 0

for (const seed of HISTORIES) {
  test(`on PostgreSQL, history ${seed}: nothing acknowledged is lost, sent out of order or too early, or sent again without cause`, async () => {
    const told = await play(seed, postgres)
    lifetimes += told.lifetimes
    for (const what of told.met) met.add(what)
  })
}

test('those histories had more than a hundred tickets, and the troubles that a database can make', () => {
  // A calm in which nothing happens would prove nothing. (A lock that is waited for in vain depends on who comes first, which the server decides.)
  assert.ok(lifetimes > 100, `${lifetimes} tickets`)
  for (const trouble of [
    'a COMMIT whose answer is lost',
    'a database that is away',
    'a lease that runs out',
    'a transaction that stands still',
    'a wait for a lock',
  ])
    assert.ok(met.has(trouble), trouble)
})
