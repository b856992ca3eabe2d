/** `browse` and `retrieve` over HTTP. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { post, token } from '../../test/support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess()
})
after(() => at.stop())

let users = 0
/** Somebody new, who writes and looks. */
const somebody = (claims: Record<string, unknown> = {}) => {
  users += 1
  const username = `User#${users}`
  const headers = { authorization: `Bearer ${token({ sub: username, ...claims })}` }
  return {
    username,
    async write(body: object = { message: 'm' }) {
      const answer = await post(at.address, body, headers)
      assert.equal(answer.status, 200)
      return { id: answer.headers.get('ticket-id') ?? '', reference: answer.headers.get('ticket-reference') ?? '' }
    },
    get: (path: string) => fetch(`${at.address}/api/support/${path}`, { headers }),
    async json(path: string) {
      const answer = await this.get(path)
      return { status: answer.status, body: await answer.json() }
    },
  }
}
const staff = somebody({ role: 'ADMIN' })
const ids = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id)

test('users see their own tickets, newest first, whole; staff see all', async () => {
  const [ada, grace] = [somebody(), somebody()]
  const first = await ada.write({ subject: 's', message: 'one', type: 'BUG' })
  const other = await grace.write()
  const second = await ada.write({ message: 'two' })
  const { body } = await ada.json('browse')
  assert.deepEqual([body.itemsPerPage, body.next, ids(body)], [50, null, [second.id, first.id]])
  const { createdAt, technical, ...ticket } = body.items[1]
  assert.deepEqual(ticket, {
    id: first.id,
    reference: first.reference,
    status: 'RECEIVED',
    type: 'BUG',
    subject: 's',
    message: 'one',
    user: { username: ada.username, role: 'USER', name: 'Ada Lovelace', email: 'ada@sdu.dk', organization: 'sdu.dk' },
    project: null,
    context: null,
  })
  assert.ok(Number.isInteger(createdAt) && typeof technical.requestId === 'string')
  const all = await staff.json('browse')
  assert.deepEqual(ids(all.body).slice(0, 3), [second.id, other.id, first.id])
})

test('pages follow each other by `next`, and what is written meanwhile moves nothing', async () => {
  const ada = somebody()
  const written: string[] = []
  for (let i = 0; i < 5; i += 1) written.unshift((await ada.write()).id)
  const one = (await ada.json('browse?itemsPerPage=2')).body
  await ada.write()
  const two = (await ada.json(`browse?itemsPerPage=2&next=${one.next}`)).body
  const three = (await ada.json(`browse?itemsPerPage=10&next=${two.next}`)).body
  assert.deepEqual([...ids(one), ...ids(two), ...ids(three)], written)
  assert.deepEqual([one.itemsPerPage, three.itemsPerPage, three.next], [2, 10, null])
})

for (const [given, used] of [
  ['', 50],
  ['itemsPerPage=0', 50],
  ['itemsPerPage=-5', 50],
  ['itemsPerPage=many', 50],
  ['itemsPerPage=1.5', 50],
  ['itemsPerPage=25', 25],
  ['itemsPerPage=0x10', 50],
  ['itemsPerPage=1e2', 50],
  ['itemsPerPage=1000000', 1_000],
] as const) {
  test(`"${given}" means ${used} items a page`, async () => {
    assert.equal((await somebody().json(`browse?${given}`)).body.itemsPerPage, used)
  })
}

test('each filter leaves out what does not pass it', async () => {
  const ada = somebody()
  const bug = await ada.write({ message: 'm', type: 'BUG' })
  const idea = await ada.write({ message: 'm', type: 'SUGGESTION' })
  const page = async (query: string, who = ada) => ids((await who.json(`browse?${query}`)).body)
  assert.deepEqual(await page('filterType=BUG'), [bug.id])
  assert.deepEqual(await page('filterStatus=RECEIVED'), [idea.id, bug.id])
  assert.deepEqual(await page('filterStatus=CLOSED'), [])
  assert.deepEqual(await page(`filterUser=${encodeURIComponent(ada.username)}`, staff), [idea.id, bug.id])
  assert.deepEqual(await page(`filterUser=${encodeURIComponent(ada.username)}&filterType=BUG`, staff), [bug.id])
  assert.deepEqual(await page('filterDestination=archive'), [idea.id, bug.id])
  assert.deepEqual(await page('filterDestination=nowhere'), [])
  assert.deepEqual(await page('filterDelivery=DEAD'), [])
  assert.deepEqual(await page('filterType='), [idea.id, bug.id], 'an empty one is none')
})

test('a filter that there is not, or is given twice, is 400 and says what may stand there', async () => {
  for (const [query, expected] of [
    ['filterStatus=OPEN', /"filterStatus" must be one of RECEIVED, IN_PROGRESS/],
    ['filterType=bug', /"filterType" must be one of BUG, SUGGESTION, QUESTION/],
    ['filterDelivery=LOST', /"filterDelivery" must be one of PENDING, DELIVERED, DEAD/],
    ['filterUser=a&filterUser=b', /"filterUser" is given more than once/],
    ['filterUser=other&filterType=x', /filterType/],
  ] as const) {
    const { status, body } = await somebody().json(`browse?${query}`)
    assert.deepEqual([status, body.errorCode], [400, 'INVALID_FIELD'], query)
    assert.match(body.why, expected)
  }
})

