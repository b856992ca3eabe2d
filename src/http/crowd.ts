/** While more tickets wait than can be stored soon, the next one is refused before anything is done for it, the framework and a line in the log
 *  included: so that its answer comes at once, and those who were let in are served. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Problem } from '../api/errors.ts'
import { errorBody, errorCodes } from '../api/errors.ts'
import { JSON_TYPE } from './answers.ts'

export type CrowdDeps = {
  readonly isCrowded: () => boolean
  readonly monotonic: () => number
  /** One was turned away. */
  readonly onTurnedAway: () => void
  /** For the log, once a second at most: how many were turned away since the last time. */
  readonly onCrowd: (turnedAway: number) => void
}

const TELL_EVERY_MS = 1_000
/** As the router reads it: slashes may be doubled. */
const TICKET_PATH = /^\/+api\/+support\/+ticket(\?|$)/

/** To be called while the framework is the only one that listens to the server's requests. */
export const refuseCrowd = (
  server: Server,
  { requestId, ...deps }: CrowdDeps & { readonly requestId: (request: IncomingMessage) => string },
): void => {
  let turnedAway = 0
  let toldAt = Number.NEGATIVE_INFINITY
  const serve = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' || !TICKET_PATH.test(request.url ?? '') || !deps.isCrowded()) {
      for (const listener of serve) listener.call(server, request, response)
      return
    }
    deps.onTurnedAway()
    turnedAway += 1
    const now = deps.monotonic()
    if (now - toldAt >= TELL_EVERY_MS) {
      deps.onCrowd(turnedAway)
      turnedAway = 0
      toldAt = now
    }
    response.writeHead(errorCodes[CROWDED.code].status, { ...HEADERS, 'job-id': requestId(request) }).end(BODY)
  })
}

const CROWDED: Problem = {
  code: 'STORE_UNAVAILABLE',
  why: 'More messages come in at the moment than can be stored, so yours was not sent. Keep your text and send it again in a moment.',
  retryAfterSeconds: 5,
}
const BODY = JSON.stringify(errorBody(CROWDED))
const HEADERS = {
  'content-type': JSON_TYPE,
  'content-length': Buffer.byteLength(BODY),
  'retry-after': String(CROWDED.retryAfterSeconds),
  'x-content-type-options': 'nosniff',
}
