import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { answerWith } from '../../test/support/receiver.ts'
import { configurationFor, HOOK_SECRET, post, token } from '../../test/support/service.ts'
import type { Delivery } from '../api/ticket.ts'
import { openDatabase } from '../store/sqlite/database.ts'

let at: InProcess
before(async () => {
  // Slack's pace of a message a second would make this slow.
  at = await startInProcess({
    configure: url =>
      configurationFor(url)
        .replace('/devsupport"', '/devsupport", rate: none')
        .replace('routes:', `  vault: { kind: webhook, url: "${url}/vault", secret: "${HOOK_SECRET}" }\nroutes:`),
  })
})
after(() => at.stop())
afterEach(() => {
  at.receiver.reply = answerWith(200, 'ok')
})

const as = (role: string) => ({ authorization: `Bearer ${token({ sub: 'staff', role })}` })
const replay = async (body: unknown, headers: Record<string, string> = as('ADMIN')) => {
  const answer = await fetch(`${at.address}/api/support/replay`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}
const deliveriesOf = async (id: string): Promise<Delivery[]> => {
  const url = `${at.address}/api/support/retrieve?id=${id}&includeDeliveries=true`
  return (await (await fetch(url, { headers: as('ADMIN') })).json()).deliveries
}
const stateOf = async (id: string, destination = 'devsupport') =>
  (await deliveriesOf(id)).find(each => each.destination === destination)?.state
const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise(resolve => setImmediate(resolve))
}
let writers = 0
/** A ticket that Slack refuses at every level. @returns its id, and that of the dead delivery */
const refused = async () => {
  at.receiver.reply = answerWith(400, 'invalid_payload')
  writers += 1
  const answer = await post(at.address, { message: 'm' }, { authorization: `Bearer ${token({ sub: `w${writers}` })}` })
  const ticket = answer.headers.get('ticket-id') ?? ''
  await until(async () => (await stateOf(ticket)) === 'DEAD')
  at.receiver.reply = answerWith(200, 'ok')
  return { ticket, delivery: `${ticket}-1-devsupport`, reference: answer.headers.get('ticket-reference') }
}
const shownAt = (path: string) => at.receiver.received.filter(request => request.path.endsWith(path)).length

test('a dead delivery that is replayed goes out; twice is once', async () => {
  const { ticket, delivery } = await refused()
  const before = shownAt('devsupport')
  assert.deepEqual(await replay({ ids: [delivery], dryRun: true }), { status: 200, body: { count: 1 } })
  assert.equal(await stateOf(ticket), 'DEAD')
  assert.deepEqual((await replay({ ids: [delivery, delivery] })).body, { count: 1 })
  await replay({ ids: [delivery] })
  await until(async () => (await stateOf(ticket)) === 'DELIVERED')
  assert.deepEqual((await replay({ ids: [delivery] })).body, { count: 0 })
  assert.equal(shownAt('devsupport'), before + 1)
})

test('the filters: ticket by reference in any spelling, destination, reason, window; all must hold', async () => {
  const { ticket, reference } = await refused()
  const dry = async (filters: object) => (await replay({ ...filters, dryRun: true })).body.count
  const spelt = reference?.toLowerCase()
  assert.equal(await dry({ filterTicket: spelt }), 1)
  assert.equal(await dry({ filterTicket: ticket.toUpperCase(), filterDestination: 'devsupport' }), 1)
  assert.equal(await dry({ filterTicket: ticket, filterDestination: 'archive' }), 0)
  assert.equal(await dry({ filterTicket: ticket, filterReason: 'slack-invalid-payload' }), 1)
  assert.equal(await dry({ filterTicket: ticket, filterReason: 'slack-invalid' }), 0)
  assert.equal(await dry({ filterTicket: ticket, from: Date.now() + 60_000 }), 0)
  assert.equal(await dry({ filterTicket: ticket, from: 0, to: Date.now() + 60_000 }), 1)
  assert.equal(await dry({ filterTicket: 'SUP-0000-0000' }), 0)
  assert.equal(await dry({ filterTicket: ticket, filterState: 'PENDING' }), 0)
  assert.deepEqual((await replay({ filterReason: 'slack-invalid-payload', ids: [] })).body, { count: 1 })
  await until(async () => (await stateOf(ticket)) === 'DELIVERED')
})

test('a delivered one is sent again when it is asked for by its state, with the same id', async () => {
  const answer = await post(at.address, { message: 'again' }, { authorization: `Bearer ${token({ sub: 'again' })}` })
  const ticket = answer.headers.get('ticket-id') ?? ''
  await until(async () => (await stateOf(ticket, 'archive')) === 'DELIVERED')
  assert.deepEqual((await replay({ ids: [`${ticket}-1-archive`], filterState: 'DELIVERED' })).body, { count: 1 })
  const sent = () =>
    at.receiver.received
      .filter(({ headers }) => headers['webhook-id'] === `${ticket}-1-archive`)
      .map(({ body }) => body)
  await until(async () => sent().length === 2)
  const [first, second] = sent()
  assert.equal(second, first)
})

