/** Two destinations that write down what comes. Each takes a moment for its answer, so that there is always something under way. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Books, DESTINATIONS } from './books.ts'

const ANSWERS_AFTER_MS = 30

export type Receivers = { readonly url: string; close(): Promise<void> }

export const startReceivers = async (books: Books): Promise<Receivers> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const destination = DESTINATIONS.find(name => request.url === `/${name}`)
      if (!destination) {
        books.violate(`a request to ${request.url}, which nobody named`)
        response.writeHead(404).end()
        return
      }
      const { ticket } = JSON.parse(Buffer.concat(chunks).toString()).data
      const { id, message } = ticket
      const receipt = books.receive(destination, { id, message, deliveryId: String(request.headers['webhook-id']) })
      setTimeout(() => {
        // What nobody can hear any more was not said.
        if (response.destroyed) return
        if (receipt) receipt.answeredAt = performance.now()
        response.writeHead(200).end('ok')
      }, ANSWERS_AFTER_MS)
    })
  })
  server.keepAliveTimeout = 120_000
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
