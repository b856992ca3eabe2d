/** Hundreds of connections that never finish what they began: nobody else notices. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import type { InProcess } from '../support/in-process.ts'
import { post } from '../support/service.ts'
import { deliveredMessages, startTarget, storedMessages, ticket } from './wire.ts'

let at: InProcess
/** Each with the bytes it can go on with. */
const slow: { socket: Socket; more: string }[] = []
before(async () => {
  at = await startTarget()
})
after(async () => {
  for (const { socket } of slow) socket.destroy()
  await at.stop()
})

const HONEST = Array.from({ length: 20 }, (_, i) => `honest ${i}`)
const answered: string[] = []

/** Opens the connections and leaves them; what they are answered is kept. */
const leave = (count: number, bytes: string, more: string) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { hostname, port } = new URL(at.address)
      const socket = connect(Number(port), hostname)
      slow.push({ socket, more })
      socket.on('error', () => {}).on('data', chunk => answered.push(String(chunk)))
      await once(socket, 'connect')
      socket.write(bytes)
    }),
  )

test('honest tickets are stored and delivered beside 208 connections that are slow in head, body and chunks', async () => {
  await leave(100, 'P', 'O')
  await leave(100, ticket('Content-Length: 1000\r\n', '{'), ' ')
  await leave(4, ticket('Transfer-Encoding: chunked\r\n', '1\r\n{\r\n'), '1')
  await leave(4, `${ticket('Transfer-Encoding: chunked\r\n', '5;')}${'a'.repeat(100)}`, 'a')
  for (const message of HONEST) assert.equal((await post(at.address, { message })).status, 200)
  // Slow ones go on, a byte at a time, and get no further.
  for (const { socket, more } of slow) socket.write(more)
  await Promise.all(HONEST.map(async message => assert.equal((await post(at.address, { message })).status, 200)))
  await at.receiver.seen(2 * HONEST.length)
  assert.deepEqual(deliveredMessages(at).sort(), [...HONEST, ...HONEST].sort())
  assert.deepEqual(answered, [])
})

test('many slow senders of large heads, and of bodies just below the limit, keep nobody from a ticket', async () => {
  const limit = 6 * 524_288 + 64 * 1024
  await leave(20, `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1_000_000)}`, 'x')
  await leave(20, ticket(`Content-Length: ${limit}\r\n`, 'x'.repeat(limit - 1)), '')
  assert.equal((await post(at.address, { message: 'last' })).status, 200)
  await at.receiver.seen(2 * HONEST.length + 1)
})

test('of what is cut off nothing is stored', async () => {
  const stored = storedMessages(at).length
  await Promise.all(slow.map(({ socket }) => once(socket.destroy(), 'close')))
  assert.equal((await post(at.address, { message: 'honest' })).status, 200)
  assert.equal(storedMessages(at).length, stored + 1)
  assert.deepEqual(
    at.log.filter(line => /"level":"(warn|error|fatal)"/.test(line)),
    [],
  )
})
