import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { boxIn, keyIn, visitor, wordsOf } from '../../test/support/page-forms.ts'
import { configurationFor, post, token } from '../../test/support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess({
    configure: receiver =>
      configurationFor(receiver, 'limits: { messageMaxLength: 2000, ticketsPerUserPerHour: 1000 }'),
  })
})
after(() => at.stop())

const bearer = (claims: Record<string, unknown> = {}) => ({ authorization: `Bearer ${token(claims)}` })
const ada = () => visitor(at.address, bearer())
const bo = () => visitor(at.address, bearer({ sub: 'bo', firstNames: 'Bo' }))
const staff = () => visitor(at.address, bearer({ sub: 'inge', role: 'ADMIN', firstNames: 'Inge' }))
const send = async (ticket: object, claims = {}): Promise<string> =>
  (await post(at.address, ticket, bearer(claims))).headers.get('ticket-reference') ?? ''
const timeline = async (reference: string) => {
  const headers = bearer({ sub: 'inge', role: 'ADMIN' })
  const url = `${at.address}/api/support/retrieve?id=${reference}&includeTimeline=true`
  return (await (await fetch(url, { headers })).json()).timeline as {
    message: string
    internal: boolean
    status: string
    at: number
  }[]
}

test('without a session both pages answer 200 with how to sign in, and show nothing', async () => {
  const reference = await send({ message: 'secret' })
  for (const path of ['/tickets', `/tickets/${reference}`, '/console', `/console/${reference}`]) {
    const { status, html } = await visitor(at.address).get(path)
    assert.equal(status, 200)
    assert.match(wordsOf(html), /Sign in/)
    assert.doesNotMatch(html, /secret|<textarea/)
  }
  const { status, headers } = await visitor(at.address, { authorization: 'Bearer nonsense' }).get('/tickets')
  assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer'])
})

test('pages let nothing be loaded or framed, and are kept nowhere', async () => {
  const reference = await send({ message: 'm' })
  for (const page of [await ada().get(`/tickets/${reference}`), await staff().get('/console')]) {
    const policy = page.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1] ?? 'none'
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
    assert.equal(page.headers.get('cache-control'), 'no-store')
    const [loads, allowed] = [/<(script|link rel="stylesheet"|style)[ >]/g, new RegExp(`nonce="${nonce}"`, 'g')]
    assert.equal(page.html.match(loads)?.length, page.html.match(allowed)?.length)
    assert.doesNotMatch(page.html, / on\w+=| style=/)
  }
})

test('the list holds one’s own tickets only, newest first, page by page, and however long they are', async () => {
  const sub = 'lister'
  const lister = visitor(at.address, bearer({ sub }))
  assert.match(wordsOf((await lister.get('/tickets')).html), /Nothing here yet/)
  await send({ subject: 'of somebody else', message: 'm' })
  for (let i = 1; i <= 23; i += 1) await send({ subject: `number ${i}.`, message: `<b>${'x'.repeat(1_900)}` }, { sub })

  const first = await lister.get('/tickets')
  const next = /href="(\/tickets\?next=[^"]+)"/.exec(first.html)?.[1] ?? ''
  const second = await lister.get(next.replaceAll('&amp;', '&'))
  const numbers = [first, second].map(({ html }) =>
    [...html.matchAll(/number (\d+)\./g)].map(match => Number(match[1])),
  )
  assert.deepEqual(numbers, [Array.from({ length: 20 }, (_, i) => 23 - i), [3, 2, 1]])
  assert.doesNotMatch(first.html, /somebody else|<b>/)
  assert.ok(first.html.length < 40_000, `${first.html.length} characters`)
  assert.equal((await lister.get(`${next}x`)).status, 400)
  assert.equal((await ada().get(next)).status, 400, 'the place in a list is its owner’s')
})

