/** What is gzipped and what never is, byte by byte over real sockets. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ask } from '../../test/support/ask.ts'
import { createServer } from './server.ts'

const LONG = JSON.stringify({ text: 'Grüße '.repeat(500) })
const TYPES = ['application/json; charset=utf-8', 'text/css; charset=utf-8', 'text/javascript', 'image/svg+xml']
const app = createServer({
  trustProxy: [],
  messageMaxLength: 100,
  nextId: () => 'an-id',
  observer: { answered() {}, failed() {} },
})
/** Routes by name; each is asked below. */
const routes: Record<string, { type?: string; headers?: Record<string, string>; status?: number; body?: unknown }> = {
  short: { body: '{}' },
  below: { body: 'x'.repeat(1_023) },
  atLeast: { body: 'x'.repeat(1_024) },
  buffer: { body: Buffer.from(LONG) },
  page: { type: 'text/html; charset=utf-8' },
  plain: { type: 'text/plain' },
  encoded: { headers: { 'content-encoding': 'gzip' }, body: gzipSync(LONG, { level: 0 }) },
  tagged: { headers: { etag: '"v1"' } },
  sized: { headers: { 'content-length': String(Buffer.byteLength(LONG)) } },
  varying: { headers: { vary: 'Origin' } },
  nothing: { status: 204, body: undefined },
  unchanged: { status: 304, body: undefined },
  failed: { status: 500 },
}
for (const type of TYPES) routes[type.replace(/\W.*$/, '') + TYPES.indexOf(type)] = { type }
let address: string
before(async () => {
  for (const [name, { type = TYPES[0], headers = {}, status = 200, ...rest }] of Object.entries(routes)) {
    app.route({
      method: ['GET', 'HEAD'],
      url: `/${name}`,
      handler: (_request, reply) =>
        reply
          .code(status)
          .headers({ ...(type && { 'content-type': type }), ...headers })
          .send('body' in rest ? rest.body : LONG),
    })
  }
  app.get('/stream', (_request, reply) => reply.header('content-type', TYPES[0]).send(Readable.from([LONG])))
  address = await app.listen({ port: 0, host: '127.0.0.1' })
})
after(() => app.close())

const get = (name: string, encoding?: string, method = 'GET') =>
  ask(`${address}/${name}`, { method, headers: encoding === undefined ? {} : { 'accept-encoding': encoding } })

for (const [encoding, isGzipped] of [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['GZip', true],
  ['x-gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['br;q=1, gzip;q=0.2, *;q=0', true],
  ['gzip ; q=1.000', true],
  ['*', true],
  ['identity;q=0, *;q=0.1', true],
  ['deflate, br', false],
  ['gzip;q=0', false],
  ['gzip;q=1.5', false],
  [`gzip${','.repeat(1_000)}`, false],
  ['gzip;q=0.000, *', false],
  ['*;q=0', false],
  ['identity', false],
  ['identity, gzip;q=0.5', false],
  ['gzip;q=high', false],
  ['gzip;q=2', false],
  ['notgzip, gzipped', false],
] as const) {
  test(`Accept-Encoding ${encoding === undefined ? 'left out' : `"${encoding}"`} ${isGzipped ? 'asks' : 'does not ask'} for gzip`, async () => {
    const { headers, bytes } = await get('buffer', encoding)
    assert.equal(headers['content-encoding'], isGzipped ? 'gzip' : undefined)
    assert.equal((isGzipped ? gunzipSync(bytes) : bytes).toString(), LONG)
    assert.equal(headers['content-length'], String(bytes.length))
    assert.equal(headers.vary, 'Accept-Encoding')
  })
}

test('JSON, styles, scripts and drawings are gzipped, errors too', async () => {
  for (const name of [...Object.keys(routes).filter(route => /\d$/.test(route)), 'failed', 'sized']) {
    const { headers, bytes } = await get(name, 'gzip')
    assert.deepEqual([name, headers['content-encoding'], gunzipSync(bytes).toString()], [name, 'gzip', LONG])
    assert.equal(headers['content-length'], String(bytes.length))
  }
})

test('pages are not, whoever asks: what they show of the user could be guessed from their length', async () => {
  for (const name of ['page', 'plain']) {
    const { headers, text } = await get(name, 'gzip')
    assert.deepEqual([headers['content-encoding'], headers.vary, text], [undefined, undefined, LONG])
  }
})

test('short answers are not: from 1 KiB on it is worth it', async () => {
  const lengths = await Promise.all(
    ['short', 'below', 'atLeast'].map(async name => (await get(name, 'gzip')).headers['content-encoding']),
  )
  assert.deepEqual(lengths, [undefined, undefined, 'gzip'])
  assert.equal((await get('short', 'gzip')).headers.vary, 'Accept-Encoding')
})

test('what is encoded already, has an entity tag or is a stream leaves as it is', async () => {
  const encoded = await get('encoded', 'gzip')
  assert.equal(gunzipSync(encoded.bytes).toString(), LONG)
  for (const name of ['tagged', 'stream']) {
    const { headers, text } = await get(name, 'gzip')
    assert.deepEqual([headers['content-encoding'], headers.vary, text], [undefined, 'Accept-Encoding', LONG])
  }
})

test('an answer without a body says nothing of an encoding', async () => {
  for (const [name, status] of [
    ['nothing', 204],
    ['unchanged', 304],
  ] as const) {
    const answer = await get(name, 'gzip')
    assert.deepEqual([answer.status, answer.headers['content-encoding'], answer.text], [status, undefined, ''])
  }
})

test('HEAD has the headers of GET, and no body', async () => {
  for (const route of ['buffer', 'sized', 'short', 'page']) {
    for (const encoding of ['gzip', 'identity']) {
      const [got, head] = [await get(route, encoding), await get(route, encoding, 'HEAD')]
      for (const name of ['content-encoding', 'content-length', 'vary'])
        assert.equal(head.headers[name], got.headers[name], `${name} of ${route}`)
      assert.equal(head.text, '')
    }
  }
})

test('what else an answer varies by stays', async () => {
  assert.equal((await get('varying', 'gzip')).headers.vary, 'Origin, Accept-Encoding')
})
