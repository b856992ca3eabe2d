/** `GET /metrics` on its own port, so that it can be kept inside. */
import { createServer, type Server } from 'node:http'
import type { Metrics } from './metrics.ts'

/** @returns the server once it listens. @throws when the port is taken (`EADDRINUSE`) or may not be used */
export const serveMetrics = (
  metrics: Pick<Metrics, 'text'>,
  address: { readonly host: string; readonly port: number },
): Promise<Server> => {
  const server = createServer(async (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff')
    if (request.url?.split('?')[0] !== '/metrics')
      return void response.writeHead(404).end('The metrics are at /metrics.\n')
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end('GET only.\n')
    try {
      const { type, body } = await metrics.text()
      response.writeHead(200, { 'content-type': type }).end(body)
    } catch {
      response.writeHead(503).end('The store cannot be read at the moment.\n')
    }
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, () => resolve(server))
  })
}
