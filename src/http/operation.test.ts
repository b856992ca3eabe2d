import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { answerWith } from '../../test/support/receiver.ts'
import { post, token } from '../../test/support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess()
})
after(() => at.stop())

test('/status and /livez answer 200 {} while tickets can be taken, also when destinations fail', async () => {
  at.receiver.reply = answerWith(404, 'no_service')
  await post(at.address, { message: 'm' })
  await at.receiver.seen(2)
  for (const path of ['/status', '/livez']) {
    const answer = await fetch(at.address + path)
    assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
    assert.equal((await fetch(at.address + path, { method: 'HEAD' })).status, 200)
  }
})

test('the log holds neither text nor token nor hook, and routes without their query', async () => {
  at.receiver.reply = answerWith(503, 'echo /services/T0/B0/devsupport')
  const secret = token()
  await post(
    at.address,
    { subject: 'a private subject', message: 'a private message' },
    { authorization: `Bearer ${secret}` },
  )
  await post(at.address, { message: ' ' }, { authorization: 'Bearer not-a-token' })
  await fetch(`${at.address}/status?private=query`)
  await fetch(`${at.address}/nowhere?private=query`)
  const log = at.log.join('')
  assert.ok(log.includes('"outcome"') && log.includes('"requestId"'))
  for (const word of ['private', secret.slice(-20), '/services/', 'not-a-token', 'Ada'])
    assert.ok(!log.includes(word), word)
})

test('every line of the log is one JSON object with a time', () => {
  for (const line of at.log) assert.ok(typeof JSON.parse(line).time === 'string')
})
