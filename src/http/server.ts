/** The HTTP server: limits, ids, error answers. Routes are added by the files beside this one. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { ErrorCode, Problem } from '../api/errors.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { frameworkProblem, notFound, rawAnswer, sendProblem, storeProblem } from './answers.ts'
import { plainAddress, proxyTrust } from './client-address.ts'
import { compress } from './compression.ts'
import { watchConnections } from './connections.ts'
import { type CrowdDeps, refuseCrowd } from './crowd.ts'
import { headProblem } from './request-head.ts'

export type ServerOptions = {
  /** UTF-16 units of a message; the body may be six times that and 64 KiB: what JSON escapes can make of it. */
  readonly messageMaxLength: number
  /** Networks of the proxies before us, whose `X-Forwarded-For`, `-Proto` and `-Host` count; nobody else's do. */
  readonly trustProxy: readonly string[]
  readonly nextId: () => string
  readonly observer: HttpObserver
  /** When tickets are turned away unread; never, where there is no store that could be overrun. */
  readonly crowd?: CrowdDeps
}

/** What the server tells about itself; never text, tokens or queries. */
export type HttpObserver = {
  answered(request: {
    readonly route: string
    readonly method: string
    readonly status: number
    readonly ms: number
    readonly requestId: string
    /** Where it comes from, past the proxies we trust; null when they do not say. */
    readonly client: string | null
    /** Of a refused request: its error code, and what the log may tell beside it. */
    readonly code: ErrorCode | null
    readonly reason: string | null
  }): void
  failed(requestId: string, error: unknown): void
}

const HEADER_MAX_BYTES = 1024 * 1024
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 60_000
/** Longer than the 60 s that balancers keep idle connections, so that they, not we, close first. */
const KEEP_ALIVE_MS = 75_000
/** Who neither sends nor reads for this long is gone: longer than any request may take. */
const STANDSTILL_MS = 65_000
const TIMEOUT_CHECK_MS = 1_000

const READ_AWAY_MAX_BYTES = 64 * 1024 * 1024

export const bodyMaxBytes = (messageMaxLength: number): number => 6 * messageMaxLength + 64 * 1024

/** The calls have schemas of our own (api/): the framework's compilers would be loaded, a twentieth of the start, and never used. */
const noSchemas = () => () => {
  throw new Error('a route has a schema of the framework')
}

export const createServer = (options: ServerOptions): FastifyInstance => {
  const requestId = ({ headers }: IncomingMessage) => jobId(headers['job-id']) ?? options.nextId()
  const app = Fastify({
    http: {
      maxHeaderSize: HEADER_MAX_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // Node would answer a missing Host by itself, without a body and an id; the hook below does it.
      requireHostHeader: false,
    },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: STANDSTILL_MS,
    bodyLimit: bodyMaxBytes(options.messageMaxLength),
    trustProxy: options.trustProxy.length > 0 && proxyTrust(options.trustProxy),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { ignoreDuplicateSlashes: true },
    genReqId: requestId,
    clientErrorHandler(error, socket) {
      if (connections.endAfterAnswers(socket)) return
      refuseSocket(socket, frameworkProblem(error.code, undefined), options.nextId())
    },
    frameworkErrors(error, request, reply) {
      reply.headers({ 'job-id': request.id, 'x-content-type-options': 'nosniff' })
      sendProblem(reply, frameworkProblem(error.code, error.statusCode))
    },
  })
  if (options.crowd) refuseCrowd(app.server, { ...options.crowd, requestId })
  const connections = watchConnections(app)
  // The seed's own curl line sends a malformed content type, which the framework would answer with 415 before any parser runs.
  // Forms still need theirs, so only what is not a form's is taken away; the charset is remembered for bodies that are not UTF-8.
  app.decorateRequest('contentType', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ 'job-id': request.id, 'x-content-type-options': 'nosniff' })
    const isAnswered = connections.isAnswered(request.raw, reply.raw)
    if (isAnswered instanceof Promise) void isAnswered.then(() => begin(request, reply, done))
    else if (isAnswered) begin(request, reply, done)
  })
  const begin = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const { headers } = request.raw
    request.contentType = headers['content-type']
    if (!isForm(request)) delete headers['content-type']
    const problem = headProblem(request.raw)
    if (problem) sendProblem(reply, problem)
    else done()
  }
  // Node would end the connection without a word, and take with it the answer to what came before.
  app.server.on('connect', (_request, socket: Socket) => {
    if (connections.endAfterAnswers(socket)) return
    refuseSocket(socket, frameworkProblem('HPE_INVALID_METHOD', undefined), options.nextId())
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onSend', compress)
  app.addHook('onResponse', (request, reply, done) => {
    options.observer.answered({
      route: request.routeOptions.url ?? 'none',
      method: request.method,
      status: reply.statusCode,
      ms: reply.elapsedTime,
      requestId: request.id,
      client: plainAddress(request.ip ?? '') ?? null,
      code: reply.refusal?.code ?? null,
      reason: reply.refusal?.reason ?? null,
    })
    done()
  })
  app.setErrorHandler((error: { code?: string; statusCode?: number }, request, reply) => {
    if (error instanceof StoreUnavailable) return sendProblem(reply, storeProblem)
    // The framework asks it of QUERY before it looks at routes, and the hook above takes it away; no route here takes that method.
    if (error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return sendNoRoute(app, request, reply)
    const problem = frameworkProblem(error.code, error.statusCode)
    if (problem.code === 'INTERNAL') options.observer.failed(request.id, error)
    // The framework would close here, and a client that is still sending would then see a broken connection, not the answer. The
    // rest is read and thrown away instead, for as long as a request may take.
    if (problem.code === 'BODY_TOO_LARGE') {
      if (reply.raw.shouldKeepAlive) reply.removeHeader('connection')
      readAway(request.raw)
    }
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => sendNoRoute(app, request, reply))
  return app
}

const jobId = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(header) ? header : undefined

/** What a browser's form sends to a page; the API reads everything as JSON, `curl -d` without a content type too. */
const isForm = ({ contentType = '', routeOptions }: FastifyRequest): boolean =>
  contentType.startsWith('application/x-www-form-urlencoded') && !routeOptions.url?.startsWith('/api/')

const sendNoRoute = (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const allowed = methodsAt(app, request)
  if (allowed.length === 0) return sendProblem(reply, notFound)
  return sendProblem(reply.header('allow', allowed.join(', ')), wrongMethod(allowed))
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The methods under which the same path has a route. */
const methodsAt = (app: FastifyInstance, request: FastifyRequest): string[] => {
  const [path = '/'] = request.url.split('?')
  const url = path.replace(/\/{2,}/g, '/')
  return METHODS.filter(method => app.findRoute({ method, url }))
}

const wrongMethod = (allowed: readonly string[]): Problem => ({
  code: 'METHOD_NOT_ALLOWED',
  why: `This address answers to ${allowed.join(' and ')} only, so nothing was done. Send it again that way.`,
})

/** The rest of a body that is refused already, up to an end: whoever sends on and on is cut off. */
const readAway = (request: IncomingMessage): void => {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > READ_AWAY_MAX_BYTES) request.socket.destroy()
  })
}

const refuseSocket = (socket: Socket, problem: Problem, requestId: string): void => {
  if (socket.writable) socket.end(rawAnswer(problem, requestId))
  else socket.destroy()
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The content type as sent. */
    contentType: string | undefined
  }
}
