import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { boxIn, visitor, wordsOf } from '../../test/support/page-forms.ts'
import { answerWith } from '../../test/support/receiver.ts'
import { configurationFor, post, quickSlack, token } from '../../test/support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess({ configure: receiver => quickSlack(configurationFor(receiver)) })
})
after(() => at.stop())
beforeEach(() => (at.receiver.reply = answerWith(200, 'ok')))

const bearer = (claims: Record<string, unknown>) => ({ authorization: `Bearer ${token(claims)}` })
const STAFF = { sub: 'inge', role: 'ADMIN', firstNames: 'Inge' }
const staff = () => visitor(at.address, bearer(STAFF))
let users = 0
/** Each by a user of their own, whom no limit concerns. */
const send = async (ticket: object): Promise<string> =>
  (await post(at.address, ticket, bearer({ sub: `user-${users++}` }))).headers.get('ticket-reference') ?? ''
const api = async (path: string) =>
  (await fetch(`${at.address}/api/support/${path}`, { headers: bearer(STAFF) })).json()
const destination = async (name: string) =>
  (await api('browseDestinations')).items.find((item: { name: string }) => item.name === name)
const until = async (
  name: string,
  holds: (destination: { dead: number; pending: number; state: string }) => boolean,
) => {
  while (!holds(await destination(name)));
}
const retrieve = (reference: string) => api(`retrieve?id=${reference}&includeTimeline=true&includeDeliveries=true`)
const slackSays = (status: number, words: string) => {
  at.receiver.reply = (received, response) =>
    answerWith(...((received.path.includes('devsupport') ? [status, words] : [200, 'ok']) as [number, string]))(
      received,
      response,
    )
}
/** The part of the page below a heading. */
const section = (html: string, id: string): string =>
  wordsOf(html.split(`aria-labelledby="${id}"`)[1]?.split('</section>')[0] ?? '')

test('a user gets 403 for every part of it, and changes nothing', async () => {
  const reference = await send({ message: 'm' })
  const user = visitor(at.address, bearer({}))
  const answers = [
    await user.get('/console'),
    await user.get(`/console/${reference}`),
    await user.post('/console', { act: 'pause', name: 'archive' }),
    await user.post(`/console/${reference}`, { act: 'status', status: 'CLOSED' }),
  ]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [403, 403, 403, 403],
  )
  for (const { html } of answers) assert.doesNotMatch(html, /devsupport|<textarea|login-link/)
  assert.deepEqual([(await destination('archive')).state, (await retrieve(reference)).status], ['OK', 'RECEIVED'])
})

test('what was given up comes first, with the reason in words, and stays there however much comes after it', async () => {
  await until('devsupport', ({ pending }) => pending === 0)
  assert.match(section((await staff().get('/console')).html, 'not-delivered'), /All delivered/)
  slackSays(400, 'invalid_blocks')
  const dead = await send({ subject: 'Refused <b>', message: 'm' })
  await until('devsupport', slack => slack.dead === 1)
  slackSays(200, 'ok')
  for (let i = 0; i < 30; i += 1) await send({ message: 'later' })

  const { html } = await staff().get('/console')
  const words = section(html, 'not-delivered')
  assert.match(words, /Not delivered: 1/)
  assert.match(words, new RegExp(`Gave up Refused <b> ${dead} devsupport Slack says: invalid blocks. 3`))
  assert.doesNotMatch(section(html, 'tickets'), new RegExp(dead), 'the list of tickets has moved on')
  assert.ok(html.indexOf('id="not-delivered"') < html.indexOf('id="destinations"'))
  const listed = await staff().get('/console?delivery=DEAD')
  assert.match(section(listed.html, 'tickets'), new RegExp(`${dead}.*devsupport : gave up`))
})

