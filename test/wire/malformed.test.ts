/** Ten thousand malformed requests, and honest clients in between. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { InProcess } from '../support/in-process.ts'
import { post } from '../support/service.ts'
import { mutated } from './mutations.ts'
import {
  type Answer,
  answersIn,
  assertDecent,
  deliveredMessages,
  exchange,
  startTarget,
  storedMessages,
} from './wire.ts'

const REQUESTS = 10_000
const AT_A_TIME = 32
const HONEST_EVERY = 50

let at: InProcess
before(async () => {
  at = await startTarget()
})
after(() => at.stop())

/** Pages answer people in HTML, the rest answers in JSON. */
const isPage = ({ headers }: Answer) => headers['content-type'] === 'text/html; charset=utf-8'

const attack = async (seed: number): Promise<Answer[]> => {
  const bytes = mutated(seed)
  const received = await exchange(at, bytes)
  const what = `seed ${seed}: ${JSON.stringify(bytes)} got ${JSON.stringify(received)}`
  const answers = answersIn(received).filter(({ status }) => status !== 100)
  for (const answer of answers) {
    if (isPage(answer)) assert.ok(answer.status < 500, what)
    else assertDecent(answer, what)
  }
  return answers
}

test('10,000 malformed requests get no 5xx, and every honest one meanwhile is answered with 200 and delivered', async () => {
  const counts = new Map<number, number>()
  const honest: string[] = []
  let accepted = 0
  let next = 1
  const attacker = async () => {
    for (let seed = next++; seed <= REQUESTS; seed = next++) {
      for (const { status, headers } of await attack(seed)) {
        counts.set(status, (counts.get(status) ?? 0) + 1)
        if ('ticket-reference' in headers) accepted += 1
      }
      if (seed % HONEST_EVERY !== 0) continue
      const answer = await post(at.address, { message: `honest ${seed}` })
      assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
      honest.push(`honest ${seed}`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, attacker))

  // The attacks were of many kinds, some of them still whole requests.
  for (const status of [200, 400, 401, 404, 405])
    assert.ok((counts.get(status) ?? 0) > 50, `${status} of ${[...counts]}`)
  const stored = storedMessages(at)
  assert.deepEqual(stored.filter(message => message.startsWith('honest ')).sort(), honest.sort())
  // Whatever was stored was answered: nobody is told "no" and has a ticket all the same.
  assert.equal(stored.length, accepted + honest.length)
  await at.receiver.seen(stored.length)
  assert.deepEqual(deliveredMessages(at).sort(), stored.sort())
  assert.deepEqual(
    at.log.filter(line => /"level":"(warn|error|fatal)"/.test(line)),
    [],
  )
})
