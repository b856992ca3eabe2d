/** Calls that only staff may make: who asks is decided before the body is looked at. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import { sendProblem } from './answers.ts'
import { type CallerDeps, callerOf } from './caller.ts'

/** For `onRequest`: the request then has its `principal`. @param scope what the token must allow */
export const staffOnly =
  (deps: CallerDeps, scope: string) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const caller = await callerOf(deps, request, scope)
    if ('code' in caller) return sendProblem(reply, caller)
    if (caller.role !== 'ADMIN') return sendProblem(reply, STAFF_ONLY)
    request.principal = caller
    return undefined
  }

const STAFF_ONLY: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) may see and do this. Nothing was changed: sign in as staff and try again.',
}
