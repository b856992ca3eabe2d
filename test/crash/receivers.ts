/** The services tickets are delivered to, in the test's own process: they outlive every kill. Most answer at once, some take their time,
 *  one in a hundred asks to come again: so that every state of a delivery is met by some kill. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Chance } from '../simulation/chance.ts'
import type { Books, Life, Receipt, Shown } from './books.ts'
import { RECEIVERS, type ReceiverName } from './tickets.ts'

export type Receivers = {
  readonly url: string
  /** Requests that come in belong to this life from now on. */
  serve(life: Life): void
  /** Resolves when a killed service's last request is read: all its connections are gone. */
  settled(): Promise<void>
  close(): Promise<void>
}

const SLOW = 0.05
const SLOW_MAX_MS = 30
const REFUSED = 0.01

export const startReceivers = async (books: Books, chance: Chance): Promise<Receivers> => {
  let life: Life | undefined
  let onQuiet = () => {}
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const at = performance.now()
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const name = RECEIVERS.find(receiver => request.url === `/${receiver.name}`)?.name
      if (!name || !life) {
        books.violate(`a request to ${request.url}, which nobody named`)
        response.writeHead(404).end()
        return
      }
      const webhookId = request.headers['webhook-id']
      const shown = shownBy(Buffer.concat(chunks).toString(), typeof webhookId === 'string' ? webhookId : null)
      const found = books.receive(name, life, at, shown)
      if (found) answer(response, name, found.n, found.receipt)
      else response.writeHead(200).end('ok')
    })
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) onQuiet()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP

  const answer = (response: ServerResponse, name: ReceiverName, n: number, receipt: Receipt): void => {
    const isRefused = chance.is(REFUSED)
    const say = () => {
      // What nobody can hear any more was not said.
      if (response.destroyed) return
      if (isRefused) receipt.isRefused = true
      else books.confirm(name, n, receipt, performance.now())
      response.writeHead(isRefused ? 503 : 200).end(isRefused ? 'later' : 'ok')
    }
    if (chance.is(SLOW)) setTimeout(say, chance.between(1, SLOW_MAX_MS))
    else say()
  }

  return {
    url: `http://127.0.0.1:${port}`,
    serve(next) {
      life = next
    },
    async settled() {
      // A connection that was made just before the kill may not have been taken yet: one turn of the loop takes it.
      for (let turn = 0; turn < 2; turn += 1) await new Promise(resolve => setImmediate(resolve))
      if (sockets.size > 0) await new Promise<void>(resolve => (onQuiet = resolve))
      onQuiet = () => {}
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A webhook's body is the ticket whole; a chat's is a message in which reference and text stand. */
const shownBy = (body: string, webhookId: string | null): Shown => {
  const { data } = JSON.parse(body)
  if (data) return { id: data.ticket.id, reference: data.ticket.reference, message: data.ticket.message, webhookId }
  return { id: null, reference: /SUP-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(body)?.[0] ?? null, message: body, webhookId }
}
