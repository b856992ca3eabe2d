import assert from 'node:assert/strict'
import test from 'node:test'
import {
  answer,
  cut,
  html,
  LATE_MS,
  received,
  refusal,
  silence,
  TICKET,
  withClient,
} from '../../test/support/client-stage.ts'
import type { Reply } from '../../test/support/receiver.ts'
import { createClient } from './index.ts'

const ticket = { subject: 'Job stops', message: 'It broke.\n😀', type: 'BUG', context: { page: '/jobs' } } as const
const HEADERS = { 'ticket-reference': TICKET.reference, 'ticket-id': TICKET.id }

test('a ticket is sent as it is, with token and key, and its reference and id come back', () =>
  withClient([received], {}, async ({ client, server, keys }) => {
    assert.deepEqual(await client.createTicket(ticket), { outcome: 'received', ...TICKET })
    const [request] = server.received
    assert.deepEqual(JSON.parse(request?.body ?? ''), ticket)
    assert.deepEqual([request?.method, request?.path], ['POST', '/api/support/ticket'])
    assert.equal(request?.headers.authorization, 'Bearer a-token')
    assert.equal(request?.headers['content-type'], 'application/json')
    assert.match(String(keys()[0]), /^[0-9a-f]{32}$/)
  }))

test('two tickets have two keys', () =>
  withClient([received], {}, async ({ client, keys }) => {
    await client.createTicket(ticket)
    await client.createTicket(ticket)
    assert.notEqual(...(keys() as [unknown, unknown]))
  }))

const endless: Reply = (_received, response) => {
  response.writeHead(200, HEADERS).write('{"reference": "SUP-')
  setTimeout(() => response.end('"}'), LATE_MS).unref()
}
const cutInBody =
  (headers: Record<string, string>): Reply =>
  (_received, response) => {
    response.writeHead(200, { ...headers, 'content-length': '100' }).write('{"re', () => response.socket?.destroy())
  }

/** What one try brings, and what is said then. */
const outcomes: readonly (readonly [string, Reply, 'received' | 'rejected' | 'unknown'])[] = [
  ['a body without the ticket, but headers that name it', answer(200, {}, HEADERS), 'received'],
  ['a body that is cut off behind headers that name the ticket', cutInBody(HEADERS), 'received'],
  ['a body that is cut off', cutInBody({}), 'unknown'],
  ['a broken connection', cut, 'unknown'],
  ['no answer', silence, 'unknown'],
  ['an answer that does not end', endless, 'unknown'],
  ['a page', html(200), 'unknown'],
  ['a page that says 401', html(401), 'unknown'],
  ['a page that says 404', html(404), 'unknown'],
  ['a page that says 502', html(502), 'unknown'],
  ['200 and nothing', answer(200, ''), 'unknown'],
  ['200 and null', answer(200, 'null'), 'unknown'],
  ['200 and a list', answer(200, [TICKET]), 'unknown'],
  ['200 and half of the ticket', answer(200, '{"reference":"SUP-7K3F-Q2MX","id":"01'), 'unknown'],
  ['200 and {}', answer(200, {}), 'unknown'],
  ['200 and another service’s object', answer(200, { id: 'x', reference: 'invoice 7' }), 'unknown'],
  ['200 and a ticket without an id', answer(200, { reference: TICKET.reference }), 'unknown'],
  ['200 and numbers', answer(200, { id: 1, reference: 2 }), 'unknown'],
  ['200 and an error', answer(200, { why: 'No.', errorCode: 'FORBIDDEN', statusCode: 403 }), 'unknown'],
  ['204', answer(204, ''), 'unknown'],
  ['a redirect to nowhere', answer(302, ''), 'unknown'],
  ['another service’s error', answer(403, { message: 'Forbidden' }), 'unknown'],
  ['a gateway’s error in the common form', refusal(502, null), 'unknown'],
  ['503, outcome unknown', refusal(503, 'OUTCOME_UNKNOWN'), 'unknown'],
  ['an error of 5xx that this client does not know', refusal(503, 'NEW_TROUBLE'), 'unknown'],
  ['503, not stored', refusal(503, 'STORE_UNAVAILABLE'), 'rejected'],
  ['500, not accepted', refusal(500, 'INTERNAL'), 'rejected'],
  ['400', refusal(400, 'MESSAGE_REQUIRED'), 'rejected'],
  ['401', refusal(401, 'UNAUTHORIZED'), 'rejected'],
  ['429', refusal(429, 'RATE_LIMITED'), 'rejected'],
  ['an error of 4xx that this client does not know', refusal(418, 'TEAPOT'), 'rejected'],
]
for (const [what, reply, outcome] of outcomes) {
  test(`${what} is ${outcome}`, () =>
    withClient([reply], { retries: 0, timeoutMs: 1_000 }, async ({ client, keys }) => {
      const sent = await client.createTicket(ticket)
      assert.equal(sent.outcome, outcome)
      if (sent.outcome === 'received') assert.deepEqual(sent, { outcome, ...TICKET })
      if (sent.outcome === 'unknown') assert.deepEqual([sent.key], keys())
      if (sent.outcome !== 'received') assert.match(sent.why, /\.$/)
      assert.equal(keys().length, 1)
    }))
}

