/** A real HTTP proxy on loopback: CONNECT, with a password if it is to have one, to wherever the test says a target is. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export type Proxy = {
  readonly port: number
  /** What it was asked for, in order: `1.1.1.1:443`. */
  readonly targets: string[]
}

export type ProxyOptions = {
  /** `name:password`; anybody else is answered 407. */
  readonly login?: string
  /** Where a target is on this machine, instead of where it says; an answer (its first line, head and body) instead of a tunnel; null for a
   *  connection that is closed without a word, undefined for silence. */
  readonly route?: (target: string) => number | string | null | undefined
}

export const startProxy = async (t: TestContext, options: ProxyOptions = {}): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  const targets: string[] = []
  const kept = (socket: Socket) => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer((_request, response) => response.writeHead(405).end('CONNECT only'))
  server.on('connection', kept)
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    const target = request.url ?? ''
    const expected = options.login && `Basic ${Buffer.from(options.login).toString('base64')}`
    if (expected && request.headers['proxy-authorization'] !== expected)
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n')
    targets.push(target)
    const route = options.route ? options.route(target) : Number(target.split(':').at(-1))
    if (route === undefined) return
    if (route === null) return client.destroy()
    if (typeof route === 'string') return client.end(route)
    const upstream = kept(
      connect(route, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n')),
    )
    upstream.write(head)
    upstream.on('close', () => client.destroy()).pipe(client)
    client.on('close', () => upstream.destroy()).pipe(upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, targets } // it listens on TCP
}