test('a filter shows those that stand like this', async () => {
  const sub = 'filterer'
  const filterer = visitor(at.address, bearer({ sub }))
  const closed = await send({ subject: 'done with', message: 'm' }, { sub })
  await send({ subject: 'still open', message: 'm' }, { sub })
  await filterer.post(`/tickets/${closed}`, { act: 'solved' })
  const { html } = await filterer.get('/tickets?status=CLOSED')
  assert.match(html, /done with/)
  assert.doesNotMatch(html, /still open/)
  assert.match((await filterer.get('/tickets?status=NONSENSE')).html, /still open/)
})

test('a ticket is found by reference in any spelling and by id; somebody else’s is answered like one that is not there', async () => {
  const created = await post(at.address, { subject: 'The subject', message: '<i>mine</i>' })
  const [id, reference] = [created.headers.get('ticket-id') ?? '', created.headers.get('ticket-reference') ?? '']
  for (const name of [id, reference, reference.toLowerCase(), reference.replaceAll('-', '')]) {
    assert.match((await ada().get(`/tickets/${name}`)).html, /&lt;i>mine&lt;\/i>/, name)
  }
  const same = ({ html, status }: { html: string; status: number }) => [
    status,
    html.replaceAll(/nonce="[^"]*"|<span class="code">[^<]*/g, ''),
  ]
  const theirs = await bo().get(`/tickets/${reference}`)
  assert.equal(theirs.status, 404)
  assert.deepEqual(same(theirs), same(await bo().get('/tickets/SUP-0000-0000')))
  const written = { act: 'comment', message: 'let me in', key: 'k'.repeat(24) }
  const refused = await bo().post(`/tickets/${reference}`, written)
  assert.deepEqual([refused.status, boxIn(refused.html, 'message')], [404, 'let me in'])
  const staffs = await staff().get(`/tickets/${reference}`)
  assert.deepEqual([staffs.status, staffs.location], [303, `/console/${reference}`], 'staff are led to their own page')
})

test('notes among staff are shown to no user, nor to staff on the page of their own ticket', async () => {
  const claims = { sub: 'inge', role: 'ADMIN' }
  const reference = await send({ message: 'm' }, claims)
  await staff().post(`/console/${reference}`, { act: 'note', note: 'among us' })
  assert.equal((await timeline(reference)).at(-1)?.internal, true)
  const { status, html } = await staff().get(`/tickets/${reference}`)
  assert.equal(status, 200)
  assert.doesNotMatch(html, /among us|Internal/)
})

test('a comment is added once however often the form is sent, told once, and goes to the team', async () => {
  const reference = await send({ subject: 'To be added to', message: 'm' })
  const { html } = await ada().get(`/tickets/${reference}`)
  const fields = { act: 'comment', message: 'first\r\nsecond <b>', key: keyIn(html) }
  for (let i = 0; i < 2; i += 1) {
    const { status, location } = await ada().post(`/tickets/${reference}`, fields)
    assert.deepEqual([status, location], [303, `/tickets/${reference}?done=added`])
  }
  const events = await timeline(reference)
  assert.deepEqual(
    events.slice(1).map(({ message }) => message),
    ['first\nsecond <b>'],
  )
  const told = await ada().get(`/tickets/${reference}?done=added`)
  assert.match(wordsOf(told.html), /Your message was added/)
  assert.doesNotMatch(wordsOf((await ada().get(`/tickets/${reference}?done=<b>x`)).html), /<b>x|Your message was added/)
  const isTold = () => at.receiver.received.some(({ body }) => body.includes('second'))
  for (let seen = at.receiver.received.length; !isTold(); seen += 1) await at.receiver.seen(seen + 1)
})