test('nobody listening is unknown', async () => {
  const client = createClient({ url: 'http://127.0.0.1:9', token: 'x', retries: 1 })
  const { outcome, ...more } = await client.createTicket(ticket)
  assert.equal(outcome, 'unknown')
  assert.deepEqual(
    { ...more, key: 0, why: 0 },
    { errorCode: null, statusCode: null, retryAfterMs: null, key: 0, why: 0 },
  )
})

test('what is told of a rejection: the words, the code, the status, and when it makes sense to send again', () =>
  withClient([refusal(429, 'RATE_LIMITED', { 'retry-after': '1800' })], {}, async ({ client }) => {
    assert.deepEqual(await client.createTicket(ticket), {
      outcome: 'rejected',
      why: 'This is RATE_LIMITED.',
      errorCode: 'RATE_LIMITED',
      statusCode: 429,
      retryAfterMs: 1_800_000,
    })
  }))

/** What two tries bring; or one, under a key that was used before. What says no for itself alone settles nothing about the first. */
const settlings: readonly (readonly [string, Reply, 'received' | 'rejected' | 'unknown'])[] = [
  ['the ticket', received, 'received'],
  ['the limit, which is asked after the key', refusal(429, 'RATE_LIMITED', { 'retry-after': '1800' }), 'rejected'],
  ['the same refusal as before', refusal(400, 'MESSAGE_REQUIRED'), 'rejected'],
  ['a key of another ticket', refusal(422, 'KEY_REUSED'), 'rejected'],
  ['a token that has run out', refusal(401, 'UNAUTHORIZED'), 'unknown'],
  ['a store that takes nothing', refusal(503, 'STORE_UNAVAILABLE', { 'retry-after': '1800' }), 'unknown'],
  ['too many large requests', refusal(429, 'BUSY', { 'retry-after': '1800' }), 'unknown'],
  ['nothing', cut, 'unknown'],
]
for (const [what, reply, outcome] of settlings) {
  test(`after a lost answer, ${what}: ${outcome}`, () =>
    withClient([cut, reply], { retries: 1 }, async ({ client, keys }) => {
      const sent = await client.createTicket(ticket)
      assert.equal(sent.outcome, outcome)
      assert.equal(keys().length, 2)
      assert.equal(new Set(keys()).size, 1, 'the same key on every try')
    }))
  test(`under the key of an unknown outcome, ${what}: ${outcome}`, () =>
    withClient([reply], { retries: 0 }, async ({ client, keys }) => {
      const sent = await client.createTicket(ticket, { key: 'kept-from-before' })
      assert.equal(sent.outcome, outcome)
      assert.deepEqual(keys(), ['kept-from-before'])
      if (sent.outcome === 'unknown') assert.equal(sent.key, 'kept-from-before')
    }))
}

test('what cannot be sent is rejected, and nothing is sent', () =>
  withClient([received], {}, async ({ client, server }) => {
    const circular: Record<string, never> = {}
    Object.assign(circular, { circular })
    const notJson = await client.createTicket({ message: 'x', context: circular })
    assert.partialDeepStrictEqual(notJson, { outcome: 'rejected', errorCode: 'INVALID_BODY' })
    for (const key of ['', 'two words', 'ü', 'x'.repeat(256), 'a\nb']) {
      const sent = await client.createTicket(ticket, { key })
      assert.partialDeepStrictEqual(sent, { outcome: 'rejected', errorCode: 'INVALID_IDEMPOTENCY_KEY' })
    }
    assert.equal(server.received.length, 0)
  }))
