/** `browseDestinations`, `pauseDestination`, `resumeDestination`: how the places fare, and staff's hand on them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import type { Clock } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import type { Store, StoredDestination } from '../domain/store.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import { readJsonObject } from './body.ts'
import { type CallerDeps, callerOf } from './caller.ts'

export type DestinationsDeps = CallerDeps & {
  readonly store: Pick<Store, 'destinations' | 'steer'>
  readonly clock: Pick<Clock, 'now'>
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
  /** Staff changed a state: whoever serves the destination is to look. */
  readonly onSteered: () => void
}

export const registerDestinations = (app: FastifyInstance, deps: DestinationsDeps): void => {
  app.get('/api/support/browseDestinations', (request, reply) =>
    asStaff(deps, request, reply, async () => {
      const items = (await deps.store.destinations()).map(stored => show(stored, deps))
      return reply
        .header('content-type', JSON_TYPE)
        .send(JSON.stringify({ itemsPerPage: Math.max(50, items.length), items, next: null }))
    }),
  )
  app.post('/api/support/pauseDestination', (request, reply) =>
    asStaff(deps, request, reply, () => steer(deps, request, reply, 'PAUSED')),
  )
  app.post('/api/support/resumeDestination', (request, reply) =>
    asStaff(deps, request, reply, () => steer(deps, request, reply, 'OK')),
  )
}

const asStaff = async (
  deps: DestinationsDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> => {
  const caller = await callerOf(deps, request, 'support.destinations:write')
  if ('code' in caller) return sendProblem(reply, caller)
  return caller.role === 'ADMIN' ? work() : sendProblem(reply, STAFF_ONLY)
}

/** Doing what is done already changes nothing and is answered alike. */
const steer = async (
  deps: DestinationsDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  state: 'PAUSED' | 'OK',
): Promise<FastifyReply> => {
  const body = readJsonObject(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), request.contentType)
  if ('problem' in body) return sendProblem(reply, body.problem)
  const { name } = body.fields
  if (typeof name !== 'string') return sendProblem(reply, NAME_REQUIRED)
  const health = await deps.store.steer({
    destination: name,
    state,
    reason: state === 'PAUSED' ? 'paused-by-staff' : null,
    now: deps.clock.now(),
  })
  const stored = health && (await deps.store.destinations()).find(destination => destination.name === name)
  if (!stored) return sendProblem(reply, unknownDestination(name))
  deps.onSteered()
  return reply.header('content-type', JSON_TYPE).send(JSON.stringify(show(stored, deps)))
}

const show = (stored: StoredDestination, { destinations }: DestinationsDeps) => {
  const { name, health, pending, dead, oldestPendingAt, lastDeliveredAt } = stored
  const configured = destinations.find(destination => destination.name === name)
  return {
    name,
    kind: configured?.kind.kind ?? null,
    state: configured ? health.state : 'NOT_CONFIGURED',
    reason: health.reason,
    pending,
    dead,
    oldestPendingAt,
    nextAttemptAt: health.state === 'PAUSED' ? null : (health.heldUntil ?? health.probeAt),
    lastDeliveredAt,
  }
}

const STAFF_ONLY: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) can see and steer destinations. Nothing was changed: sign in as staff and try again.',
}
const NAME_REQUIRED: Problem = {
  code: 'INVALID_FIELD',
  why: 'Say which destination: {"name": "…"}. Nothing was changed.',
}
const unknownDestination = (name: string): Problem => ({
  code: 'NOT_FOUND',
  why: `There is no destination "${name.slice(0, 63)}", so nothing was changed. browseDestinations lists those there are.`,
})
