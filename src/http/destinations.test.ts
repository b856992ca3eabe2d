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

const staff = { authorization: `Bearer ${token({ sub: 'staff', role: 'ADMIN' })}` }
const call = (name: string, body?: unknown, headers: Record<string, string> = staff) =>
  fetch(
    `${at.address}/api/support/${name}`,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  )
const browse = async () => (await (await call('browseDestinations')).json()).items

test('staff see every destination with its health', async () => {
  const page = await (await call('browseDestinations')).json()
  assert.deepEqual(
    [page.next, page.items.map((item: { name: string }) => item.name)],
    [null, ['archive', 'devsupport']],
  )
  assert.deepEqual(page.items[1], {
    name: 'devsupport',
    kind: 'slack',
    state: 'OK',
    reason: null,
    pending: 0,
    dead: 0,
    oldestPendingAt: null,
    nextAttemptAt: null,
    lastDeliveredAt: null,
  })
})

test('a paused destination gets nothing, and everything once it is resumed; both can be repeated', async () => {
  for (let i = 0; i < 2; i += 1) {
    const paused = await (await call('pauseDestination', { name: 'archive' })).json()
    assert.deepEqual([paused.name, paused.state, paused.reason], ['archive', 'PAUSED', 'paused-by-staff'])
  }
  await post(at.address, { message: 'm' })
  await at.receiver.seen(1)
  assert.equal((await browse())[0].pending, 1)
  for (let i = 0; i < 2; i += 1)
    assert.equal((await (await call('resumeDestination', { name: 'archive' })).json()).state, 'OK')
  await at.receiver.seen(2)
  assert.deepEqual(
    at.receiver.received.map(({ path }) => path === '/archive'),
    [false, true],
  )
})

test('a failing destination says why, and when it is tried next', async () => {
  at.receiver.reply = answerWith(404, 'no_service')
  const seen = at.receiver.received.length
  await post(at.address, { message: 'm' })
  await at.receiver.seen(seen + 2)
  let slack = (await browse())[1]
  while (slack.state === 'OK') slack = (await browse())[1]
  assert.equal(slack.state, 'FAILING')
  assert.ok(slack.reason && Number.isInteger(slack.nextAttemptAt) && slack.pending === 1)
})

test('users may not, nobody may not, an unknown name is 404 and a missing one 400', async () => {
  const user = { authorization: `Bearer ${token()}` }
  const status = async (answer: Promise<Response>) => (await answer).status
  assert.equal(await status(call('browseDestinations', undefined, user)), 403)
  assert.equal(await status(call('pauseDestination', { name: 'archive' }, user)), 403)
  assert.equal(await status(call('browseDestinations', undefined, {})), 401)
  assert.equal(await status(call('pauseDestination', { name: 'nowhere' })), 404)
  assert.equal(await status(call('resumeDestination', {})), 400)
})