test('the ticket shows every attempt with what was answered, and is sent again by a button, once', async () => {
  const [{ ticketId: id, id: delivery }] = (await api('browseDeliveries?filterState=DEAD')).items
  const { html } = await staff().get(`/console/${id}`)
  assert.equal(wordsOf(html).match(/The text was refused \(400\)/g)?.length, 3)
  assert.equal(html.match(/<pre[^>]*>invalid_blocks<\/pre>/g)?.length, 3)
  const again = { act: `replay-dead:${delivery}` }
  assert.equal((await staff().post(`/console/${id}`, again)).location, `/console/${id}?done=replayed`)
  await until('devsupport', slack => slack.dead === 0 && slack.pending === 0)
  assert.equal((await staff().post(`/console/${id}`, again)).location, `/console/${id}?done=nothing-replayed`)
  const unknown = await staff().post(`/console/${id}`, { act: 'replay-dead:nonsense', note: 'kept' })
  assert.deepEqual([unknown.status, boxIn(unknown.html, 'note')], [404, 'kept'])
})

test('all that was given up goes out again: of a ticket, and of a destination', async () => {
  for (const ask of [
    (id: string) => staff().post(`/console/${id}`, { act: 'replay-all' }),
    () => staff().post('/console', { act: 'replay', name: 'devsupport' }),
  ]) {
    slackSays(400, 'no_text')
    const reference = await send({ message: 'm' })
    await until('devsupport', slack => slack.dead === 1)
    slackSays(200, 'ok')
    assert.match((await ask(reference)).location ?? '', /done=replayed/)
    await until('devsupport', slack => slack.dead === 0 && slack.pending === 0)
  }
})

test('a destination is paused and goes on by buttons; what waits for it counts as not delivered meanwhile', async () => {
  const paused = await staff().post('/console', { act: 'pause', name: 'archive' })
  assert.deepEqual([paused.status, paused.location], [303, '/console?done=paused'])
  const reference = await send({ message: 'm' })
  await until('archive', ({ pending }) => pending === 1)
  const { html } = await staff().get('/console?done=paused')
  assert.match(wordsOf(html), /The destination is paused/)
  assert.match(section(html, 'not-delivered'), new RegExp(`Not delivered: 1 .*Waiting m ${reference} archive`))
  assert.match(section(html, 'destinations'), /archive webhook Paused Somebody of the staff paused it/)
  assert.equal((await staff().post('/console', { act: 'resume', name: 'archive' })).location, '/console?done=resumed')
  await until('archive', ({ pending }) => pending === 0)
  const unknown = await staff().post('/console', { act: 'pause', name: 'nowhere' })
  assert.deepEqual([unknown.status, (await staff().post('/console', { act: 'x', name: 'archive' })).status], [404, 400])
})

test('a test message says that it arrived, or what was answered instead', async () => {
  assert.equal((await staff().post('/console', { act: 'test', name: 'archive' })).location, '/console?done=tested')
  at.receiver.reply = answerWith(500, 'out of <paper>')
  const { status, html } = await staff().post('/console', { act: 'test', name: 'archive' })
  assert.equal(status, 200)
  assert.match(wordsOf(html), /did not arrive. The answer: 500 out of <paper>/)
  assert.doesNotMatch(html, /<paper>/)
})

test('a destination that takes nothing says why and what to do, and is well again when it is', async () => {
  slackSays(410, 'channel_is_archived')
  await send({ message: 'm' })
  await until('devsupport', ({ state }) => state === 'FAILING')
  const { html } = await staff().get('/console')
  const told = section(html, 'destinations')
  assert.match(told, /Slack says that the channel is archived\. slack-channel-is-archived/)
  assert.match(told, /Open it there again; or choose another one/)
  at.receiver.reply = answerWith(200, 'ok')
  await until('devsupport', ({ state, pending }) => state === 'OK' && pending === 0)
  assert.doesNotMatch(section((await staff().get('/console')).html, 'destinations'), /Open it there again/)
})

