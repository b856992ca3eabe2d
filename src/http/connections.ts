/** What concerns a connection, not one request on it: which answers are still to leave, and when nothing that follows can be believed. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export type Connections = {
  /** False for what stands behind the last request of a connection: whether it is one nobody can know, and it is not answered. Of several
   *  requests that were sent without waiting, each is looked at when the answer before it has left: true then, or a promise of it. */
  isAnswered(request: IncomingMessage, response: ServerResponse): boolean | Promise<boolean>
  /** Ends the connection once the answers to its whole requests have left. What cannot be read behind them says nothing about them:
   *  one may be that a ticket is stored, and "nothing was stored" in its place would be untrue. False when no answer is awaited. */
  endAfterAnswers(socket: Socket): boolean
}

type Connection = {
  /** Answers that have not left yet, in order. */
  readonly open: Set<ServerResponse<IncomingMessage>>
  /** Nothing that still comes is taken for a request. */
  isEnding: boolean
}

/** Watches every connection of the server. To be called before any route is added. */
export const watchConnections = (app: FastifyInstance): Connections => {
  const connections = new WeakMap<Socket, Connection>()
  app.server.prependListener('request', (request, response) => {
    const connection = connections.get(request.socket) ?? { open: new Set(), isEnding: false }
    connections.set(request.socket, connection)
    if (connection.isEnding) return
    connection.open.add(response)
    response.once('close', () => connection.open.delete(response))
    if (!isLastOfConnection(request)) return
    connection.isEnding = true
    response.shouldKeepAlive = false
  })
  closeUnused(app)
  giveLeave(app)
  // Who sends a request and ends its side of the connection still reads: without this its ticket would be stored and not answered.
  Object.assign(app.server, { httpAllowHalfOpen: true })
  return {
    isAnswered(request, response) {
      const open = connections.get(request.socket)?.open
      if (!open) return true
      if (!open.has(response)) return false
      if (open.size === 1) return true
      const answers = [...open]
      const before = answers[answers.indexOf(response) - 1]
      return before ? new Promise(resolve => before.once('close', () => resolve(true))) : true
    },
    endAfterAnswers(socket) {
      const connection = connections.get(socket)
      const last = [...(connection?.open ?? [])].findLast(response => response.req.complete)
      if (!socket.writable || !connection || !last) return false
      if (!connection.isEnding) last.once('finish', () => socket.end())
      connection.isEnding = true
      return true
    },
  }
}

/** An upgrade is ignored, as it may be; but Node's parser throws away what has come behind such a request, and would read on in the
 *  middle of the next. Chunks in HTTP/1.0 are a framing that a proxy may have read otherwise (RFC 9112, 6.1). */
const isLastOfConnection = ({ httpVersion, headers }: IncomingMessage): boolean =>
  headers.upgrade !== undefined || (httpVersion !== '1.1' && headers['transfer-encoding'] !== undefined)

/** Node does not count a connection as idle before its first request, and stopping would wait for it. */
const closeUnused = (app: FastifyInstance): void => {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', done => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    done()
  })
}

/** Whoever waits for "100 Continue" before sending a body gets it once who asks and the length are decided. An answer without it ends the
 *  connection (Node sees to that): the body may never come, and what comes next would be taken for it. */
const giveLeave = (app: FastifyInstance): void => {
  /** Whether the connection is to stay, as its request would have it. */
  const waiting = new WeakMap<IncomingMessage, boolean>()
  const server: Server = app.server
  server.on('checkContinue', (request, response) => {
    waiting.set(request, response.shouldKeepAlive && !isLastOfConnection(request))
    response.shouldKeepAlive = false
    server.emit('request', request, response)
  })
  // Node would answer expectations it does not know with a bare 417; they may be ignored instead (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const isTooLarge = Number(request.headers['content-length']) > request.routeOptions.bodyLimit
    const isToStay = waiting.get(request.raw)
    if (isToStay !== undefined && !isTooLarge) {
      reply.raw.writeContinue()
      reply.raw.shouldKeepAlive = isToStay
    }
    done()
  })
}
