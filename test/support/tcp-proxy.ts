/** What lies between a client and a server of TCP: it may pass on, keep still, cut off, or not be there. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export type TcpProxy = {
  readonly port: number
  /** How many connections came in all. */
  readonly count: number
  /** Sees every piece that a client sends, before the server does; `false` keeps it back. */
  onSent: (piece: Buffer) => boolean
  /** From now on nothing passes, and nobody is told; new connections come about and stay silent. */
  freeze(): void
  /** What was kept back passes now. */
  thaw(): void
  /** All connections break off. */
  cut(): void
  /** The same, with the word that says it was not meant to be. */
  reset(): void
  /** They break off, and nobody listens any more. */
  refuse(): Promise<void>
  listen(): Promise<void>
}

/** @param target a port on loopback; the proxy may be led to another one later by `target.port` */
export const startTcpProxy = async (t: TestContext, target: { port: number }): Promise<TcpProxy> => {
  const sockets = new Set<Socket>()
  let isFrozen = false
  let count = 0
  const kept = (socket: Socket) => {
    sockets.add(socket)
    if (isFrozen) socket.pause()
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer(client => {
    count += 1
    kept(client)
    const upstream = kept(connect(target.port, '127.0.0.1'))
    client.on('data', piece => {
      if (proxy.onSent(piece)) upstream.write(piece)
    })
    upstream.on('data', piece => client.write(piece))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port // it listens on TCP
  }
  const port = await listen(0)
  const proxy: TcpProxy = {
    port,
    get count() {
      return count
    },
    onSent: () => true,
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async refuse() {
      const closed = once(server.close(), 'close')
      proxy.cut()
      await closed
    },
    listen: async () => void (await listen(port)),
  }
  t.after(async () => {
    proxy.cut()
    if (server.listening) await proxy.refuse()
  })
  return proxy
}
