/** What the service that this one replaces gets wrong, one test for each point that concerns a part built here. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, beforeEach, test } from 'node:test'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { answerWith } from './support/receiver.ts'
import { configurationFor, post, token } from './support/service.ts'

let at: InProcess
let users = 0
let seen = 0
before(async () => {
  // No pace on the Slack-shaped destination, so that the tests need not wait for one another.
  at = await startInProcess({
    configure: url => configurationFor(url).replace('kind: slack,', 'kind: slack, rate: 1000/s,'),
  })
})
after(() => at.stop())
beforeEach(() => {
  at.receiver.reply = answerWith(200, 'ok')
  users += 1
  seen = at.receiver.received.length
})

const send = (body: unknown, headers: Record<string, string> = {}, claims: Record<string, unknown> = {}) =>
  post(at.address, body, { authorization: `Bearer ${token({ sub: `User#${users}`, ...claims })}`, ...headers })
const slackMessages = () => at.receiver.received.slice(seen).filter(({ path }) => path.startsWith('/services/'))
const archived = () => at.receiver.received.slice(seen).filter(({ path }) => path === '/archive')
/** The Slack message of a ticket sent now. */
const message = async (body: unknown, headers: Record<string, string> = {}, claims: Record<string, unknown> = {}) => {
  assert.equal((await send(body, headers, claims)).status, 200)
  await at.receiver.seen(seen + 2)
  return JSON.parse(slackMessages()[0]?.body ?? '{}')
}

test('UCloud 1: an answer of Slack that is not its success does not count as delivered', async () => {
  let answers = 0
  at.receiver.reply = (received, response) =>
    received.path === '/archive' || ++answers > 1
      ? answerWith(200, 'ok')(received, response)
      : answerWith(503)(received, response)
  await send({ message: 'm' })
  await at.receiver.seen(seen + 3)
  assert.equal(slackMessages().length, 2)
})

test('UCloud 2 and 25: a connection that breaks is tried again, later', async () => {
  let answers = 0
  at.receiver.reply = (received, response) => {
    if (received.path !== '/archive' && ++answers === 1) response.destroy()
    else answerWith(200, 'ok')(received, response)
  }
  await send({ message: 'm' })
  await at.receiver.seen(seen + 3)
  assert.equal(slackMessages().length, 2)
})

test('UCloud 3: connections are used again, not leaked', async () => {
  const sockets = new Set<number | undefined>()
  at.receiver.reply = (received, response) => {
    sockets.add(response.socket?.remotePort)
    answerWith(200, 'ok')(received, response)
  }
  for (let i = 0; i < 8; i += 1) {
    await send({ message: 'm' })
    await at.receiver.seen(seen + 2 * (i + 1))
  }
  // Two destinations, at most two requests at a time.
  assert.ok(sockets.size <= 2, String(sockets.size))
})

test('UCloud 4 and 6: a destination that never answers holds up neither the user nor the other destination', async () => {
  const release: (() => void)[] = []
  at.receiver.reply = (received, response) => {
    if (received.path === '/archive') answerWith(200)(received, response)
    else release.push(() => answerWith(200, 'ok')(received, response))
  }
  assert.equal((await send({ message: 'm' })).status, 200)
  await at.receiver.seen(seen + 2)
  assert.equal(archived().length, 1)
  for (const answer of release) answer()
})

test('UCloud 5: a ticket is stored before it is acknowledged, has an id, and can be found while its destination is away', async () => {
  at.receiver.reply = answerWith(503)
  const answer = await send({ message: 'kept' })
  const db = new DatabaseSync(join(at.folder, 'data', 'support-relay.db'), { readOnly: true })
  const rows = db.prepare('select count(*) as count from deliveries where state = ?').get('PENDING')
  db.close()
  assert.ok(Number(rows?.count) >= 2)
  assert.match(answer.headers.get('ticket-id') ?? '', /^[0-9a-f-]{36}$/)
  await at.receiver.seen(seen + 2)
  at.receiver.reply = answerWith(200, 'ok')
  await at.receiver.seen(seen + 4)
})

