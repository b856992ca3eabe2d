/** Bodies that are compressed, and bodies that are much too large for who only writes and then reads. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { InProcess } from '../support/in-process.ts'
import { post, token } from '../support/service.ts'
import { body, startTarget, storedMessages } from './wire.ts'

let at: InProcess
before(async () => {
  at = await startTarget()
})
after(() => at.stop())

const TEXT = body('m')
// 130 MB of nothing in 130 kB.
const BOMB = Buffer.concat(Array(130).fill(gzipSync(Buffer.alloc(1_000_000))))

for (const [coding, bytes] of [
  ['gzip', gzipSync(TEXT)],
  ['GZip', gzipSync(TEXT)],
  ['x-gzip', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['gzip', BOMB],
  ['zstd', Buffer.from(TEXT)],
  ['klingon', Buffer.from(TEXT)],
  ['identity, gzip', gzipSync(TEXT)],
  ['gzip, identity', gzipSync(TEXT)],
] as const) {
  test(`${bytes.length} bytes coded as ${coding}: 415 that says what to do, decided after the token`, async () => {
    const stored = storedMessages(at).length
    const answer = await post(at.address, bytes, { 'content-encoding': coding })
    const { why, errorCode } = await answer.json()
    assert.deepEqual([answer.status, errorCode], [415, 'UNSUPPORTED_ENCODING'])
    assert.match(why, /compressed.*Send it again without Content-Encoding; nothing was stored\.$/)
    assert.equal((await post(at.address, bytes, { 'content-encoding': coding, authorization: '' })).status, 401)
    assert.equal(storedMessages(at).length, stored)
  })
}

test('a body that is said not to be compressed, in whatever words, is taken', async () => {
  for (const coding of ['identity', 'Identity', '', ' , ', 'identity, identity'])
    assert.equal((await post(at.address, TEXT, { 'content-encoding': coding })).status, 200, coding)
})

test('a compressed body that does not say so is no JSON', async () => {
  const answer = await post(at.address, gzipSync(TEXT))
  assert.deepEqual([answer.status, (await answer.json()).errorCode], [400, 'NOT_UTF8'])
})

const MEGABYTE = Buffer.alloc(1_000_000, 'x')
/** A client that has everything to write before it reads. */
const write = (agent: Agent, megabytes: readonly Buffer[], headers: Record<string, string | number>) =>
  new Promise<{ status: number | undefined; text: string; port: number | undefined }>((resolve, reject) => {
    const sent = request(`${at.address}/api/support/ticket`, {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${token()}`, ...headers },
    })
    // Node's own client waits for ever for "drain" once it has the answer: everything is handed to it at once.
    for (const bytes of megabytes) sent.write(bytes)
    sent.end()
    sent.once('error', reject).once('response', async answer => {
      let text = ''
      for await (const chunk of answer.setEncoding('utf8')) text += chunk
      resolve({ status: answer.statusCode, text, port: sent.socket?.localPort })
    })
  })

test('who writes 30 MB, with a length or in chunks, reads the 413 and sends the next ticket on the same connection', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const much = Array<Buffer>(30).fill(MEGABYTE)
  const small = [Buffer.from(TEXT)]
  const ports = new Set<number | undefined>()
  for (const header of [
    ['content-length', 30_000_000],
    ['transfer-encoding', 'chunked'],
  ] as const) {
    const refused = await write(agent, much, Object.fromEntries([header]))
    assert.deepEqual([refused.status, JSON.parse(refused.text).errorCode], [413, 'BODY_TOO_LARGE'])
    const taken = await write(agent, small, { 'content-length': TEXT.length })
    assert.deepEqual([taken.status, taken.text], [200, '{}'])
    ports.add(refused.port).add(taken.port)
  }
  assert.equal(ports.size, 1)
  agent.destroy()
})

test('whoever sends on and on after the 413 is cut off', async () => {
  const { hostname, port } = new URL(at.address)
  const socket = connect(Number(port), hostname)
  const closed = new Promise(resolve => socket.once('close', resolve))
  let answer = ''
  socket.on('data', chunk => (answer += chunk)).on('error', () => {})
  socket.write(
    `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  )
  const megabyte = `100000\r\n${'x'.repeat(0x10_0000)}\r\n`
  let sent = 0
  for (; sent < 500 && !socket.destroyed; sent += 1)
    if (!socket.write(megabyte)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
  assert.ok(sent < 500, 'half a gigabyte was taken in')
  await closed
  assert.match(answer, /^HTTP\/1\.1 413 /)
})