test('a reply brings about the status that was chosen; a note is marked, and its box is another', async () => {
  const reference = await send({ message: 'm' })
  const page = `/console/${reference}`
  const key = 'k'.repeat(24)
  const replied = await staff().post(page, {
    key,
    act: 'reply',
    message: 'Which one?',
    'reply-status': 'WAITING_FOR_USER',
    note: ' half a thought',
  })
  assert.deepEqual(
    [replied.status, boxIn(replied.html, 'message'), boxIn(replied.html, 'note')],
    [200, '', ' half a thought'],
  )
  assert.match(wordsOf(replied.html), /Your reply is stored/)
  assert.equal((await staff().post(page, { key, act: 'note', note: 'among us' })).location, `${page}?done=noted`)
  assert.equal((await staff().post(page, { key, act: 'status', status: 'CLOSED' })).location, `${page}?done=status`)
  const { status, timeline } = await retrieve(reference)
  assert.equal(status, 'CLOSED')
  assert.deepEqual(
    timeline.slice(1).map((event: Record<string, unknown>) => [event.message, event.internal, event.status]),
    [
      ['Which one?', false, 'WAITING_FOR_USER'],
      ['among us', true, null],
      [null, false, 'CLOSED'],
    ],
  )
  const words = wordsOf((await staff().get(page)).html)
  assert.match(words, /Internal note Inge Lovelace [\d:]+ UTC among us/)
  const blank = await staff().post(page, { key, act: 'note', note: ' ', message: 'kept' })
  assert.deepEqual([blank.status, boxIn(blank.html, 'message')], [400, 'kept'])
  assert.match(blank.html, /<a href="#note">Enter a message/)
  assert.equal((await staff().post(page, { key, act: 'status', status: 'NONSENSE' })).status, 400)
})

test('tickets are found by words and filters, and listed page by page', async () => {
  const reference = await send({ subject: 'A zebra', message: 'striped <b>', type: 'QUESTION' })
  const found = async (query: string) => section((await staff().get(`/console?${query}`)).html, 'tickets')
  while (!(await found('q=zebra')).includes(reference));
  assert.match(await found(`q=${reference.toLowerCase()}`), /A zebra/)
  assert.match(await found('q=zebra&type=QUESTION&status=RECEIVED'), /A zebra/)
  assert.match(await found('q=zebra&type=BUG'), /No ticket matches/)
  const first = (await staff().get('/console?status=RECEIVED')).html
  const next = /href="(\/console\?status=RECEIVED&amp;next=[^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? 'none'
  const second = await staff().get(next)
  assert.equal(second.status, 200)
  assert.ok(section(first, 'tickets').includes(reference) && !section(second.html, 'tickets').includes(reference))
  assert.equal((await staff().get('/console?next=nonsense')).status, 400)
  for (const unknown of ['status=FOO', 'type=<b>', 'delivery=PENDING']) {
    const { status, html } = await staff().get(`/console?q=zebra&${unknown}`)
    assert.deepEqual([status, section(html, 'tickets').includes(reference)], [400, true], unknown)
    assert.match(wordsOf(html), new RegExp(`There is no such ${unknown.split('=')[0]}, so the list is not filtered`))
  }
})

test('with a session, what another site makes the browser send changes nothing', async t => {
  const evaluation = await startInProcess({ configure: null })
  t.after(() => evaluation.stop())
  const cookie = await evaluation.signIn('ADMIN')
  const session = visitor(evaluation.address, { cookie })
  const page = await session.get('/console')
  assert.match(section(page.html, 'destinations'), /devsupport local/)
  assert.match(page.html, /href="\/console" aria-current="page"/)
  const fields = { act: 'pause', name: 'support' }
  assert.equal((await session.post('/console', fields, { 'sec-fetch-site': 'cross-site' })).status, 403)
  assert.match(section((await session.get('/console')).html, 'destinations'), /support local (?!Paused)/)
  assert.equal((await session.post('/console', fields)).status, 303)
  assert.match(section((await session.get('/console')).html, 'destinations'), /support local Paused/)
  const user = visitor(evaluation.address, { cookie: await evaluation.signIn('USER') })
  const refused = await user.get('/console')
  assert.equal(refused.status, 403)
  for (const { html } of [refused, await visitor(evaluation.address).get('/console')])
    assert.match(wordsOf(html), /npx support-relay login-link --staff --data \S+/, 'the way in')
  assert.doesNotMatch((await user.get('/tickets')).html, /href="\/console"/)
})
