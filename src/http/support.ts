/** `POST /api/support/ticket`: the call that everything else is for. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createTicket } from '../api/ticket-calls.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store } from '../domain/store.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { showTicket } from '../domain/ticket.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import { readJsonObject } from './body.ts'
import { admittedCaller, type Calls, header } from './call.ts'
import type { Intake } from './intake.ts'

export type SupportDeps = {
  readonly intake: Intake
  readonly store: Pick<Store, 'ticket'>
  readonly references: ReferenceCode
}

/** Not by its schema: what old clients send is read as leniently as UCloud does (domain/submission.ts). */
export const registerSupport = (app: FastifyInstance, calls: Calls, deps: SupportDeps): void => {
  app.post(createTicket.path, {
    onRequest: calls.admit(createTicket),
    handler: async (request, reply) => {
      const body = readJsonObject(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), request.contentType)
      if ('problem' in body) return sendProblem(reply, body.problem)
      const submitted = await deps.intake({
        principal: admittedCaller(request),
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
