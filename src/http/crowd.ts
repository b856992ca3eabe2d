/** While more tickets wait than can be stored soon, the next one is refused before anything is done for it: so that its answer comes at once, and
 *  those who were let in are served. */
import type { FastifyInstance } from 'fastify'
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

/** To be called before any other hook is added. */
export const refuseCrowd = (app: FastifyInstance, deps: CrowdDeps): void => {
  let turnedAway = 0
  let toldAt = Number.NEGATIVE_INFINITY
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url !== '/api/support/ticket' || !deps.isCrowded()) return done()
    deps.onTurnedAway()
    turnedAway += 1
    const now = deps.monotonic()
    if (now - toldAt >= TELL_EVERY_MS) {
      deps.onCrowd(turnedAway)
      turnedAway = 0
      toldAt = now
    }
    reply.hijack()
    reply.raw.writeHead(errorCodes[CROWDED.code].status, { ...HEADERS, 'job-id': request.id }).end(BODY)
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
