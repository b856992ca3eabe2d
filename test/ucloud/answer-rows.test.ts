/** Contract 1.3, the rows on whoever may write: what the answer says, and what is kept. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createServer } from '../../src/http/server.ts'
import { ask } from '../support/ask.ts'
import { token } from '../support/service.ts'
import { bearer, errorOf, type Stage, startStage, TICKET_PATH } from './stage.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const MESSAGE = { subject: 's', message: 'm' }
test('1.3, success: 200 with {} and nothing else', async () => {
  const answer = await at.send(MESSAGE, bearer())
  assert.deepEqual([answer.status, answer.text], [200, '{}'])
  assert.equal((await at.delivered(answer)).message, 'm')
})

test('1.3, Project not in membership: 200, as Kotlin, and the ticket says that the token does not list it', async () => {
  const answer = await at.send(MESSAGE, { ...bearer(), project: 'just-left' })
  assert.equal(answer.status, 200)
  assert.deepEqual((await at.delivered(answer)).project, { id: 'just-left', listed: false })
})

test('1.3, bad body: 400 that says what to send; both had a technical text', async () => {
  assert.match(errorOf(await at.send('{"mess', bearer())).why, /Send \{"subject": "…", "message": "…"\}/)
})

test('1.3, rate-limited: 429 as Kotlin, and when to come back; the eleventh in an hour, of this user only', async () => {
  const headers = bearer()
  for (let i = 0; i < 10; i += 1) assert.equal((await at.send(MESSAGE, headers)).status, 200)
  const storedBefore = at.count()
  const answer = await at.send(MESSAGE, headers)
  const { code, why } = errorOf(answer)
  assert.deepEqual([answer.status, code], [429, 'RATE_LIMITED'])
  assert.match(String(answer.headers['retry-after']), /^([1-9]\d{0,2}|[12]\d{3}|3[0-5]\d\d|3600)$/)
  assert.match(why, /was not sent\. You can send again in \d+ minutes/)
  assert.equal(at.count(), storedBefore)
  assert.equal((await at.send(MESSAGE, bearer())).status, 200)
})

test('1.3, message over 524 288 UTF-16 units: 413 as Kotlin; one of just as many is taken whole', async () => {
  const longest = '🙂'.repeat(262_144)
  const answer = await at.send({ message: `${longest}!` }, bearer())
  const { code, why } = errorOf(answer)
  assert.deepEqual([answer.status, code], [413, 'MESSAGE_TOO_LONG'])
  assert.match(why, /1 character too long/)
  const taken = await at.send({ message: longest }, bearer())
  assert.equal((await at.delivered(taken)).message, longest)
})

test('1.3, principal row missing: 200, for what the token says is enough; Go had 500', async () => {
  const answer = await at.send(MESSAGE, { authorization: `Bearer ${token({ sub: 'Nobody#9999', email: null })}` })
  const { username, role, name, email } = (await at.delivered(answer)).user
  assert.deepEqual([username, role, name, email], ['Nobody#9999', 'USER', 'Ada Lovelace', null])
})

test('1.3, exception: 500 in JSON that says to keep the text; Kotlin’s had no body', async () => {
  const app = createServer({
    trustProxy: [],
    messageMaxLength: 100,
    nextId: () => 'an-id',
    observer: { answered() {}, failed() {} },
  })
  app.post(TICKET_PATH, () => {
    throw new TypeError('secret of ours')
  })
  try {
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await ask(address + TICKET_PATH, { method: 'POST', body: '{}' })
    const { code, why } = errorOf(answer)
    assert.deepEqual([answer.status, code], [500, 'INTERNAL'])
    assert.match(why, /on our side.*Keep your text/)
    assert.ok(!answer.text.includes('secret'))
  } finally {
    await app.close()
  }
})
