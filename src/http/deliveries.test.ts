/** `browseDeliveries` and `testDestination` over HTTP. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { answerWith } from '../../test/support/receiver.ts'
import { configurationFor, post, token } from '../../test/support/service.ts'
import type { Delivery } from '../api/ticket.ts'

let at: InProcess
before(async () => {
  at = await startInProcess({
    configure: url => configurationFor(url).replace('/devsupport"', '/devsupport", rate: none'),
  })
})
after(() => at.stop())
afterEach(() => {
  at.receiver.reply = answerWith(200, 'ok')
})

const as = (role: string) => ({ authorization: `Bearer ${token({ sub: 'staff', role })}` })
const list = async (query = '', role = 'ADMIN') => {
  const answer = await fetch(`${at.address}/api/support/browseDeliveries?${query}`, { headers: as(role) })
  return { status: answer.status, body: await answer.json() }
}
const testOf = async (body: unknown, role = 'ADMIN') => {
  const answer = await fetch(`${at.address}/api/support/testDestination`, {
    method: 'POST',
    headers: as(role),
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}
const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise(resolve => setImmediate(resolve))
}
let writers = 0
const write = async () => {
  writers += 1
  const answer = await post(at.address, { message: 'm' }, { authorization: `Bearer ${token({ sub: `w${writers}` })}` })
  return { id: answer.headers.get('ticket-id') ?? '', reference: answer.headers.get('ticket-reference') ?? '' }
}
const ids = ({ body }: { body: { items: Delivery[] } }) => body.items.map(({ id }) => id)

test('deliveries come newest first by id, page after page, each filter leaving out what does not pass', async () => {
  const before = Date.now()
  const first = await write()
  await until(async () => ids(await list('filterState=DELIVERED')).length === 2)
  at.receiver.reply = answerWith(400, 'invalid_payload')
  const second = await write()
  await until(async () => ids(await list(`filterTicket=${second.id}&filterState=DEAD`)).length === 1)
  const all = [
    `${second.id}-1-devsupport`,
    `${second.id}-1-archive`,
    `${first.id}-1-devsupport`,
    `${first.id}-1-archive`,
  ]
  assert.deepEqual(ids(await list()), all)
  const one = await list('itemsPerPage=3')
  const two = await list(`itemsPerPage=3&next=${one.body.next}`)
  assert.deepEqual([...ids(one), ...ids(two)], all)
  assert.equal(two.body.next, null)
  assert.deepEqual(ids(await list(`filterTicket=${first.reference.toLowerCase()}`)), all.slice(2))
  assert.deepEqual(ids(await list('filterTicket=SUP-0000-0000')), [])
  assert.deepEqual(ids(await list('filterDestination=devsupport&filterState=DEAD')), [all[0]])
  assert.deepEqual(ids(await list('filterReason=slack-invalid-payload')), [all[0]])
  assert.deepEqual(ids(await list(`from=${before}`)), all)
  assert.deepEqual(ids(await list(`to=${before}`)), [])
  const [dead] = (await list('filterState=DEAD')).body.items
  assert.deepEqual([dead.kind, dead.reason, dead.attempts, dead.log.length], ['slack', 'slack-invalid-payload', 3, 3])
  assert.deepEqual([dead.nextAttemptAt, dead.log[0].outcome, dead.log[0].excerpt], [null, 'REFUSED', 'invalid_payload'])
})

test('wrong parameters are 400 and say what is wrong; users are 403', async () => {
  for (const [query, expected] of [
    ['filterState=LOST', /"filterState" must be one of PENDING, DELIVERED, DEAD/],
    ['from=yesterday', /"from" must be a whole number of milliseconds since 1970/],
    ['from=1.5', /"from"/],
    ['to=1&to=2', /"to" is given more than once/],
    ['next=forged', /does not belong to this list/],
  ] as const) {
    const { status, body } = await list(query)
    assert.equal(status, 400, query)
    assert.match(body.why, expected)
  }
  const page = await list('itemsPerPage=1')
  assert.equal(
    (await list(`itemsPerPage=1&filterState=DEAD&next=${page.body.next}`)).body.errorCode,
    'INVALID_PAGE_TOKEN',
  )
  assert.equal((await list('', 'USER')).status, 403)
})

test('a test message says how the receiver took it, whatever it said, and makes no ticket', async () => {
  const before = at.receiver.received.length
  assert.deepEqual(await testOf({ name: 'archive' }), {
    status: 200,
    body: { outcome: 'DELIVERED', status: 200, excerpt: 'ok' },
  })
  const sent = at.receiver.received[before]
  const { type, data } = JSON.parse(sent?.body ?? '{}')
  assert.deepEqual([type, Object.keys(data)], ['support.test', ['headline', 'text']])
  at.receiver.reply = answerWith(404, 'no_service')
  assert.deepEqual((await testOf({ name: 'devsupport' })).body, {
    outcome: 'UNAVAILABLE',
    status: 404,
    excerpt: 'no_service',
  })
})

test('a test that succeeds makes a failing destination OK, and goes to a paused one too', async () => {
  const state = async () => {
    const answer = await fetch(`${at.address}/api/support/browseDestinations`, { headers: as('ADMIN') })
    const { items } = await answer.json()
    return items.find(({ name }: { name: string }) => name === 'devsupport').state
  }
  at.receiver.reply = answerWith(404, 'no_service')
  await testOf({ name: 'devsupport' })
  assert.equal(await state(), 'FAILING')
  at.receiver.reply = answerWith(200, 'ok')
  assert.equal((await testOf({ name: 'devsupport' })).body.outcome, 'DELIVERED')
  assert.equal(await state(), 'OK')
  const steer = (call: string) =>
    fetch(`${at.address}/api/support/${call}`, { method: 'POST', headers: as('ADMIN'), body: '{"name":"devsupport"}' })
  await steer('pauseDestination')
  assert.equal((await testOf({ name: 'devsupport' })).body.outcome, 'DELIVERED')
  assert.equal(await state(), 'PAUSED')
  await steer('resumeDestination')
})

test('no test goes against a wait that the destination asked for', async () => {
  at.receiver.reply = answerWith(429, '', { 'retry-after': '3600' })
  assert.equal((await testOf({ name: 'devsupport' })).body.outcome, 'RETRY')
  const { status, body } = await testOf({ name: 'devsupport' })
  assert.deepEqual([status, body.errorCode], [429, 'BUSY'])
})

test('an unknown name is 404, none 400, a user 403', async () => {
  assert.equal((await testOf({ name: 'nowhere' })).status, 404)
  assert.equal((await testOf({})).status, 400)
  assert.equal((await testOf({ name: 'archive' }, 'USER')).status, 403)
})
