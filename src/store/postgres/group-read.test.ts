import assert from 'node:assert/strict'
import test from 'node:test'
import { accepted } from '../../../test/contracts/store/arrange.ts'
import { freshDatabase } from '../../../test/support/postgres.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { groupRead } from './group-read.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { openPostgresStore } from './store.ts'

test('texts that are asked for in one turn are read by one statement, and each goes to whoever asked for it', async () => {
  const database = await freshDatabase()
  const primary = openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 2 })
  await migrate(primary)
  let reads = 0
  const read: typeof primary.read = work => {
    reads += 1
    return primary.read(work)
  }
  const store = await openPostgresStore({ ...primary, read }, { clock: systemClock, random: systemRandom })
  const numbers: number[] = []
  for (const message of ['First', 'Second', 'Third']) numbers.push((await accepted(store, { message })).number)
  reads = 0
  const texts = await Promise.all(
    [...numbers.toReversed(), 999].map(async ticketNumber => {
      const found = await store.outgoing({ ticketNumber, eventNumber: 1, destination: 'archive' })
      return found?.ticket.message
    }),
  )
  assert.deepEqual([texts, reads], [['Third', 'Second', 'First', undefined], 1])
  await store.close()
  await database.dispose()
})

test('a reading that fails fails for all that were read together, and for nobody after them', async () => {
  let isAway = true
  const one = groupRead<number, number>(async keys => {
    if (isAway) throw new Error('away')
    return keys.map(key => key * 2)
  })
  const answers = await Promise.allSettled([one(1), one(2)])
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  isAway = false
  assert.deepEqual(
    await Promise.all(Array.from({ length: 70 }, (_, i) => one(i))),
    Array.from({ length: 70 }, (_, i) => 2 * i),
  )
})
