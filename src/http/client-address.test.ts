/** Behind proxies: whence a request comes, and whether by TLS, is what the proxies we trust say, and nobody else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memorySessions } from '../../test/support/pages-app.ts'
import { plainAddress, proxyTrust } from './client-address.ts'
import { demoPrincipal } from './login-link.ts'
import { createServer } from './server.ts'
import { makeSessions } from './sessions.ts'

for (const [written, plain] of [
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:4711', '192.0.2.7'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:80', '192.0.2.7'],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['', undefined],
  ['192.0.2.7:x', undefined],
  ['192.0.2.700', undefined],
  ['<script>', undefined],
] as const) {
  test(`"${written}" is ${plain ?? 'no address'}`, () => assert.equal(plainAddress(written), plain))
}

test('a range holds its addresses however they are written, and no others', () => {
  const isTrusted = proxyTrust(['10.0.0.0/8', '127.0.0.1/32', 'fd00::/8'])
  for (const address of ['10.255.0.1', '10.0.0.1:80', '::ffff:10.0.0.1', '127.0.0.1', 'fd12::1', '[fd12::1]:443'])
    assert.ok(isTrusted(address), address)
  for (const address of ['11.0.0.1', '127.0.0.2', 'fe80::1', '::1', '', 'unknown', '10.0.0'])
    assert.ok(!isTrusted(address), address)
})

const start = (trustProxy: readonly string[]) => {
  const clients: (string | null)[] = []
  const app = createServer({
    messageMaxLength: 100,
    trustProxy,
    nextId: () => 'an-id',
    observer: { answered: ({ client }) => clients.push(client), failed() {} },
  })
  const sessions = makeSessions({
    store: memorySessions({ storeError: undefined }),
    clock: { now: () => 0 },
    random: { bytes: count => new Uint8Array(count) },
  })
  app.get('/', async (request, reply) => {
    await sessions.open(request, reply, { principal: demoPrincipal('USER'), link: new Uint8Array(1) })
    return { host: request.host }
  })
  const ask = async (headers: Record<string, string>) => {
    const answer = await app.inject({ url: '/', headers, remoteAddress: '10.0.0.2' })
    const isSecure = /; Secure/.test(String(answer.headers['set-cookie']))
    return { client: clients.at(-1), isSecure, host: answer.json().host }
  }
  return ask
}

const forwarded = {
  host: 'inner:8080',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'support.example.org',
}
for (const [path, client] of [
  ['198.51.100.9', '198.51.100.9'],
  ['198.51.100.9:4711', '198.51.100.9'],
  ['[2001:db8::9]:4711', '2001:db8::9'],
  ['203.0.113.1, 198.51.100.9', '198.51.100.9'],
  ['127.0.0.1, 198.51.100.9, 10.0.0.7', '198.51.100.9'],
  ['198.51.100.9,10.0.0.7:80,10.0.0.8', '198.51.100.9'],
  ['10.0.0.9', '10.0.0.9'],
  ['198.51.100.9, unknown', null],
  ['<b>, "x"', null],
] as const) {
  test(`a trusted proxy that names "${path}" speaks of ${client ?? 'nobody'}, by TLS`, async () => {
    const ask = start(['10.0.0.0/8'])
    const seen = await ask({ ...forwarded, 'x-forwarded-for': path })
    assert.deepEqual(seen, { client, isSecure: true, host: 'support.example.org' })
  })
}

test('of several protocols the last counts: it is the word of the proxy next to us', async () => {
  for (const [written, isSecure] of [
    ['https, http', false],
    ['http,https', true],
  ] as const)
    assert.equal((await start(['10.0.0.0/8'])({ 'x-forwarded-proto': written })).isSecure, isSecure, written)
})

for (const [what, trustProxy] of [
  ['nobody is trusted', []],
  ['somebody else is', ['10.0.0.3/32', '192.168.0.0/16']],
] as const) {
  test(`headers that anybody can write change nothing where ${what}`, async () => {
    const ask = start(trustProxy)
    const more = { forwarded: 'for=192.0.2.1;proto=https', 'x-real-ip': '192.0.2.1', 'x-forwarded-for': '127.0.0.1' }
    assert.deepEqual(await ask({ ...forwarded, ...more }), { client: '10.0.0.2', isSecure: false, host: 'inner:8080' })
  })
}

test('what a trusted proxy passes on unread is not believed', async () => {
  const ask = start(['10.0.0.0/8'])
  const seen = await ask({ host: 'inner:8080', forwarded: 'for=192.0.2.1;proto=https', 'x-real-ip': '192.0.2.1' })
  assert.deepEqual(seen, { client: '10.0.0.2', isSecure: false, host: 'inner:8080' })
})
