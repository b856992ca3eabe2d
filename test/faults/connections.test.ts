/** Receivers that give no whole answer: refused, reset before and after each part, names and certificates that are wrong. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import type { Outcome } from '../../src/domain/outcome.ts'
import { answer, endAfter, type Fault, resetAfter } from './server.ts'
import { framed } from './shapes.ts'
import { delivered, type KindName, type Options, retry, stage, unavailable, unclear } from './stage.ts'

const at = stage()

type Row = readonly [
  name: string,
  fault: Fault,
  outcome: Outcome | Readonly<Record<KindName, Outcome>>,
  status: number | null,
  options?: Options,
]

const OK = framed({ status: 200, body: 'ok' })
const CONTINUE = 'HTTP/1.1 100 Continue\r\nX-Proxy: 1\r\n\r\n'
const BROKEN = retry('connection-reset')
/** The status was heard: a webhook wants no more than that, and Slack's word is missing. */
const HEARD = { webhook: delivered, slack: unclear(200) }
/** More than the buffers of a connection hold, so that the rest is still being written. */
const LONG = { early: true, message: '漢'.repeat(512 * 1024) }

const rows: readonly Row[] = [
  ['reset at once', resetAfter(), BROKEN, null, { early: true }],
  ['reset before our body was read', resetAfter(), BROKEN, null, LONG],
  ['closed before our body was read', socket => socket.destroy(), BROKEN, null, LONG],
  ['reset once our body was read', resetAfter(), BROKEN, null],
  ['closed without a word', endAfter(), BROKEN, null],
  ['reset within the status line', resetAfter('HTTP/1.1 20'), BROKEN, null],
  ['reset within the head', resetAfter('HTTP/1.1 200 OK\r\nContent-Le'), BROKEN, null],
  ['closed within the head', endAfter('HTTP/1.1 200 OK\r\nContent-Le'), BROKEN, null],
  ['reset after an interim answer', resetAfter(CONTINUE), BROKEN, null],
  ['reset between head and body', resetAfter('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'), HEARD, 200],
  ['reset within the body', resetAfter('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no'), HEARD, 200],
  ['closed within the body', endAfter('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\no'), HEARD, 200],
  ['reset within a chunk', resetAfter('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\no'), HEARD, 200],
  ['chunks that are none', answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\no'), HEARD, 200],
  ['reset after the whole body', resetAfter(OK), delivered, 200],
  ['closed after the whole body', endAfter(OK), delivered, 200],
  [
    'reset within a 503',
    resetAfter('HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\nh'),
    retry('http-503', 7_000),
    503,
  ],
  ['reset within a 404', resetAfter('HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\nno_'), unavailable('http-404'), 404],
  // The HTTP library takes a leave that nobody asked for as a fault (undici 8; RFC 9110, 15.2 would skip it).
  ['an interim 100 before the answer', answer(CONTINUE, OK), BROKEN, null],
  ['early hints before the answer', answer('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n', OK), delivered, 200],
  [
    'a protocol we did not ask for',
    answer('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'),
    retry('protocol'),
    null,
  ],
  ['a mail server', answer('220 mail.example.org ESMTP Postfix\r\n'), retry('protocol'), null],
  ['a shell', answer('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'), retry('protocol'), null],
  [
    'HTTP/2 at once',
    answer(Buffer.from('00001204000000000000030000008000040001000000050000', 'hex')),
    retry('protocol'),
    null,
  ],
  ['HTTP/0.9', endAfter('<html>ok</html>'), retry('protocol'), null],
  ['a status of two digits', answer('HTTP/1.1 20 OK\r\n\r\n'), retry('protocol'), null],
  ['a header without a name', answer('HTTP/1.1 200 OK\r\n: x\r\n\r\n'), retry('protocol'), null],
  [
    'two lengths',
    answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'),
    retry('protocol'),
    null,
  ],
  ['a head without end', answer(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`), retry('protocol'), null],
]

for (const [name, fault, meaning, status, options] of rows) {
  test(`${name}: what was heard counts, and nothing else`, async () => {
    for (const kind of ['slack', 'webhook'] as const) {
      const outcome = 'kind' in meaning ? meaning : meaning[kind]
      const learned = await at.attempt(kind, fault, options)
      assert.deepEqual([learned.outcome, learned.status], [outcome, status], learned.excerpt ?? '')
    }
  })
}

test('a second answer on the same connection is not taken for the answer to the next request', async () => {
  const surplus = await at.attempt('slack', answer(OK + OK))
  assert.deepEqual(surplus.outcome, delivered)
  const next = await at.attempt('slack', answer(framed({ status: 500 })))
  assert.deepEqual(next.outcome, retry('http-500'))
})

test('a port where nobody listens is a refused connection', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo // it listens on TCP
  await new Promise(resolve => closed.close(resolve))
  for (const kind of ['slack', 'webhook'] as const) {
    const learned = await at.attemptAt(kind, `http://127.0.0.1:${port}/services/nobody-listens-here`)
    assert.deepEqual([learned.outcome, learned.status], [retry('connection-refused'), null])
  }
})

const named = (host: string, scheme = 'https'): Options => ({ origin: `${scheme}://${host}` })
const failing = (code: string) => ({
  ...named('receiver.test'),
  transport: { resolve: () => Promise.reject(Object.assign(new Error('no'), { code })) },
})

const hosts: readonly (readonly [name: string, outcome: Outcome, options: Options])[] = [
  ['a certificate that is right', delivered, named('receiver.test')],
  ['a certificate for another host', unavailable('certificate'), named('elsewhere.test')],
  ['a certificate that ran out', unavailable('certificate'), named('expired.test')],
  [
    'a certificate that nobody vouches for',
    unavailable('certificate'),
    { ...named('receiver.test'), distrusting: true },
  ],
  ['a handshake that is reset', BROKEN, named('tls-reset.test')],
  ['a handshake that is closed', BROKEN, named('tls-closed.test')],
  ['plain text in the middle of a handshake', retry('tls'), named('tls-plain.test')],
  ['a name that does not exist', retry('dns'), failing('ENOTFOUND')],
  ['a name server that cannot say', retry('dns'), failing('EAI_AGAIN')],
  ['a name server that fails', retry('dns'), failing('EAI_FAIL')],
  ['a name without an address', retry('dns'), failing('ENODATA')],
  [
    'a name that leads into a private network',
    unavailable('address-not-allowed'),
    { ...named('receiver.test'), transport: { resolve: async () => ['10.0.0.1'] } },
  ],
  [
    'a name that leads to a cloud’s own data',
    unavailable('address-not-allowed'),
    { ...named('receiver.test', 'http'), transport: { resolve: async () => ['169.254.169.254'] } },
  ],
]

for (const [name, outcome, options] of hosts) {
  test(`${name}: ${outcome.kind}, and nothing is sent unless it is right`, async () => {
    for (const kind of ['slack', 'webhook'] as const) {
      const before = at.server.heard.length
      const learned = await at.attempt(kind, answer(OK), options)
      assert.deepEqual(learned.outcome, outcome, learned.excerpt ?? '')
      assert.equal(at.server.heard.length - before, outcome.kind === 'delivered' ? 1 : 0)
    }
  })
}
