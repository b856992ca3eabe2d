/** `POST /api/support/ticket`: the call that everything else is for. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import type { Principal } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store } from '../domain/store.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { showTicket } from '../domain/ticket.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import { readJsonObject } from './body.ts'
import { type CallerDeps, callerOf } from './caller.ts'
import type { Intake } from './intake.ts'
import { BUSY, userSlots } from './slots.ts'

export type SupportDeps = CallerDeps & {
  readonly intake: Intake
  readonly store: Pick<Store, 'ticket'>
  readonly references: ReferenceCode
}

export const registerSupport = (app: FastifyInstance, deps: SupportDeps): void => {
  app.decorateRequest('principal', null)
  const largeBodies = userSlots(LARGE_BODIES_MAX)

  app.post('/api/support/ticket', {
    // Who asks is decided before the body is looked at.
    onRequest: async (request, reply) => {
      const caller = await callerOf(deps, request, 'support.createTicket:write')
      if ('code' in caller) return sendProblem(reply, caller)
      if (isCompressed(request)) return sendProblem(reply, COMPRESSED)
      if (isLarge(request) && !largeBodies.take(caller.username, reply.raw)) return sendProblem(reply, BUSY)
      request.principal = caller
    },
    handler: async (request, reply) => {
      const { principal } = request
      if (!principal) throw new Error('the route runs only for an authenticated caller')
      const body = readJsonObject(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), request.contentType)
      if ('problem' in body) return sendProblem(reply, body.problem)
      const submitted = await deps.intake({
        principal,
        fields: body.fields,
        requestId: request.id,
        userAgent: request.headers['user-agent'] ?? null,
        project: header(request, 'project'),
        idempotencyKey: header(request, 'idempotency-key'),
      })
      if (!submitted.ok) return sendProblem(reply, submitted.problem)
      reply.headers({ 'ticket-reference': submitted.reference, 'ticket-id': submitted.id, 'content-type': JSON_TYPE })
      return wantsTicket(request) ? sendTicket(deps, reply, submitted.number) : reply.send('{}')
    },
  })
}

/** The ticket is accepted: should it have been erased meanwhile, or not be readable just now, `{}` is still true and an error is not. */
const sendTicket = async (deps: SupportDeps, reply: FastifyReply, number: number): Promise<FastifyReply> => {
  const stored = await deps.store.ticket({ number }).catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return undefined
    throw error
  })
  return reply.send(stored ? JSON.stringify(showTicket(stored, deps.references)) : '{}')
}

/** RFC 7240, 2: names in any case, the value perhaps in quotes. */
const wantsTicket = (request: FastifyRequest): boolean =>
  /(^|[,;\s])return\s*=\s*"?representation\b/i.test(header(request, 'prefer') ?? '')

const header = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

/** A body that may take megabytes until it is whole: each user may have so many of them at once. */
const LARGE_BODIES_MAX = 8
const LARGE_BODY_BYTES = 256 * 1024

const isLarge = (request: FastifyRequest): boolean => {
  const length = header(request, 'content-length')
  return length === null ? request.headers['transfer-encoding'] !== undefined : Number(length) > LARGE_BODY_BYTES
}

/** RFC 9110, 8.4.1: names in any case, perhaps several. A transfer may be compressed too (RFC 9112, 7.2). */
const isCompressed = (request: FastifyRequest): boolean =>
  `${header(request, 'content-encoding') ?? ''},${header(request, 'transfer-encoding') ?? ''}`
    .split(',')
    .some(coding => !['', 'identity', 'chunked'].includes(coding.trim().toLowerCase()))

const COMPRESSED: Problem = {
  code: 'UNSUPPORTED_ENCODING',
  why: 'The body is compressed, which this service does not take. Send it again without Content-Encoding; nothing was stored.',
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}
