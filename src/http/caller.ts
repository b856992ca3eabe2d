/** Who calls: by token, or by the session cookie of a same-origin browser. */
import type { FastifyRequest } from 'fastify'
import type { Problem } from '../api/errors.ts'
import type { Principal } from '../domain/principal.ts'
import type { Verifier } from './token.ts'

export type CallerDeps = {
  readonly verify: Verifier
  /** Who a same-origin browser with a session cookie is; undefined when there is none. */
  readonly sessionOf: (request: FastifyRequest) => Promise<Principal | undefined>
}

/** The caller, or why there is none. A token that was sent counts, and no cookie beside it.
 *  @param scope what the token must allow, as `support.createTicket:write` */
export const callerOf = async (
  deps: CallerDeps,
  request: FastifyRequest,
  scope: string,
): Promise<Principal | Problem> => {
  const { authorization } = request.headers
  if (authorization === undefined) {
    const principal = await deps.sessionOf(request)
    if (principal) return principal
  }
  return deps.verify(authorization, scope)
}