test('to another destination, which gets it once', async () => {
  const { ticket, delivery } = await refused()
  // Refused there too at first, and sent once more by itself.
  await until(async () => (await stateOf(ticket, 'archive')) === 'DELIVERED')
  // This ticket's alone: those of the tests before may still be on their way.
  const sent = () =>
    at.receiver.received.filter(({ headers }) => String(headers['webhook-id']).startsWith(`${ticket}-`)).length
  const before = sent()
  assert.ok(before > 0)
  assert.deepEqual((await replay({ ids: [delivery], toDestination: 'archive' })).body, { count: 0 })
  const [here] = (await deliveriesOf(ticket)).filter(({ destination }) => destination === 'devsupport')
  assert.deepEqual([here?.state, here?.reason], ['DEAD', 'moved'])
  assert.equal(sent(), before)
})

test('of one event that two gave up one goes to the other place, counted so by a dry run', async () => {
  const { ticket } = await refused()
  await until(async () => (await stateOf(ticket, 'archive')) === 'DELIVERED')
  const db = openDatabase(join(at.folder, 'data', 'support-relay.db'))
  db.exec(
    "update deliveries set state = 'DEAD', reason = 'http-404' where state = 'DELIVERED' and destination = 'archive'",
  )
  db.close()
  const order = { filterTicket: ticket, toDestination: 'vault' }
  const sweep = { filterState: 'DEAD', from: 0, toDestination: 'vault' }
  const counts = [
    (await replay({ ...sweep, dryRun: true })).body.count,
    (await replay({ ...order, dryRun: true })).body.count,
    (await replay(order)).body.count,
    (await replay({ ...sweep, dryRun: true })).body.count,
  ]
  const real = (await replay(sweep)).body.count
  assert.deepEqual(counts.slice(1), [1, 1, real])
  assert.equal(counts[0], 1 + real)
})

for (const [what, body, status, why] of [
  ['nothing is named', {}, 400, /Say which deliveries/],
  ['an empty list is no filter', { ids: [] }, 400, /Say which deliveries/],
  ['a state that there is not', { filterState: 'LOST' }, 400, /"filterState" must be one of PENDING, DELIVERED, DEAD/],
  ['ids that are no list', { ids: 'x' }, 400, /"ids" must be a list of texts/],
  ['a moment that is none', { from: 'yesterday' }, 400, /"from" must be a whole number of milliseconds/],
  [
    'a slip in a name',
    { filterState: 'DEAD', dryrun: true },
    400,
    /"dryrun" is not a field of this call; there are ids,/,
  ],
  ['a dry run that is neither', { filterState: 'DEAD', dryRun: 'yes' }, 400, /"dryRun" must be true or false/],
  ['an id that is none', { ids: ['x'] }, 404, /nothing was replayed/],
  [
    'a name that was typed wrong',
    { filterDestination: 'nowhere' },
    404,
    /"filterDestination", so nothing was replayed/,
  ],
  [
    'a destination to send to that there is not',
    { filterState: 'DEAD', toDestination: 'nowhere' },
    404,
    /no such destination/,
  ],
] as const) {
  test(`refused: ${what}`, async () => {
    const answer = await replay(body)
    assert.equal(answer.status, status)
    assert.match(answer.body.why, why)
  })
}

test('one id that is not there, and nothing is replayed', async () => {
  const { ticket, delivery } = await refused()
  const unknown = delivery.replace(/-devsupport$/, '-nowhere')
  assert.equal((await replay({ ids: [delivery, unknown] })).status, 404)
  assert.equal(await stateOf(ticket), 'DEAD')
})

test('users may not, and are told before anybody looks at what they sent', async () => {
  assert.equal((await replay('garbage', as('USER'))).status, 403)
  assert.equal((await replay('garbage', {})).status, 401)
})

test('who replayed what, when and why, is recorded, and all but why told in the log', async () => {
  const { delivery } = await refused()
  await replay({ ids: [delivery], filterReason: 'slack-invalid-payload', why: 'The hook is new.' })
  const db = openDatabase(join(at.folder, 'data', 'support-relay.db'), { readOnly: true })
  const row = db.prepare('select * from audit order by at desc, id desc limit 1').get()
  db.close()
  assert.deepEqual([row?.by, row?.act, row?.count], ['staff', 'replay', 1])
  const { reason, why } = JSON.parse(String(row?.detail))
  assert.deepEqual([reason, why], ['slack-invalid-payload', 'The hook is new.'])
  assert.ok(!at.log.some(line => line.includes('The hook is new.')))
  assert.equal((await replay({ ids: [delivery], why: 'x'.repeat(501) })).status, 400)
  assert.ok(at.log.some(line => line.includes('"replayed"') && line.includes('"by":"staff"')))
})