test('UCloud 6: sending again under the same key makes no second case', async () => {
  for (let i = 0; i < 3; i += 1) assert.equal((await send({ message: 'm' }, { 'idempotency-key': 'k' })).status, 200)
  await at.receiver.seen(seen + 2)
  await send({ message: 'the next' })
  await at.receiver.seen(seen + 4)
  assert.equal(archived().length, 2)
})

test('UCloud 10: a user who floods is refused, and so is a message without end', async () => {
  const limited = await Promise.all(Array.from({ length: 12 }, () => send({ message: 'm' })))
  assert.deepEqual(limited.map(({ status }) => status).sort(), [...Array(10).fill(200), 429, 429])
  assert.equal((await send({ message: 'x'.repeat(524_289) }, {}, { sub: 'other' })).status, 413)
  await at.receiver.seen(seen + 20)
})

test('UCloud 11: blank messages and empty objects make no ticket', async () => {
  for (const body of ['{}', 'null', '{"message":"  "}', '{"message":null}'])
    assert.equal((await send(body)).status, 400)
})

test('UCloud 12: text, subject, names and user agent ping nobody and link nowhere', async () => {
  const hostile = '<!channel> <@U123> <https://evil.example|Reset password>'
  const sent = await message(
    { subject: hostile, message: hostile },
    { 'user-agent': hostile },
    { firstNames: hostile, email: hostile },
  )
  assert.ok(!/<[!@h]/.test(sent.text), sent.text)
  const markdown = JSON.stringify(sent.blocks).includes('mrkdwn"')
  assert.equal(markdown, false)
})

test('UCloud 13: line breaks in a subject or a name forge no lines', async () => {
  const sent = await message(
    { subject: 'hello\n*Email:* root@sdu.dk', message: 'm' },
    {},
    { firstNames: 'Ada\r\n*Username:* root' },
  )
  const fields: string[] = sent.blocks.flatMap(
    (block: { fields?: { text: string }[] }) => block.fields?.map(({ text }) => text) ?? [],
  )
  assert.ok(fields.length > 3)
  for (const text of fields) assert.ok(!/[\r\n]/.test(text), text)
})

test('UCloud 14: the quoted message has its own line breaks, not twice as many', async () => {
  const sent = await message({ subject: 's', message: 'one\ntwo\r\nthree\rfour' })
  assert.ok(JSON.stringify(sent.blocks).includes('one\\ntwo\\nthree\\nfour'))
})

test('UCloud 15: the request id is stored, returned and sent', async () => {
  const answer = await send({ message: 'm' }, { 'job-id': 'job-15', prefer: 'return=representation' })
  assert.deepEqual([answer.headers.get('job-id'), (await answer.json()).technical.requestId], ['job-15', 'job-15'])
  await at.receiver.seen(seen + 2)
  assert.ok(slackMessages()[0]?.body.includes('job-15'))
})

test('UCloud 16: a project that the token does not list refuses nobody', async () => {
  const answer = await send({ message: 'm' }, { project: 'just-left', prefer: 'return=representation' })
  assert.deepEqual((await answer.json()).project, { id: 'just-left', listed: false })
  await at.receiver.seen(seen + 2)
})

test('UCloud 17: a missing or expired token is 401, so that the client gets a new one', async () => {
  const expired = token({ exp: Math.floor(Date.now() / 1_000) - 120 })
  for (const authorization of ['', `Bearer ${expired}`])
    assert.equal((await send({ message: 'm' }, { authorization })).status, 401)
})

test('UCloud 18: a NUL poisons nothing', async () => {
  const answer = await send('{"message":"a\\u0000b \\ud800"}', { prefer: 'return=representation' })
  assert.equal((await answer.json()).message, 'ab \ufffd')
  await at.receiver.seen(seen + 2)
})

test('UCloud 19 and 30: no log holds the text', async () => {
  await send({ subject: 'secret-subject', message: 'secret-message' })
  await at.receiver.seen(seen + 2)
  assert.ok(!/secret-(subject|message)/.test(at.log.join('')))
})

