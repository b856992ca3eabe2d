/** A client before a loopback server that answers as the test says, one answer after the other. */
import type { ServerResponse } from 'node:http'
import { createClient } from '../../src/client/index.ts'
import type { Client, ClientOptions } from '../../src/client/types.ts'
import { type Receiver, type Reply, startReceiver } from './receiver.ts'

export const TICKET = { reference: 'SUP-7K3F-Q2MX', id: '0199a1b2-0000-7000-8000-000000000000' }

export const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (_received, response) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))

export const received = answer(200, TICKET)
export const refusal = (statusCode: number, errorCode: string | null, headers: Record<string, string> = {}): Reply =>
  answer(statusCode, { why: `This is ${errorCode}.`, errorCode, statusCode }, headers)
export const html = (status: number): Reply => answer(status, '<!doctype html><title>Welcome</title>')
/** The request arrives, its answer does not. */
export const cut: Reply = (_received, response: ServerResponse) => void response.socket?.destroy()
/** A yes, but so late that nobody can have waited for it. */
export const silence: Reply = (request, response) => void setTimeout(() => received(request, response), LATE_MS).unref()
export const LATE_MS = 10_000

export type ClientStage = {
  readonly client: Client
  readonly server: Receiver
  /** The keys under which tickets came. */
  keys(): (string | string[] | undefined)[]
}

/** @param replies the last one holds for all that follow */
export const withClient = async (
  replies: readonly [Reply, ...Reply[]],
  options: Partial<ClientOptions>,
  use: (stage: ClientStage) => Promise<void>,
): Promise<void> => {
  const server = await startReceiver()
  let count = 0
  server.reply = (request, response) => {
    const reply = replies[Math.min(count, replies.length - 1)] ?? received
    count += 1
    reply(request, response)
  }
  const client = createClient({ url: server.url, token: 'a-token', ...options })
  const keys = () => server.received.map(({ headers }) => headers['idempotency-key'])
  try {
    await use({ client, server, keys })
  } finally {
    await server.close()
  }
}
