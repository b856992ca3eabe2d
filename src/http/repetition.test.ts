/** Idempotency and the user's limit, as a client meets them. */
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
/** Each test writes as somebody else, so that no limit is shared. */
const asSomebody = () => {
  users += 1
  const headers = { authorization: `Bearer ${token({ sub: `User#${users}` })}` }
  return (body: unknown, more: Record<string, string> = {}) => post(at.address, body, { ...headers, ...more })
}
const reference = (answer: Response) => answer.headers.get('ticket-reference')

test('the same key and text give the same reference and id, and the body that this request prefers', async () => {
  const send = asSomebody()
  const first = await send({ message: 'm' }, { 'idempotency-key': 'k' })
  const again = await send({ message: 'm' }, { 'idempotency-key': 'k', prefer: 'return=representation' })
  assert.deepEqual(
    [reference(again), again.headers.get('ticket-id')],
    [reference(first), first.headers.get('ticket-id')],
  )
  assert.equal((await again.json()).reference, reference(first))
})

test('equal requests at the same time make one ticket', async () => {
  const send = asSomebody()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send({ message: 'm' }, { 'idempotency-key': 'k' })),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(new Set(answers.map(reference)).size, 1)
})

test('another text under the same key is 422, whichever field differs', async () => {
  const send = asSomebody()
  await send({ subject: 's', message: 'm' }, { 'idempotency-key': 'k' })
  for (const body of [
    { subject: 's', message: 'n' },
    { subject: 't', message: 'm' },
    { message: 'm' },
    { subject: 's', message: 'm', type: 'BUG' },
    { subject: 's', message: 'm', context: {} },
  ]) {
    const answer = await send(body, { 'idempotency-key': 'k' })
    assert.deepEqual([answer.status, (await answer.json()).errorCode], [422, 'KEY_REUSED'])
  }
})

test('a key is 1 to 255 visible characters', async () => {
  const send = asSomebody()
  assert.equal((await send({ message: 'm' }, { 'idempotency-key': 'x'.repeat(255) })).status, 200)
  for (const key of ['x'.repeat(256), 'a b', 'ä']) {
    const answer = await send({ message: 'm' }, { 'idempotency-key': key })
    assert.deepEqual([answer.status, (await answer.json()).errorCode], [400, 'INVALID_IDEMPOTENCY_KEY'])
  }
})

test('a refused ticket leaves its key free', async () => {
  const send = asSomebody()
  assert.equal((await send({ message: ' ' }, { 'idempotency-key': 'k' })).status, 400)
  assert.equal((await send({ message: 'm' }, { 'idempotency-key': 'k' })).status, 200)
})

test('the eleventh ticket within an hour is 429 and says when; refused ones do not count, repetitions are free', async () => {
  const send = asSomebody()
  for (let i = 0; i < 5; i += 1) await send({ message: ' ' })
  for (let i = 0; i < 10; i += 1)
    assert.equal((await send({ message: `m${i}` }, { 'idempotency-key': `k${i}` })).status, 200)
  const refused = await send({ message: 'one more' })
  const { why, errorCode } = await refused.json()
  assert.deepEqual([refused.status, errorCode], [429, 'RATE_LIMITED'])
  const seconds = Number(refused.headers.get('retry-after'))
  assert.ok(Number.isInteger(seconds) && seconds > 3_500 && seconds <= 3_600)
  assert.match(why, /You can send again in \d+ minutes/)
  assert.equal((await send({ message: 'm3' }, { 'idempotency-key': 'k3' })).status, 200)
})
