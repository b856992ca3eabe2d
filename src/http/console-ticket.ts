/** GET and POST `/console/:id`: one ticket as staff see it, and everything that can be done about it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { consoleTicketPage, type Draft, isNoticeCode, type NoticeCode } from '#pages'
import { replay } from '../api/delivery-calls.ts'
import type { Problem } from '../api/errors.ts'
import { ticketStatuses } from '../api/ticket.ts'
import { updateStatus } from '../api/ticket-calls.ts'
import { STAFF_MAY_SET_WITH_REPLY } from '../domain/conversation.ts'
import type { Principal } from '../domain/principal.ts'
import type { Addition, Conversation } from './conversation.ts'
import { field } from './form.ts'
import { openedBy, sendProblemPage, UNKNOWN_ACT } from './page-caller.ts'
import { type ReplayDeps, replayAsked } from './replay.ts'
import {
  emptyForm,
  NOTHING_TO_TELL,
  type TicketForm,
  type TicketFormDeps,
  type TicketPage,
  takeTicketForm,
} from './ticket-form.ts'
import { oneOf } from './ticket-view.ts'
import { retrieveTicket, type TicketsDeps } from './tickets.ts'

export type ConsoleTicketDeps = TicketFormDeps &
  Omit<TicketsDeps, 'pageTokens'> &
  ReplayDeps & { readonly conversation: Conversation }

type Of = { Params: { id: string } }
/** What a token must allow, beside its role. */
const LOOK = { scope: 'support.retrieve:read', who: 'staff' } as const
const WRITE = { ...updateStatus, who: 'staff' } as const

export const registerConsoleTicket = (scope: FastifyInstance, deps: ConsoleTicketDeps): void => {
  scope.get<Of>('/console/:id', async (request, reply) => {
    const principal = await openedBy(deps, { request, reply, page: LOOK })
    if (!principal) return reply
    const done = field(request.query, 'done')
    const outcome = { ...NOTHING_TO_TELL, notice: isNoticeCode(done) ? done : null }
    const form = emptyForm(deps.random)
    const problem = await show(deps, { request, reply, principal }, { form, outcome, status: 200 })
    return problem ? sendProblemPage(deps.sendPage, { request, reply }, problem, principal) : reply
  })

  scope.post<Of>('/console/:id', (request, reply) => {
    const { id } = request.params
    return takeTicketForm(
      deps,
      { request, reply },
      {
        page: isReplay(field(request.body, 'act')) ? replay : WRITE,
        address: `/console/${encodeURIComponent(id)}`,
        act: (form, caller) => act(deps, caller, id, form),
        show: async (principal, shown) => !(await show(deps, { request, reply, principal }, shown)),
      },
    )
  })
}

const isReplay = (act: string): boolean => act.startsWith('replay')

/** Only what the button names: what stands in the other box stays there. */
const act = async (
  deps: ConsoleTicketDeps,
  caller: Principal,
  id: string,
  { draft, act: wanted, replyStatus, status }: TicketForm,
): ReturnType<TicketPage['act']> => {
  const add = (kind: 'comment' | 'status', addition: Partial<Addition>) =>
    deps.conversation.add(kind, caller, draft.key, [{ id, message: null, internal: false, status: null, ...addition }])
  if (isReplay(wanted)) return done(await replayOf(deps, caller, id, wanted), 'replayed', draft)
  switch (wanted) {
    case 'reply': {
      const chosen = oneOf(STAFF_MAY_SET_WITH_REPLY, replyStatus)
      return done(await add('comment', { message: draft.message, status: chosen }), 'replied', {
        ...draft,
        message: '',
      })
    }
    case 'note':
      return done(await add('comment', { message: draft.note, internal: true }), 'noted', { ...draft, note: '' })
    case 'status': {
      const chosen = oneOf(ticketStatuses, status)
      return chosen === null ? UNKNOWN_ACT : done(await add('status', { status: chosen }), 'status', draft)
    }
    default:
      return UNKNOWN_ACT
  }
}

const done = (answer: object, notice: NoticeCode, left: Draft) => {
  if ('why' in answer) return answer as Problem // nothing else that these calls answer has one
  return { notice: 'count' in answer && answer.count === 0 ? ('nothing-replayed' as const) : notice, left }
}

/** `replay-all`, or `replay-dead:ID` and `replay-delivered:ID` of one delivery. */
const replayOf = (deps: ConsoleTicketDeps, { username }: Principal, id: string, wanted: string) => {
  const [kind = '', delivery = ''] = wanted.split(':', 2)
  const filterState = kind === 'replay-delivered' ? ('DELIVERED' as const) : ('DEAD' as const)
  const ids = kind === 'replay-all' ? [] : [delivery]
  return replayAsked(deps, { ids, filterTicket: id, filterState }, username)
}

/** Answers with the page; or why there is none. */
const show = async (
  deps: ConsoleTicketDeps,
  { request, reply, principal }: { request: FastifyRequest<Of>; reply: FastifyReply; principal: Principal },
  { form, outcome, status }: Parameters<TicketPage['show']>[1],
): Promise<Problem | undefined> => {
  const asked = { id: request.params.id, includeTimeline: true, includeDeliveries: true }
  const ticket = await retrieveTicket(deps, asked, principal)
  if ('why' in ticket) return ticket
  const { draft, replyStatus } = form
  const view = { ticket, draft, replyStatus, ...outcome, requestId: request.id, now: deps.clock.now() }
  deps.sendPage(reply, shell => consoleTicketPage({ shell, ...view }), { status, principal })
  return undefined
}
