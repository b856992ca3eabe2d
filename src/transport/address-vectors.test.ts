/** Where a request to a host may go, for every spelling: the whole way out, with canaries that must hear nothing, and a proxy that hears where to. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { vectors } from '../../test/contracts/address-vectors.ts'
import { mail, transportFor as mailTransportFor } from '../../test/support/mail-stage.ts'
import { startProxy } from '../../test/support/proxy.ts'
import { listening, post, transportFor } from '../../test/support/transport-stage.ts'
import { parseAddress } from '../domain/network.ts'
import { createAddressGuard } from './address-guard.ts'

const BOUNDS = { timeoutMs: 5_000 }
const resolve = async () => answers
let answers: readonly string[] = []

/** They listen on this machine at one port, and count who comes. */
const canaries = async (t: TestContext) => {
  const heard = { count: 0 }
  const canary = () =>
    createServer(socket => {
      heard.count += 1
      socket.destroy()
    })
  const port = await listening(t, canary())
  await listening(t, canary(), { host: '127.0.0.53', port })
  await listening(t, canary(), { host: '::1', port }).catch(() => {})
  return { port, heard }
}

const isRefused = ({ admitted }: { readonly admitted: readonly string[] }) => admitted.length === 0
const same = (a: string, b: string) => assert.deepEqual(parseAddress(a), parseAddress(b), `${a} is ${b}`)

test(`there are ${vectors.length} vectors, of both kinds`, () => {
  assert.ok(vectors.length >= 300)
  assert.ok(vectors.filter(isRefused).length >= 200 && vectors.filter(vector => !isRefused(vector)).length >= 50)
})

test('what is refused is refused before a connection, by http and https, and no canary hears of it', async t => {
  const { port, heard } = await canaries(t)
  const transport = transportFor(t, { allow: [], resolve })
  for (const vector of vectors.filter(isRefused)) {
    answers = vector.resolves ?? []
    for (const protocol of ['http', 'https']) {
      const answer = await transport.send(post(`${protocol}://${vector.host}:${port}/`), BOUNDS)
      assert.ok(
        answer.kind === 'no-answer' && answer.failure === 'blocked',
        `${vector.host}: ${JSON.stringify(answer)}`,
      )
    }
  }
  assert.equal(heard.count, 0)
})

test('plain http is refused to all of them', async t => {
  const transport = transportFor(t, { allow: [], resolve })
  for (const vector of vectors) {
    answers = vector.resolves ?? []
    const answer = await transport.send(post(`http://${vector.host}:80/`), BOUNDS)
    assert.ok(answer.kind === 'no-answer' && answer.failure === 'blocked', `${vector.host}: ${JSON.stringify(answer)}`)
  }
})

test('a proxy is asked for what is admitted, by its address, and for nothing else', async t => {
  const refusal = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'
  const { port, targets } = await startProxy(t, { route: () => refusal })
  const { port: canary, heard } = await canaries(t)
  const transport = transportFor(t, { allow: [], resolve, proxy: { host: '127.0.0.1', port, login: null } })
  for (const { host, resolves = [], admitted } of vectors) {
    answers = resolves
    targets.length = 0
    const answer = await transport.send(post(`https://${host}:${canary}/`), BOUNDS)
    const [first] = admitted
    assert.ok(answer.kind === 'no-answer', host)
    assert.equal(answer.failure, first === undefined ? 'blocked' : 'proxy', `${host}: ${answer.detail}`)
    assert.equal(targets.length, first === undefined ? 0 : 1, host)
    if (first !== undefined) same(/^\[?(.*?)\]?:\d+$/.exec(targets[0] ?? '')?.[1] ?? '', first)
  }
  assert.equal(heard.count, 0)
})

/** Of what is refused, what the configuration takes as a mail server. Where the spelling is none that this scheme knows for an address, it is
 *  a name, and the system may know it for one. */
const mailServers = vectors
  .filter(isRefused)
  .filter(({ host }) => URL.parse(`smtp://${host}:25`)?.username === '')
  .map(({ host, resolves = ['127.0.0.1'] }) => ({ host, resolves }))

test('mail is refused to all that is refused', async t => {
  const { port, heard } = await canaries(t)
  const transport = mailTransportFor(t, { allow: [], resolve })
  for (const { host, resolves } of mailServers) {
    answers = resolves
    const answer = await transport.send(mail(port, { url: `smtp://${host}:${port}` }), BOUNDS)
    assert.ok(answer.kind === 'no-answer' && answer.failure === 'blocked', `${host}: ${JSON.stringify(answer)}`)
  }
  assert.equal(heard.count, 0)
})

test('for mail a proxy is asked for nothing that is refused; this machine is not asked for at all', async t => {
  const { port, targets } = await startProxy(t, { route: () => null })
  const { port: canary, heard } = await canaries(t)
  const transport = mailTransportFor(t, { allow: [], resolve, proxy: { host: '127.0.0.1', port, login: null } })
  for (const { host, resolves } of mailServers) {
    answers = resolves
    const answer = await transport.send(mail(canary, { url: `smtp://${host}:${canary}` }), BOUNDS)
    assert.ok(answer.kind === 'no-answer' && answer.failure === 'blocked', `${host}: ${JSON.stringify(answer)}`)
  }
  assert.ok(mailServers.length >= 200, `${mailServers.length} servers`)
  assert.deepEqual([targets, heard.count], [[], 0])
})

const PRIVATE = ['10.0.0.1', '100.64.0.1', '127.0.0.1', '172.16.0.1', '192.168.1.1', '::1', 'fc00::1', 'fd00::1']
const NEVER = [
  ...['0.0.0.0', '169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', '192.0.0.192', '224.0.0.1'],
  ...[
    '255.255.255.255',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    'ff02::1',
    '64:ff9b::a9fe:a9fe',
    '::ffff:169.254.169.254',
  ],
]

test('a host that is allowed by name may be in a private network, by plain http too, and not where no service is', () => {
  const guard = createAddressGuard(['chat.test', '.inner.test'])
  for (const host of ['chat.test', 'CHAT.test.', 'a.inner.test', 'a.b.inner.test']) {
    for (const protocol of ['http:', 'https:'] as const) {
      for (const address of [...PRIVATE, '1.1.1.1'])
        assert.deepEqual(guard.admit([address], protocol, host), { ok: true, addresses: [address] }, address)
      for (const address of NEVER) assert.equal(guard.admit([address], protocol, host).ok, false, address)
    }
    assert.deepEqual(guard.admit(['169.254.169.254', '10.0.0.1'], 'http:', host), { ok: true, addresses: ['10.0.0.1'] })
  }
  for (const host of ['chat.test.evil.example', 'xchat.test', 'a.chat.test', 'inner.test', 'xinner.test', '']) {
    for (const address of PRIVATE) assert.equal(guard.admit([address], 'https:', host).ok, false, `${host} ${address}`)
    assert.equal(guard.admit(['1.1.1.1'], 'http:', host).ok, false, host)
  }
})
