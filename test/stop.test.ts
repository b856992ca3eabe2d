/** SIGTERM while people are writing: it ends in order and in time, and what it said yes to is delivered. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { configurationFor, type Home, home, post, token } from './support/service.ts'

const stage = async (use: (at: { receiver: Receiver; place: Home }) => Promise<void>) => {
  const receiver = await startReceiver()
  const place = home(configurationFor(receiver.url, 'limits: { ticketsPerUserPerHour: 100000 }'))
  try {
    await use({ receiver, place })
  } finally {
    await place.dispose()
    await receiver.close()
  }
}

test('stopped in the middle of a flood, it ends with 0, and every ticket that got a 200 arrives', () =>
  stage(async ({ receiver, place }) => {
    const first = await place.start()
    const acknowledged = new Set<string>()
    const writeUntilGone = async () => {
      for (;;) {
        const answer = await post(first.address, { message: 'm' }).catch(() => undefined)
        if (answer === undefined) return
        // Not taken any more is an answer too, as long as it says so.
        assert.ok([200, 503].includes(answer.status), String(answer.status))
        if (answer.status === 200) acknowledged.add(answer.headers.get('ticket-id') ?? '')
      }
    }
    const writers = Array.from({ length: 16 }, writeUntilGone)
    await receiver.seen(40)
    assert.equal(await first.end('SIGTERM'), 0)
    await Promise.all(writers)
    assert.ok(acknowledged.size > 20)

    const second = await place.start()
    const archived = () => receiver.received.filter(({ path }) => path === '/archive')
    const missing = () => {
      const arrived = new Set(archived().map(({ body }) => JSON.parse(body).data.ticket.id))
      return [...acknowledged].some(id => !arrived.has(id))
    }
    while (missing()) await receiver.seen(receiver.received.length + 1)
    assert.equal(await second.end('SIGTERM'), 0)
  }))

test('clients that hold a connection, with or without half a request on it, do not keep it from ending with 0', () =>
  stage(async ({ place }) => {
    const service = await place.start()
    const sockets = []
    for (const bytes of [
      '',
      'POST /api/support/tick',
      'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n',
      `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\nContent-Length: 99\r\n\r\n{`,
    ]) {
      const socket = connect(Number(new URL(service.address).port), '127.0.0.1')
      socket.on('error', () => {}).resume()
      await once(socket, 'connect')
      socket.write(bytes)
      sockets.push(socket)
    }
    // One whole request after theirs: by now the service has what they sent.
    assert.equal((await post(service.address, { message: 'm' })).status, 200)
    const closed = Promise.all(sockets.map(socket => once(socket, 'close')))
    assert.equal(await service.end('SIGTERM'), 0)
    await closed
  }))
