/** Who opens a page, by session or token; and what they see instead when it is not for them. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { loginLinkCommand, messagePage, type Shell, signInPage } from '#pages'
import type { Call } from '../api/call.ts'
import { errorCodes, type Problem } from '../api/errors.ts'
import type { Principal } from '../domain/principal.ts'
import { type CallerDeps, callerOf } from './caller.ts'
import type { SendPage } from './page-answer.ts'

export type Opened = Pick<Call, 'scope' | 'who'>

type Opening = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly page: Opened }

/** The caller; undefined once they were answered otherwise. Without a session the answer is how to get one, and no error. */
export const openedBy = async (
  deps: CallerDeps & { readonly sendPage: SendPage },
  opening: Opening,
): Promise<Principal | undefined> =>
  admitted(deps.sendPage, opening, await callerOf(deps, opening.request, opening.page.scope))

/** The same for whoever is known already. */
export const admitted = (
  sendPage: SendPage,
  { request, reply, page }: Opening,
  caller: Principal | Problem,
): Principal | undefined => {
  if ('code' in caller) {
    if (request.headers.authorization === undefined) {
      sendPage(reply, shell => signInPage({ shell, link: null }), { status: request.method === 'GET' ? 200 : 401 })
    } else sendProblemPage(sendPage, { request, reply }, caller)
    return undefined
  }
  if (page.who === 'staff' && caller.role !== 'ADMIN') {
    sendProblemPage(sendPage, { request, reply }, FOR_STAFF, caller)
    return undefined
  }
  return caller
}

export const sendProblemPage = (
  sendPage: SendPage,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  problem: Problem,
  principal?: Principal,
): FastifyReply => {
  reply.refusal = problem
  if (problem.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer')
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds))
  const title = TITLES[problem.code] ?? 'This did not work'
  const page = (shell: Shell) => {
    const sentences = [problem.why, ...(problem === FOR_STAFF ? wayIn(shell) : [])]
    return messagePage({ shell, title, sentences, requestId: request.id })
  }
  return sendPage(reply, page, { status: errorCodes[problem.code].status, principal })
}

const wayIn = ({ evaluation }: Shell): readonly string[] =>
  evaluation
    ? [
        'To look at it as demo staff, run this where you started Support Relay, and open the link that it prints:',
        loginLinkCommand(evaluation.dataFolder, 'staff'),
      ]
    : []

const TITLES: Partial<Record<Problem['code'], string>> = {
  FORBIDDEN: 'This is for staff',
  NOT_FOUND: 'There is no such ticket',
  INVALID_PAGE_TOKEN: 'This page of the list is not there any more',
}

const FOR_STAFF: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) can open this page. What you wrote yourself is in My tickets.',
}
/** What somebody on another site made the browser ask for is not done. */
export const FROM_ELSEWHERE: Problem = {
  code: 'FORBIDDEN',
  why: 'The request did not come from our own page, so nothing was changed. If you meant it, do it from here.',
}
export const UNKNOWN_ACT: Problem = {
  code: 'INVALID_FIELD',
  why: 'The form does not say what to do, so nothing was done. Use one of the buttons.',
}
