/** `addComment` and `updateStatus` over HTTP: who may add what, and what it brings about. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { post, token } from '../../test/support/service.ts'
import { openDatabase } from '../store/sqlite/database.ts'

let at: InProcess
before(async () => {
  at = await startInProcess()
})
after(() => at.stop())

let users = 0
const person = (claims: Record<string, unknown> = {}) => {
  users += 1
  const username = `User#${users}`
  const headers = { authorization: `Bearer ${token({ sub: username, ...claims })}` }
  const call = async (name: string, body: unknown, more: Record<string, string> = {}) => {
    const answer = await fetch(`${at.address}/api/support/${name}`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: await answer.json() }
  }
  return {
    username,
    call,
    async write() {
      const answer = await post(at.address, { message: 'It broke.' }, headers)
      return { id: answer.headers.get('ticket-id') ?? '', reference: answer.headers.get('ticket-reference') ?? '' }
    },
    async see(id: string, more = '') {
      const answer = await fetch(`${at.address}/api/support/retrieve?id=${id}&includeTimeline=true${more}`, { headers })
      return { status: answer.status, body: await answer.json() }
    },
    comment: (id: string, more: object = {}) =>
      call('addComment', { items: [{ id, message: 'More of it.', ...more }] }),
    set: (id: string, status: string) => call('updateStatus', { items: [{ id, status }] }),
  }
}
type Person = ReturnType<typeof person>
const staff = person({ role: 'ADMIN' })
const statusOf = async (who: Person, id: string) => (await who.see(id)).body.status

test('a reply by staff answers the ticket; what the user adds opens it again; both stand in the timeline', async () => {
  const ada = person()
  const { id, reference } = await ada.write()
  const reply = await staff.comment(reference.toLowerCase(), { message: 'Try again.' })
  assert.deepEqual(reply, { status: 200, body: { responses: [{ id: `${id}-2` }] } })
  assert.equal(await statusOf(ada, id), 'ANSWERED')
  assert.equal((await ada.comment(id)).status, 200)
  const { timeline, status } = (await ada.see(id)).body
  assert.equal(status, 'IN_PROGRESS')
  assert.deepEqual(
    timeline.map((event: { kind: string; message: string; status: string; by: object }) => [
      event.kind,
      event.message,
      event.status,
      event.by,
    ]),
    [
      ['CREATED', 'It broke.', null, { username: ada.username, name: 'Ada Lovelace', staff: false }],
      ['COMMENTED', 'Try again.', 'ANSWERED', { username: staff.username, name: 'Ada Lovelace', staff: true }],
      ['COMMENTED', 'More of it.', 'IN_PROGRESS', { username: ada.username, name: 'Ada Lovelace', staff: false }],
    ],
  )
})

test('users close their own ticket and open it again; nothing else', async () => {
  const ada = person()
  const { id } = await ada.write()
  assert.equal((await ada.set(id, 'CLOSED')).status, 200)
  assert.equal(await statusOf(ada, id), 'CLOSED')
  assert.deepEqual((await ada.set(id, 'CLOSED')).body, { responses: [{ id: `${id}-2` }] }, 'the event that closed it')
  assert.equal((await ada.set(id, 'IN_PROGRESS')).status, 200)
  for (const status of ['RECEIVED', 'ANSWERED', 'WAITING_FOR_USER']) {
    const { status: code, body } = await ada.set(id, status)
    assert.deepEqual([code, body.errorCode], [403, 'FORBIDDEN'], status)
  }
  assert.equal(await statusOf(ada, id), 'IN_PROGRESS')
  for (const status of ['RECEIVED', 'ANSWERED', 'WAITING_FOR_USER', 'CLOSED'])
    assert.equal((await staff.set(id, status)).status, 200, status)
})

test('an internal note is seen by staff alone', async () => {
  const ada = person()
  const { id } = await ada.write()
  assert.equal((await staff.comment(id, { message: 'Her disk is full.', internal: true })).status, 200)
  assert.equal((await ada.see(id)).body.timeline.length, 1)
  assert.equal((await staff.see(id)).body.timeline[1].internal, true)
  assert.equal(await statusOf(ada, id), 'RECEIVED')
  assert.deepEqual((await ada.comment(id, { internal: true })).status, 403)
})

test('what the caller may not give is 403, what makes no sense 400, and nothing happens', async () => {
  const ada = person()
  const { id } = await ada.write()
  for (const [who, more, status, code] of [
    [ada, { status: 'CLOSED' }, 403, 'FORBIDDEN'],
    [ada, { internal: true, message: ' ' }, 403, 'FORBIDDEN'],
    [staff, { status: 'CLOSED', internal: true }, 400, 'INVALID_FIELD'],
    [staff, { status: 'RECEIVED' }, 400, 'INVALID_FIELD'],
    [staff, { status: 'OPEN' }, 400, 'INVALID_FIELD'],
    [staff, { message: ' \n' }, 400, 'MESSAGE_REQUIRED'],
    [staff, { message: 7 }, 400, 'INVALID_FIELD'],
    [staff, { message: undefined }, 400, 'INVALID_FIELD'],
    [staff, { intrenal: true }, 400, 'INVALID_FIELD'],
    [staff, { message: 'a'.repeat(524_289) }, 413, 'MESSAGE_TOO_LONG'],
  ] as const) {
    const answer = await who.comment(id, more)
    assert.deepEqual([answer.status, answer.body.errorCode], [status, code], JSON.stringify(more).slice(0, 80))
    assert.match(answer.body.why, /Nothing|nothing/)
  }
  assert.equal((await staff.see(id)).body.timeline.length, 1)
})

test('a longest message arrives whole', async () => {
  const ada = person()
  const { id } = await ada.write()
  const message = 'ä'.repeat(524_288)
  assert.equal((await ada.comment(id, { message })).status, 200)
  assert.equal((await ada.see(id)).body.timeline[1].message, message)
})

test("somebody else's ticket is answered exactly like none, and one of them undoes the whole call", async () => {
  const [ada, grace] = [person(), person()]
  const own = await ada.write()
  const other = await grace.write()
  const none = await ada.comment('SUP-0000-0000')
  assert.deepEqual([none.status, none.body.errorCode], [404, 'NOT_FOUND'])
  assert.deepEqual(await ada.comment(other.id), none)
  assert.deepEqual((await ada.set(other.id, 'CLOSED')).body, none.body)
  const message = 'm'
  const mixed = await ada.call('addComment', {
    items: [
      { id: own.id, message },
      { id: other.id, message },
    ],
  })
  assert.equal(mixed.status, 404)
  assert.match(mixed.body.why, /^items\[1\]: .* None of the 2 was done\.$/)
  assert.equal((await ada.see(own.id)).body.timeline.length, 1)
})

test('several at once: ids in the order of the items', async () => {
  const ada = person()
  const [one, two] = [await ada.write(), await ada.write()]
  const items = [two, one, two].map(({ id }) => ({ id, message: 'm' }))
  const { body } = await ada.call('addComment', { items })
  assert.deepEqual(body.responses, [{ id: `${two.id}-2` }, { id: `${one.id}-2` }, { id: `${two.id}-3` }])
})

for (const [what, body, expected] of [
  ['no items', {}, /"items" is missing: it must be a list\./],
  ['empty items', { items: [] }, /"items" is empty/],
  ['items that are no list', { items: { id: 'x' } }, /"items" must be a list/],
  ['an item that is no object', { items: ['x'] }, /"items\[0\]" must be an object with id, message/],
  ['an item without a message', { items: [{ id: 'x' }] }, /"items\[0\]\.message" is missing/],
  ['too many', { items: Array(1_001).fill({ id: 'x', message: 'm' }) }, /holds 1001, more than 1000 at once/],
  ['a field of its own', { items: [{ id: 'x', message: 'm' }], item: 1 }, /"item" is not a field of this call/],
] as const) {
  test(`addComment with ${what} says so`, async () => {
    const answer = await person().call('addComment', body)
    assert.deepEqual([answer.status, answer.body.errorCode], [400, 'INVALID_FIELD'])
    assert.match(answer.body.why, expected)
  })
}

test('who asks comes before what is asked', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${at.address}/api/support/addComment`, { method: 'POST', headers, body: '{' })
  assert.equal((await ask({})).status, 401)
  assert.equal((await ask({ authorization: `Bearer ${token({})}` })).status, 400)
})

test('with a key the same again adds nothing, and something else does', async () => {
  const ada = person()
  const { id } = await ada.write()
  const send = (message: string) => ada.call('addComment', { items: [{ id, message }] }, { 'idempotency-key': 'k-1' })
  const first = await send('one')
  assert.deepEqual(await send('one'), first)
  assert.deepEqual((await send('two')).body, { responses: [{ id: `${id}-3` }] })
  assert.equal((await ada.see(id)).body.timeline.length, 3)
  const bad = await ada.call('addComment', { items: [{ id, message: 'm' }] }, { 'idempotency-key': 'a b' })
  assert.equal(bad.body.errorCode, 'INVALID_IDEMPOTENCY_KEY')
})

test('a public comment goes to where the ticket went, with the ticket as it was then; a note goes nowhere', async () => {
  const ada = person()
  const { id } = await ada.write()
  await staff.comment(id, { message: 'For nobody but us.', internal: true })
  await staff.comment(id, { message: 'Try again.', status: 'WAITING_FOR_USER' })
  await ada.set(id, 'CLOSED')
  const hooks = () =>
    at.receiver.received
      .filter(({ path, body }) => path.endsWith('archive') && body.includes(id))
      .map(({ body }) => JSON.parse(body))
  while (hooks().length < 3) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(
    hooks().map(({ type, data }) => [
      type,
      data.ticket.status,
      data.event?.message ?? null,
      data.event?.status ?? null,
    ]),
    [
      ['ticket.created', 'RECEIVED', null, null],
      ['ticket.commented', 'WAITING_FOR_USER', 'Try again.', 'WAITING_FOR_USER'],
      ['ticket.updated', 'CLOSED', null, 'CLOSED'],
    ],
  )
  assert.ok(!at.receiver.received.some(({ body }) => body.includes('For nobody but us.')))
})

test('each act is in the audit: who, when and what, in ids and codes', async () => {
  const ada = person()
  const { id } = await ada.write()
  const before = audit().length
  await ada.comment(id, { message: 'a text of hers' })
  await staff.comment(id, { message: 'a text of ours', internal: true })
  await ada.set(id, 'CLOSED')
  for (const call of ['pauseDestination', 'pauseDestination', 'resumeDestination'])
    await staff.call(call, { name: 'archive' })
  const rows = audit().slice(before)
  assert.deepEqual(
    rows.map(({ by, act, count }) => [by, act, count]),
    [
      [ada.username, 'comment', 1],
      [staff.username, 'comment', 1],
      [ada.username, 'status', 1],
      [staff.username, 'pause', 1],
      [staff.username, 'resume', 1],
    ],
  )
  assert.ok(!JSON.stringify(rows).includes('a text of'))
  assert.ok(rows.every(({ at: moment }) => Math.abs(Number(moment) - Date.now()) < 60_000))
})

const audit = () => {
  const db = openDatabase(join(at.folder, 'data', 'support-relay.db'), { readOnly: true })
  const rows = db.prepare('select * from audit order by at, id').all()
  db.close()
  return rows
}
