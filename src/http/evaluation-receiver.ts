/** Plays Slack in the evaluation mode: takes what the engine sends, and answers as Slack would, well or badly. */
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Json } from '../api/ticket.ts'
import type { Clock } from '../domain/clock.ts'
import { DELIVERY_HEADER } from '../domain/destination.ts'
import type { EvaluationInbox } from './evaluation-inbox.ts'

export type ReceiverDeps = {
  readonly inbox: EvaluationInbox
  /** Names of the destinations that exist. */
  readonly destinations: readonly string[]
  readonly clock: Pick<Clock, 'now'>
}

const BODY_MAX_BYTES = 256 * 1024
/** Slack's own messages are about six deep; without a bound, showing one could exhaust the stack. */
const DEPTH_MAX = 32
const DELIVERY_SHAPE = /^[A-Za-z0-9._:-]{1,200}$/

/** Adds POST `/evaluation/receive/:destination`. */
export const registerReceiver = (app: FastifyInstance, { inbox, destinations, clock }: ReceiverDeps): void => {
  app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_MAX_BYTES }, (_request, body, done) =>
      done(null, body),
    )

    // Connections that wait for an answer that never comes; let go when the service stops.
    const held = new Set<Socket>()
    scope.addHook('preClose', async () => {
      for (const socket of held) socket.destroy()
    })

    scope.post<{ Params: { destination: string } }>(
      '/evaluation/receive/:destination',
      { bodyLimit: BODY_MAX_BYTES },
      async (request, reply) => {
        const { destination } = request.params
        // A header of our own also keeps other sites' pages out: they would have to ask first (CORS).
        const delivery = request.headers[DELIVERY_HEADER]
        reply.headers({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
        if (!destinations.includes(destination)) return reply.code(404).send('no_service')
        if (typeof delivery !== 'string' || !DELIVERY_SHAPE.test(delivery))
          return reply.code(400).send('invalid_delivery')
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const payload = parsePayload(body.toString())
        if (payload === undefined) return reply.code(400).send('invalid_payload')

        const reaction = inbox.receive({ destination, delivery, payload, bytes: body.length }, clock.now())
        if (reaction.kind === 'silence') {
          reply.hijack()
          const { socket } = request.raw
          held.add(socket)
          socket.once('close', () => held.delete(socket))
          return reply
        }
        if (reaction.retryAfterSeconds !== undefined) reply.header('retry-after', String(reaction.retryAfterSeconds))
        return reply.code(reaction.status).send(reaction.body)
      },
    )
  })
}

const parsePayload = (text: string): Json | undefined => {
  if (depthOf(text) > DEPTH_MAX) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** How deep the brackets go, strings aside. */
const depthOf = (json: string): number => {
  let depth = 0
  let deepest = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gsu)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth)
    else if (token === ']' || token === '}') depth--
  }
  return deepest
}