test('“this is solved” takes along what was typed, and “it came back” opens the ticket again', async () => {
  const reference = await send({ message: 'm' })
  const solved = await ada().post(`/tickets/${reference}`, { act: 'solved', message: 'It works now' })
  assert.equal(solved.location, `/tickets/${reference}?done=solved`)
  const events = await timeline(reference)
  assert.deepEqual(
    events.slice(1).map(({ message, status }) => [message, status]),
    [
      ['It works now', null],
      [null, 'CLOSED'],
    ],
  )
  const closed = await ada().get(`/tickets/${reference}`)
  assert.match(wordsOf(closed.html), /You said that this is solved/)
  assert.match(closed.html, /value="back"/)
  await ada().post(`/tickets/${reference}`, { act: 'back' })
  assert.equal((await timeline(reference)).at(-1)?.status, 'IN_PROGRESS')
})

test('“this is solved” with a text is one order: told of together, and done once however often it is sent', async () => {
  const reference = await send({ message: 'm' })
  const fields = { act: 'solved', message: 'It works now', key: 'k'.repeat(24) }
  for (let i = 0; i < 2; i += 1) assert.equal((await ada().post(`/tickets/${reference}`, fields)).status, 303)
  const [, comment, solved, ...more] = await timeline(reference)
  assert.deepEqual([comment?.message, solved?.status, solved?.at, more], ['It works now', 'CLOSED', comment?.at, []])
  const theirs = await bo().post(`/tickets/${reference}`, { ...fields, message: 'let me in' })
  assert.deepEqual([theirs.status, boxIn(theirs.html, 'message')], [404, 'let me in'])
  assert.doesNotMatch(theirs.html, /items\[/)
})

test('a text that cannot be taken stands in the box again, whole, with the same key', async () => {
  const reference = await send({ message: 'm' })
  const key = 'k'.repeat(24)
  const blank = await ada().post(`/tickets/${reference}`, { act: 'comment', message: ' \n', key })
  assert.deepEqual([blank.status, boxIn(blank.html, 'message'), keyIn(blank.html)], [400, ' \n', key])
  assert.match(wordsOf(blank.html), /Enter a message/)
  const message = `\n\n</textarea>\u202e${'x'.repeat(2_000)}`
  const long = await ada().post(`/tickets/${reference}`, { act: 'comment', message, key })
  assert.deepEqual([long.status, boxIn(long.html, 'message')], [413, message])
  assert.match(wordsOf(long.html), /it is 14 too long/)
  for (const act of ['reply', 'bogus', '']) {
    const unknown = await ada().post(`/tickets/${reference}`, { act, message: 'mine', key })
    assert.deepEqual([unknown.status, boxIn(unknown.html, 'message'), keyIn(unknown.html)], [400, 'mine', key], act)
    assert.match(wordsOf(unknown.html), /Use one of the buttons/)
  }
  assert.equal((await timeline(reference)).length, 1)
})

test('who is signed out meanwhile finds the text on a page of its own, and sends it from there', async () => {
  const reference = await send({ message: 'm' })
  const fields = { act: 'comment', message: ' all of it\n', key: 'k'.repeat(24) }
  const out = await visitor(at.address).post(`/tickets/${reference}`, fields)
  assert.deepEqual([out.status, boxIn(out.html, 'message'), keyIn(out.html)], [401, fields.message, fields.key])
  assert.match(out.html, new RegExp(`action="/tickets/${reference}"`))
  assert.equal((await timeline(reference)).length, 1)
  assert.equal((await ada().post(`/tickets/${reference}`, fields)).status, 303)
})

test('the form takes a token too, and what it sent leads to the ticket', async () => {
  assert.match((await ada().get('/')).html, /<textarea/)
  const sent = await ada().post('/', { message: 'by token', key: 'k'.repeat(24) })
  const path = /href="(\/tickets\/SUP-[^"]+)"/.exec(sent.html)?.[1] ?? 'none'
  assert.match((await ada().get(path)).html, /by token/)
  const refused = await visitor(at.address, { authorization: 'Bearer nonsense' }).post('/', { message: 'kept' })
  assert.deepEqual([refused.status, boxIn(refused.html, 'message')], [401, 'kept'])
})
