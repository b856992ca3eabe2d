/** Servers before the service, on loopback: what lies between it and a client. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Hands the request on as it is, and resolves with the answer, whose body waits to be read. */
export const forward = (address: string, incoming: IncomingMessage): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, url, headers } = incoming
    incoming.pipe(request(address + url, { method, headers }, resolve).once('error', reject))
  })

export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** While `use` runs, the handler answers at the address that it gets. */
export const serving = async (handler: Handler, use: (url: string) => Promise<void>): Promise<void> => {
  const server = createServer(handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  try {
    await use(`http://127.0.0.1:${port}`)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}