test('UCloud 21: a store that is held up refuses with 503 instead of ending the process, and goes on by itself', async () => {
  // The writer may still be at the outcomes of the test before.
  const holder = new DatabaseSync(join(at.folder, 'data', 'support-relay.db'), { timeout: 5_000 })
  holder.exec('begin immediate')
  const refused = await send({ message: 'held up' }, { 'idempotency-key': 'k' })
  assert.equal(refused.status, 503)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  holder.exec('rollback')
  holder.close()
  // Whether the first was stored was not known; under its key it is there once.
  let again = await send({ message: 'held up' }, { 'idempotency-key': 'k' })
  while (again.status === 503) again = await send({ message: 'held up' }, { 'idempotency-key': 'k' })
  assert.equal(again.status, 200)
  await at.receiver.seen(seen + 2)
  assert.equal((await send({ message: 'held up' }, { 'idempotency-key': 'k' })).status, 200)
  assert.equal((await send({ message: 'the next' })).status, 200)
  await at.receiver.seen(seen + 4)
  assert.equal(archived().length, 2)
})

test('UCloud 22: several destinations, each with the ticket', async () => {
  await send({ message: 'm' })
  await at.receiver.seen(seen + 2)
  assert.deepEqual([slackMessages().length, archived().length], [1, 1])
})

test('UCloud 23: another method or path is answered in JSON, with a reason', async () => {
  for (const [method, path, status] of [
    ['PUT', '/api/support/ticket', 405],
    ['POST', '/api/support/nothing', 404],
  ] as const) {
    const answer = await fetch(at.address + path, { method })
    assert.equal(answer.status, status)
    assert.ok((await answer.json()).why.length > 10)
  }
})

test('UCloud 24: what was too long spends nothing of the limit', async () => {
  const long = { message: 'x'.repeat(524_289) }
  for (let i = 0; i < 11; i += 1) assert.equal((await send(long)).status, 413)
  assert.equal((await send({ message: 'm' })).status, 200)
  await at.receiver.seen(seen + 2)
})

test('UCloud 26 and 27: a success at one destination hides no failure at another', async () => {
  let answers = 0
  at.receiver.reply = (received, response) =>
    received.path === '/archive' && ++answers < 3
      ? answerWith(500)(received, response)
      : answerWith(200, 'ok')(received, response)
  await send({ message: 'm' })
  await at.receiver.seen(seen + 4)
  assert.deepEqual([slackMessages().length, archived().length], [1, 3])
})

test('UCloud 29 and 34: a crash report without a subject is taken, and gets one', async () => {
  const answer = await send({ message: 'ERROR: x is undefined\n at line 1' }, { prefer: 'return=representation' })
  const { subject, type } = await answer.json()
  assert.deepEqual([subject, type], ['ERROR: x is undefined', 'BUG'])
  await at.receiver.seen(seen + 2)
})

test('UCloud 31: what is missing is left out: no "null", no name twice', async () => {
  const sent = await message(
    { message: 'm' },
    { 'user-agent': '' },
    { firstNames: null, lastName: null, email: null, orgId: null },
  )
  const text = JSON.stringify(sent)
  assert.ok(!/null|undefined/.test(text), text)
})

test('UCloud 32: exactly one post per success', async () => {
  for (let i = 0; i < 5; i += 1) await send({ message: `m${i}` })
  await at.receiver.seen(seen + 10)
  await send({ message: 'last' })
  await at.receiver.seen(seen + 12)
  assert.equal(slackMessages().length, 6)
  assert.equal(new Set(archived().map(({ headers }) => headers['webhook-id'])).size, 6)
})

test('UCloud 33: what the form’s client shows on failure is a sentence for people', async () => {
  const { why } = await (await send({ message: '' })).json()
  assert.match(why, /^Enter a message/)
})

test('UCloud 35: role, request id and type are on the ticket again', async () => {
  const sent = JSON.stringify(await message({ message: 'BUG: it broke' }, { 'job-id': 'job-35' }))
  for (const part of ['USER', 'job-35', 'Bug']) assert.ok(sent.includes(part), part)
})

test('UCloud 36: the malformed content type of the documentation is taken', async () => {
  assert.equal(
    (await send({ message: 'm' }, { 'content-type': 'content-type: application/json; charset=utf-8' })).status,
    200,
  )
  await at.receiver.seen(seen + 2)
})
