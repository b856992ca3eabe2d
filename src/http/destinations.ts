/** `browseDestinations`, `pauseDestination`, `resumeDestination`: how the places fare, and staff's hand on them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import { PAUSED_BY_STAFF } from '../domain/alerts.ts'
import type { Clock } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import type { Store, StoredDestination } from '../domain/store.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import type { CallerDeps } from './caller.ts'
import { Fields } from './fields.ts'
import { staffOnly } from './staff.ts'

export type DestinationsDeps = CallerDeps & {
  readonly store: Pick<Store, 'destinations' | 'steer'>
  readonly clock: Pick<Clock, 'now'>
  /** Those of the configuration. */
  readonly destinations: readonly Destination[]
  /** Staff changed a state: whoever serves the destination is to look. */
  readonly onSteered: () => void
}

export const registerDestinations = (app: FastifyInstance, deps: DestinationsDeps): void => {
  const onRequest = staffOnly(deps, 'support.destinations:write')
  app.get('/api/support/browseDestinations', { onRequest }, async (_request, reply) => {
    const items = (await deps.store.destinations()).map(stored => show(stored, deps))
    return reply
      .header('content-type', JSON_TYPE)
      .send(JSON.stringify({ itemsPerPage: Math.max(50, items.length), items, next: null }))
  })
  app.post('/api/support/pauseDestination', { onRequest }, (request, reply) => steer(deps, request, reply, 'PAUSED'))
  app.post('/api/support/resumeDestination', { onRequest }, (request, reply) => steer(deps, request, reply, 'OK'))
}

/** Doing what is done already changes nothing and is answered alike. */
const steer = async (
  deps: DestinationsDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  state: 'PAUSED' | 'OK',
): Promise<FastifyReply> => {
  const fields = new Fields(request)
  const name = fields.text('name')
  if (name === null) return sendProblem(reply, fields.problem ?? NAME_REQUIRED)
  const health = await deps.store.steer({
    destination: name,
    state,
    reason: state === 'PAUSED' ? PAUSED_BY_STAFF : null,
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

const NAME_REQUIRED: Problem = {
  code: 'INVALID_FIELD',
  why: 'Say which destination: {"name": "…"}. Nothing was changed.',
}
const unknownDestination = (name: string): Problem => ({
  code: 'NOT_FOUND',
  why: `There is no destination "${name.slice(0, 63)}", so nothing was changed. browseDestinations lists those there are.`,
})
