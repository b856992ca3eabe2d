/** Connections that are kept: longer than balancers keep theirs, and never in the way of stopping. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { FakeClock } from '../support/fake-clock.ts'
import { startInProcess } from '../support/in-process.ts'
import { answersIn, body, get, sized, startTarget } from './wire.ts'

/** AWS, Google, nginx and HAProxy let go of an idle connection after 60 s or less by default. */
const BALANCERS_SECONDS = 60

/** A connection on which the bytes were sent; resolves when `count` answers have come. */
const open = async (address: string, bytes: string, count: number): Promise<{ socket: Socket; received: string }> => {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname).setEncoding('latin1')
  await once(socket, 'connect')
  socket.write(bytes)
  let received = ''
  while (received.split('HTTP/1.1 ').length - 1 < count) received += (await once(socket, 'data'))[0]
  return { socket, received }
}

/** Resolves when the server has ended the connection, politely or not. */
const ended = (socket: Socket) =>
  new Promise<void>(resolve =>
    socket
      .on('error', () => {})
      .once('close', () => resolve())
      .resume(),
  )

test('a connection is kept for longer than balancers keep theirs, and the answer says how long', async () => {
  const at = await startTarget()
  const requests = get('GET /livez HTTP/1.1') + sized(body('m')) + get('POST /nowhere HTTP/1.1') + get('GET / HTTP/1.1')
  const { socket, received } = await open(at.address, requests, 4)
  socket.destroy()
  for (const { headers } of answersIn(received.replace(/<[\s\S]*$/, '')).slice(0, 3)) {
    const [, seconds] = /^timeout=(\d+)$/.exec(headers['keep-alive'] ?? '') ?? []
    assert.ok(Number(seconds) > BALANCERS_SECONDS, headers['keep-alive'])
    assert.equal(headers.connection, 'keep-alive')
  }
  await at.stop()
})

test('stopping waits for no connection that is idle, whether it was used or not', async () => {
  // This clock stands still: waiting for anything but what is under way would wait for ever.
  const at = await startInProcess({ clock: new FakeClock(Date.now()) })
  const idle = await Promise.all([
    ...Array.from({ length: 20 }, () => open(at.address, get('GET /livez HTTP/1.1'), 1)),
    ...Array.from({ length: 20 }, () => open(at.address, '', 0)),
  ])
  const allEnded = Promise.all(idle.map(({ socket }) => ended(socket)))
  await at.stop()
  await allEnded
})

test('stopping cuts off, after a time, what never finishes', async () => {
  const clock = new FakeClock(Date.now())
  const at = await startInProcess({ clock })
  const half = await open(at.address, `${get('GET /livez HTTP/1.1')}GET /livez HTTP/1.1\r\nHost: `, 1)
  const isCutOff = ended(half.socket)
  const stopped = at.stop()
  for (let isStopped = false; !isStopped; ) {
    isStopped = await Promise.race([stopped.then(() => true), clock.advance(500).then(() => false)])
  }
  await isCutOff
})
