/** Sending one request to a server on loopback, and what came of it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo, Socket, Server as TcpServer } from 'node:net'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/domain/clock.ts'
import type { RequestStep } from '../../src/domain/destination.ts'
import type { Answer, Failure } from '../../src/domain/outcome.ts'
import { createHttpTransport, type HttpTransportOptions } from '../../src/transport/http.ts'

export const LOOPBACK = ['127.0.0.0/8', '::1']
/** Stands in every address and must be told nowhere. */
export const SECRET = 'notarealtokenatall'

export const transportFor = (t: TestContext, options: Partial<HttpTransportOptions> = {}) => {
  const transport = createHttpTransport({ allow: LOOPBACK, clock: systemClock, ...options })
  t.after(() => transport.close())
  return transport
}

/** Its port; closed with its connections at the end. */
export const listening = async (
  t: TestContext,
  server: Server | TcpServer,
  where: { readonly host?: string; readonly port?: number } = {},
): Promise<number> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(where.port ?? 0, where.host ?? '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
  return port
}

export const post = (url: string, body = '{}'): RequestStep => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json' },
  body,
})

export const answered = (answer: Answer) => {
  assert.ok(answer.kind === 'answer', `no answer: ${JSON.stringify(answer)}`)
  return answer
}

/** The sentence that says why, which holds nothing of the address. */
export const failed = (answer: Answer, failure: Failure): string => {
  assert.ok(answer.kind === 'no-answer', 'an answer came')
  assert.equal(answer.failure, failure, answer.detail)
  for (const part of [SECRET, 'user', 'hook', '/', '?']) assert.ok(!answer.detail.includes(part), answer.detail)
  return answer.detail
}

/** Like `failed`, where the sentence may name an address of IPv6. */
export const blocked = (answer: Answer): void => {
  assert.ok(answer.kind === 'no-answer' && answer.failure === 'blocked', JSON.stringify(answer))
  assert.ok(!answer.detail.includes(SECRET) && !answer.detail.includes('hook'), answer.detail)
}
