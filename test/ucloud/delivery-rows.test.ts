/** Contract 1.3, the rows on destinations that fail: the user is told the truth, which is that the ticket is kept; and it arrives. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { load } from '../support/config.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { answerWith } from '../support/receiver.ts'
import { configurationFor, post, SECRET } from '../support/service.ts'
import { bearer, startStage } from './stage.ts'

let at: InProcess
before(async () => {
  at = await startInProcess({
    configure: url => configurationFor(url).replace('kind: slack,', 'kind: slack, rate: 1000/s,'),
  })
})
after(() => at.stop())

const isSlack = ({ path }: { path: string }) => path.startsWith('/services/')
/** Sends, and counts what each of the two destinations has seen of it once `count` requests came in all. */
const outcome = async (message: string, count: number) => {
  const seen = at.receiver.received.length
  const answer = await post(at.address, { message }, bearer())
  assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
  await at.receiver.seen(seen + count)
  const received = at.receiver.received.slice(seen)
  for (const { body } of received) assert.ok(body.includes(message), body)
  const slack = received.filter(isSlack)
  return { slack: slack.length, other: received.length - slack.length }
}
/** The first requests that `when` picks are answered by `first`, everything else with success. */
const failing = (count: number, when: (received: { path: string }) => boolean, first: typeof at.receiver.reply) => {
  let left = count
  at.receiver.reply = (received, response) => {
    const fails = when(received) && left-- > 0
    ;(fails ? first : answerWith(200, 'ok'))(received, response)
  }
}

for (const status of [500, 503, 429] as const) {
  test(`1.3, Slack refuses with ${status}: 200, and sent again until Slack takes it; Kotlin had 500, Go lost it`, async () => {
    const wait: Record<string, string> = status === 429 ? { 'retry-after': '0' } : {}
    failing(1, isSlack, answerWith(status, 'no', wait))
    assert.deepEqual(await outcome(`refused with ${status}`, 3), { slack: 2, other: 1 })
  })
}

test('1.3, Slack unreachable: 200, and sent when it is back; both originals had an error, the mail gone out or not', async () => {
  failing(1, isSlack, (_received, response) => void response.socket?.destroy())
  assert.deepEqual(await outcome('unreachable', 3), { slack: 2, other: 1 })
})

test('1.3, mail fails: 200, and the second channel is tried again as the first would be; both originals forgot it', async () => {
  failing(2, received => !isSlack(received), answerWith(500))
  assert.deepEqual(await outcome('the second channel', 4), { slack: 1, other: 3 })
})

test('1.3, no Slack hook configured: 200, and the ticket goes to what is configured', async () => {
  const stage = await startStage()
  try {
    const answer = await stage.send({ message: 'without Slack' })
    assert.equal((await stage.delivered(answer)).message, 'without Slack')
  } finally {
    await stage.stop()
  }
})

test('1.3, no Slack hook configured and mail off too: it does not start; Go said 200 and the ticket was gone', () => {
  const loaded = load({ '/home/support-relay.yaml': `auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }\n` })
  assert.ok('problems' in loaded)
  assert.deepEqual(loaded.problems.map(({ key }) => key).sort(), ['destinations', 'routes'])
})
