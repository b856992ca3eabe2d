import assert from 'node:assert/strict'
import test from 'node:test'
import { cut, html, received, refusal, silence, TICKET, withClient } from '../../test/support/client-stage.ts'
import type { Reply } from '../../test/support/receiver.ts'

const ticket = { message: 'It broke.' }
const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** What passes is tried again, with its key, until it has passed. */
const passing: readonly (readonly [string, Reply])[] = [
  ['a broken connection', cut],
  ['a page', html(200)],
  ['a page that says 502', html(502)],
  ['408', refusal(408, 'REQUEST_TIMEOUT')],
  ['429 with a short wait', refusal(429, 'BUSY', { 'retry-after': '0' })],
  ['500', refusal(500, 'INTERNAL')],
  ['503', refusal(503, 'STORE_UNAVAILABLE')],
  ['a wait that is a date', refusal(503, 'STORE_UNAVAILABLE', { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' })],
]
for (const [what, reply] of passing) {
  test(`after ${what} the ticket is sent again under the same key`, () =>
    withClient([reply, received], {}, async ({ client, keys }) => {
      assert.deepEqual(await client.createTicket(ticket), { outcome: 'received', ...TICKET })
      assert.equal(keys().length, 2)
      assert.equal(new Set(keys()).size, 1)
    }))
}

for (const status of [400, 401, 403, 404, 413, 422]) {
  test(`${status} is not asked again`, () =>
    withClient([refusal(status, 'ANY')], {}, async ({ client, server }) => {
      assert.equal((await client.createTicket(ticket)).outcome, 'rejected')
      assert.equal(server.received.length, 1)
    }))
}

test('there are as many tries as retries say, and one', async () => {
  for (const retries of [0, 2]) {
    await withClient([cut], { retries }, async ({ client, server }) => {
      assert.equal((await client.createTicket(ticket)).outcome, 'unknown')
      assert.equal(server.received.length, retries + 1)
    })
  }
})

test('a try that is not answered in time ends, and the next one counts', () =>
  withClient([silence, received], { timeoutMs: 100 }, async ({ client, server }) => {
    assert.equal((await client.createTicket(ticket)).outcome, 'received')
    assert.equal(server.received.length, 2)
  }))

test('Retry-After is waited for, as long as one try may take; a longer one ends the call at once', async () => {
  const asks = (seconds: string) => refusal(503, 'STORE_UNAVAILABLE', { 'retry-after': seconds })
  await withClient([asks('1'), received], { timeoutMs: 1_000 }, async ({ client }) => {
    const ms = await elapsed(() => client.createTicket(ticket))
    assert.ok(ms >= 999, `${ms} ms`)
  })
  await withClient([asks('2')], { timeoutMs: 1_000 }, async ({ client, server }) => {
    const sent = await client.createTicket(ticket)
    assert.partialDeepStrictEqual(sent, { outcome: 'rejected', errorCode: 'STORE_UNAVAILABLE', retryAfterMs: 2_000 })
    assert.equal(server.received.length, 1)
  })
})

test('a refused token is fetched anew, once, with no retry spent on it', async () => {
  const asked: (string | undefined)[] = []
  const token = async (refused?: string) => {
    asked.push(refused)
    return refused === undefined ? 'stale' : 'fresh'
  }
  const bearer: Reply = (request, response) =>
    (request.headers.authorization === 'Bearer fresh' ? received : refusal(401, 'UNAUTHORIZED'))(request, response)
  await withClient([bearer], { token, retries: 0 }, async ({ client }) => {
    assert.equal((await client.createTicket(ticket)).outcome, 'received')
    assert.deepEqual(asked, [undefined, 'stale'])
  })
  const stale = refusal(401, 'UNAUTHORIZED')
  await withClient([stale, stale, received], { token: () => 'stale' }, async ({ client, server }) => {
    assert.partialDeepStrictEqual(await client.createTicket(ticket), {
      outcome: 'rejected',
      errorCode: 'UNAUTHORIZED',
    })
    assert.equal(server.received.length, 2)
  })
})

test('a token function that fails is asked again; one that fails on, or never answers, is an unknown outcome', async () => {
  let failures = 1
  const token = () => {
    if (failures-- > 0) throw new Error('offline')
    return 'a-token'
  }
  await withClient([received], { token }, async ({ client }) => {
    assert.equal((await client.createTicket(ticket)).outcome, 'received')
  })
  for (const broken of [() => Promise.reject(new Error('offline')), () => new Promise<never>(() => undefined)]) {
    await withClient([received], { token: broken, retries: 1, timeoutMs: 50 }, async ({ client, server }) => {
      assert.equal((await client.createTicket(ticket)).outcome, 'unknown')
      assert.equal(server.received.length, 0)
    })
  }
})

test('without a token none is sent', () =>
  withClient([received], { token: undefined }, async ({ client, server }) => {
    await client.createTicket(ticket)
    assert.equal(server.received[0]?.headers.authorization, undefined)
  }))

test('an abort ends the call at once: before it, during a try, and during a wait', async () => {
  const aborting = async (reply: Reply, signalFor: (seen: Promise<void>) => AbortSignal) => {
    await withClient([reply], { timeoutMs: 60_000, retries: 5 }, async ({ client, server }) => {
      const sent = await client.createTicket(ticket, { signal: signalFor(server.seen(1)) })
      assert.equal(sent.outcome, 'unknown')
      assert.ok(server.received.length <= 1)
    })
  }
  const once = (seen: Promise<void>) => {
    const controller = new AbortController()
    void seen.then(() => controller.abort())
    return controller.signal
  }
  const wait = refusal(503, 'OUTCOME_UNKNOWN', { 'retry-after': '59' })
  const ms = await elapsed(async () => {
    await aborting(received, () => AbortSignal.abort())
    await aborting(silence, once)
    // Answered long before, so the client waits by then.
    await aborting(wait, () => AbortSignal.timeout(300))
  })
  assert.ok(ms < 30_000, `${ms} ms`)
})
