/** A real loopback server that plays the services tickets are delivered to: it records what comes and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly bytes: Buffer
}

export type Reply = (received: Received, response: ServerResponse) => void

export type Receiver = {
  readonly url: string
  readonly received: readonly Received[]
  /** How requests are answered from now on; `ok` at first. */
  reply: Reply
  /** Resolves when `count` requests have come in all. */
  seen(count: number): Promise<void>
  close(): Promise<void>
}

export const answerWith =
  (status: number, body = '', headers: Record<string, string> = {}): Reply =>
  (_received, response) =>
    void response.writeHead(status, headers).end(body)

export const startReceiver = async (): Promise<Receiver> => {
  const received: Received[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: bytes.toString(), bytes }
      received.push(one)
      receiver.reply(one, response)
      for (const { count, resolve } of waiting) if (received.length >= count) resolve()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    reply: answerWith(200, 'ok'),
    seen: count =>
      received.length >= count ? Promise.resolve() : new Promise(resolve => waiting.push({ count, resolve })),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}
