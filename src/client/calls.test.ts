import assert from 'node:assert/strict'
import test from 'node:test'
import { answer, cut, html, refusal, TICKET, withClient } from '../../test/support/client-stage.ts'
import { createClient } from './index.ts'
import type { Client, Result } from './types.ts'

const PAGE = { itemsPerPage: 50, items: [], next: null }
const BULK = { responses: [{ id: 'e1' }] }
const destination = { name: 'support' }

type Asked = (client: Client) => Promise<Result<unknown>>
/** Each call, the request it makes, what is answered, and whether it is made again when no answer comes. */
const calls: readonly (readonly [string, Asked, string, unknown, unknown, boolean])[] = [
  ['browse', client => client.browse(), 'GET /api/support/browse', null, PAGE, true],
  [
    'browse with filters',
    client => client.browse({ filterStatus: 'CLOSED', filterUser: 'Ada#1 &+', filterType: null, next: 'a=b' }),
    'GET /api/support/browse?filterStatus=CLOSED&filterUser=Ada%231+%26%2B&next=a%3Db',
    null,
    PAGE,
    true,
  ],
  [
    'retrieve',
    client => client.retrieve({ id: 'SUP-7K3F-Q2MX', includeTimeline: true }),
    'GET /api/support/retrieve?id=SUP-7K3F-Q2MX&includeTimeline=true',
    null,
    TICKET,
    true,
  ],
  ['search', client => client.search({ query: 'x' }), 'POST /api/support/search', { query: 'x' }, PAGE, true],
  [
    'addComment',
    client => client.addComment({ items: [{ id: '1', message: 'Thanks' }] }),
    'POST /api/support/addComment',
    { items: [{ id: '1', message: 'Thanks' }] },
    BULK,
    false,
  ],
  [
    'updateStatus',
    client => client.updateStatus({ items: [{ id: '1', status: 'CLOSED' }] }),
    'POST /api/support/updateStatus',
    { items: [{ id: '1', status: 'CLOSED' }] },
    BULK,
    false,
  ],
  [
    'browseDeliveries',
    client => client.browseDeliveries({ filterState: 'DEAD', from: 1, to: 2 }),
    'GET /api/support/browseDeliveries?filterState=DEAD&from=1&to=2',
    null,
    PAGE,
    true,
  ],
  [
    'replay',
    client => client.replay({ ids: ['d1'], dryRun: true }),
    'POST /api/support/replay',
    { ids: ['d1'], dryRun: true },
    { count: 0 },
    false,
  ],
  [
    'browseDestinations',
    client => client.browseDestinations(),
    'GET /api/support/browseDestinations',
    null,
    PAGE,
    true,
  ],
  [
    'testDestination',
    client => client.testDestination(destination),
    'POST /api/support/testDestination',
    destination,
    { outcome: 'RETRY', status: 503, excerpt: null },
    false,
  ],
  [
    'pauseDestination',
    client => client.pauseDestination(destination),
    'POST /api/support/pauseDestination',
    destination,
    destination,
    true,
  ],
  [
    'resumeDestination',
    client => client.resumeDestination(destination),
    'POST /api/support/resumeDestination',
    destination,
    destination,
    true,
  ],
]

for (const [name, ask, request, body, value, mayRepeat] of calls) {
  test(`${name}: what is asked, and the answer as a value`, () =>
    withClient([answer(200, value)], {}, async ({ client, server }) => {
      assert.deepEqual(await ask(client), { ok: true, value })
      const [seen] = server.received
      assert.equal(`${seen?.method} ${seen?.path}`, request)
      assert.equal(seen?.headers.authorization, 'Bearer a-token')
      assert.deepEqual(seen?.body ? JSON.parse(seen.body) : null, body)
    }))

  test(`${name} is ${mayRepeat ? '' : 'not '}made again when no answer comes, for it ${mayRepeat ? 'does no harm' : 'might be done twice'}`, () =>
    withClient([cut, answer(200, value)], { retries: 1 }, async ({ client, server }) => {
      const result = await ask(client)
      assert.deepEqual([result.ok, server.received.length], mayRepeat ? [true, 2] : [false, 1])
    }))

  test(`${name}: a refusal, a page and an answer of somebody else are values too`, async () => {
    await withClient([refusal(403, 'FORBIDDEN')], {}, async ({ client }) => {
      const failure = { why: 'This is FORBIDDEN.', errorCode: 'FORBIDDEN', statusCode: 403, retryAfterMs: null }
      assert.deepEqual(await ask(client), { ok: false, ...failure })
    })
    for (const strange of [
      html(200),
      answer(200, {}),
      answer(200, '[]'),
      answer(200, { items: 'none', responses: {} }),
    ]) {
      await withClient([strange], { retries: 0 }, async ({ client }) => {
        assert.partialDeepStrictEqual(await ask(client), { ok: false, errorCode: null, statusCode: 200 })
      })
    }
  })
}

test('a call without an answer is told apart by its status, and ends when it is aborted', () =>
  withClient([cut], { retries: 100 }, async ({ client, server }) => {
    const controller = new AbortController()
    void server.seen(1).then(() => controller.abort())
    const result = await client.browse({}, { signal: controller.signal })
    assert.partialDeepStrictEqual(result, { ok: false, errorCode: null, statusCode: null })
  }))

test('the service may live below a path, with or without a slash at its end; what is no address is told at once', () =>
  withClient([answer(200, PAGE)], {}, async ({ server }) => {
    for (const url of [`${server.url}/cloud`, `${server.url}/cloud//`]) await createClient({ url }).browse()
    assert.deepEqual(
      server.received.map(({ path }) => path),
      ['/cloud/api/support/browse', '/cloud/api/support/browse'],
    )
    for (const url of ['', '/here', 'no address', undefined as never])
      assert.throws(() => createClient({ url }), TypeError, url)
    for (const given of [{}, undefined, { url: null }] as never[])
      assert.throws(() => createClient(given), { name: 'TypeError', message: 'createClient needs the option "url"' })
  }))
