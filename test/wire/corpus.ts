/** Runs a table of hostile requests: how many answers, which, and that no ticket was made of another request's bytes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { InProcess } from '../support/in-process.ts'
import {
  answersIn,
  assertDecent,
  body,
  deliveredMessages,
  exchange,
  sized,
  startTarget,
  storedMessages,
} from './wire.ts'

/** What honest cases store. */
export const CARRIER = body('carrier')
/** A whole request of a ticket. It stands where only one of two readings of the bytes before it sees a request. */
export const SMUGGLED = sized(body('smuggled'))

/** The bytes, in one part or several, and the status of every answer in order. */
export type Case = readonly [name: string, bytes: string | readonly string[], statuses: readonly number[]]

export const runCorpus = (cases: readonly Case[]): void => {
  let at: InProcess
  let carried = 0
  before(async () => {
    at = await startTarget()
  })
  after(() => at.stop())

  for (const [name, bytes, statuses] of cases) {
    test(`${name}: ${statuses.join(', then ')}`, async () => {
      const answers = answersIn(await exchange(at, ...[bytes].flat()))
      for (const answer of answers) assertDecent(answer, name)
      assert.deepEqual(
        answers.map(({ status }) => status),
        statuses,
      )
      carried += answers.filter(({ headers }) => 'ticket-reference' in headers).length
      assert.deepEqual(storedMessages(at), Array(carried).fill('carrier'))
    })
  }

  test('of all that, what was answered with 200 and nothing else was stored and delivered', async () => {
    // A ticket of an honest client, behind all others in the store's order and in the destination's.
    assert.deepEqual(
      answersIn(await exchange(at, sized(body('honest')))).map(({ status }) => status),
      [200],
    )
    await at.receiver.seen(carried + 1)
    assert.deepEqual(deliveredMessages(at).sort(), [...Array(carried).fill('carrier'), 'honest'])
    assert.deepEqual(
      at.log.filter(line => /"level":"(warn|error|fatal)"/.test(line)),
      [],
    )
  })
}