test('`next` is refused when changed, or brought by another caller, with another filter or to another role', async () => {
  const ada = somebody()
  for (let i = 0; i < 3; i += 1) await ada.write()
  const { next } = (await ada.json('browse?itemsPerPage=1')).body
  const sameAsStaff = somebody({ sub: ada.username, role: 'ADMIN' })
  for (const [who, query] of [
    [somebody(), `next=${next}`],
    [staff, `next=${next}`],
    [sameAsStaff, `next=${next}`],
    [ada, `next=${next}&filterType=BUG`],
    [ada, `next=${next}x`],
    [ada, 'next=0'],
    [ada, 'next=0199aaaa-bbbb-7000-8000-000000000001'],
  ] as const) {
    const { status, body } = await who.json(`browse?${query}`)
    assert.deepEqual([status, body.errorCode], [400, 'INVALID_PAGE_TOKEN'], query)
  }
  assert.equal((await ada.get(`browse?next=${next}`)).status, 200)
})

test('a ticket is retrieved by id or reference, however they are written', async () => {
  const ada = somebody()
  const { id, reference } = await ada.write()
  for (const spelling of [id, id.toUpperCase(), reference, reference.toLowerCase(), reference.replaceAll('-', '')]) {
    const { status, body } = await ada.json(`retrieve?id=${spelling}`)
    assert.deepEqual([status, body.id, body.timeline, body.deliveries], [200, id, undefined, undefined], spelling)
  }
  assert.equal((await staff.json(`retrieve?id=${reference}`)).body.id, id)
})

test('the timeline comes when asked for; where it was delivered is for staff', async () => {
  const ada = somebody()
  const { id } = await ada.write()
  const { body } = await ada.json(`retrieve?id=${id}&includeTimeline=true`)
  const by = { username: ada.username, name: 'Ada Lovelace', staff: false }
  assert.deepEqual(body.timeline, [
    {
      id: `${id}-1`,
      ticketId: id,
      kind: 'CREATED',
      at: body.createdAt,
      by,
      message: 'm',
      internal: false,
      status: null,
    },
  ])
  const refused = await ada.json(`retrieve?id=${id}&includeDeliveries=true`)
  assert.deepEqual([refused.status, refused.body.errorCode], [403, 'FORBIDDEN'])
  const { deliveries } = (await staff.json(`retrieve?id=${id}&includeDeliveries=true`)).body
  assert.deepEqual(
    deliveries.map(({ log, state, attempts, nextAttemptAt, reason, ...rest }: Record<string, unknown>) => rest),
    [
      { id: `${id}-1-archive`, ticketId: id, eventId: `${id}-1`, destination: 'archive', kind: 'webhook' },
      { id: `${id}-1-devsupport`, ticketId: id, eventId: `${id}-1`, destination: 'devsupport', kind: 'slack' },
    ],
  )
})

test('exactly one id must be given, and a flag is true or false', async () => {
  for (const query of ['', 'id=', 'id=a&id=b', 'id=a&includeTimeline=yes', 'id=a&includeDeliveries=1']) {
    const { status, body } = await staff.json(`retrieve?${query}`)
    assert.deepEqual([status, body.errorCode], [400, 'INVALID_FIELD'], query)
  }
})

test('somebody else’s ticket is answered like one that is not there, byte for byte', async () => {
  const { id, reference } = await somebody().write()
  const ada = somebody()
  const answers = await Promise.all(
    [
      id,
      reference,
      '0199aaaa-bbbb-7000-8000-000000000001',
      'SUP-0000-0000',
      'x',
      "' or 1=1",
      `${id}&includeTimeline=true`,
    ].map(async what => {
      const answer = await ada.get(`retrieve?id=${what}`)
      const headers = [...answer.headers].filter(([name]) => !['job-id', 'date'].includes(name))
      return JSON.stringify([answer.status, headers, await answer.text()])
    }),
  )
  assert.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'))
  assert.match(answers[0] ?? '', /404.*NOT_FOUND/)
})

test('without a token it is 401, with a service’s 403, before anything is looked at; answers are not to be kept', async () => {
  for (const path of ['browse?filterType=x', 'retrieve']) {
    const answer = await fetch(`${at.address}/api/support/${path}`)
    assert.deepEqual([answer.status, (await answer.json()).errorCode], [401, 'UNAUTHORIZED'])
    assert.equal((await somebody({ role: 'SERVICE' }).json(path)).status, 403)
    assert.equal((await somebody({ aud: ['support.createTicket:write'] }).json(path)).status, 403)
  }
  assert.equal((await staff.get('browse')).headers.get('cache-control'), 'no-store')
  assert.equal((await somebody({ aud: ['support:read'] }).json('browse')).status, 200)
})

test('HEAD tells what GET would, without the body', async () => {
  const path = `${at.address}/api/support/browse`
  const { headers } = { headers: { authorization: `Bearer ${token({ sub: 'head' })}` } }
  const [get, head] = [await fetch(path, { headers }), await fetch(path, { method: 'HEAD', headers })]
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, get.headers.get('content-length')])
  assert.equal(await head.text(), '')
})

test('a wrong method is 405 in JSON', async () => {
  const answer = await fetch(`${at.address}/api/support/browse`, { method: 'POST', body: '{}' })
  assert.deepEqual(
    [answer.status, answer.headers.get('allow'), (await answer.json()).errorCode],
    [405, 'GET', 'METHOD_NOT_ALLOWED'],
  )
})
