/** `POST /api/support/ticket`: the call that everything else is for. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import type { Principal } from '../domain/principal.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store } from '../domain/store.ts'
import { showTicket } from '../domain/ticket.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import { readJsonObject } from './body.ts'
import { type CallerDeps, callerOf } from './caller.ts'
import type { Intake } from './intake.ts'

export type SupportDeps = CallerDeps & {
  readonly intake: Intake
  readonly store: Pick<Store, 'ticket'>
  readonly references: ReferenceCode
}

export const registerSupport = (app: FastifyInstance, deps: SupportDeps): void => {
  app.decorateRequest('principal', null)

  app.post('/api/support/ticket', {
    // Who asks is decided before the body is looked at.
    onRequest: async (request, reply) => {
      const caller = await callerOf(deps, request, 'support.createTicket:write')
      if ('code' in caller) return sendProblem(reply, caller)
      if (request.headers['content-encoding'] !== undefined) return sendProblem(reply, COMPRESSED)
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

const sendTicket = async (deps: SupportDeps, reply: FastifyReply, number: number): Promise<FastifyReply> => {
  const stored = await deps.store.ticket({ number })
  // Accepted, so it is there; should it have been erased meanwhile, `{}` is still true.
  return reply.send(stored ? JSON.stringify(showTicket(stored, deps.references)) : '{}')
}

const wantsTicket = (request: FastifyRequest): boolean =>
  /(^|[,;\s])return=representation\b/.test(header(request, 'prefer') ?? '')

const header = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

const COMPRESSED: Problem = {
  code: 'UNSUPPORTED_ENCODING',
  why: 'The body is compressed, which this service does not take. Send it again without Content-Encoding; nothing was stored.',
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}
