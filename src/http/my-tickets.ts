/** GET `/tickets`, GET and POST `/tickets/:id`: a user's own tickets as pages. Whoever comes, staff too, is a user here: the rules are
 *  those of the API's calls. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isNoticeCode, myTicketPage, myTicketsPage, type NoticeCode } from '#pages'
import { type TicketStatus, ticketStatuses } from '../api/ticket.ts'
import { addComment, browse, retrieve } from '../api/ticket-calls.ts'
import type { Principal } from '../domain/principal.ts'
import type { Addition, Conversation } from './conversation.ts'
import { field } from './form.ts'
import { openedBy, sendProblemPage, UNKNOWN_ACT } from './page-caller.ts'
import {
  emptyForm,
  NOTHING_TO_TELL,
  type TicketForm,
  type TicketFormDeps,
  type TicketPage,
  takeTicketForm,
} from './ticket-form.ts'
import { listed, oneOf } from './ticket-view.ts'
import { browseTickets, NO_SUCH_TICKET, retrieveTicket, type TicketsDeps } from './tickets.ts'

export type MyTicketsDeps = TicketFormDeps & TicketsDeps & { readonly conversation: Conversation }

const ITEMS = 20

export const registerMyTickets = (scope: FastifyInstance, deps: MyTicketsDeps): void => {
  const { sendPage, clock } = deps

  scope.get('/tickets', async (request, reply) => {
    const principal = await openedBy(deps, { request, reply, page: browse })
    if (!principal) return reply
    const status = oneOf(ticketStatuses, field(request.query, 'status'))
    const next = field(request.query, 'next') || null
    const asked = { filterStatus: status, itemsPerPage: ITEMS, next }
    const page = await browseTickets(deps, asked, asUser(principal))
    if ('why' in page) return sendProblemPage(sendPage, { request, reply }, page, principal)
    const view = { tickets: page.items.map(listed), status, isFirst: next === null, next: page.next, now: clock.now() }
    return sendPage(reply, shell => myTicketsPage({ shell, ...view }), { principal })
  })

  scope.get<Of>('/tickets/:id', async (request, reply) => {
    const principal = await openedBy(deps, { request, reply, page: retrieve })
    if (!principal) return reply
    const done = field(request.query, 'done')
    const outcome = { ...NOTHING_TO_TELL, notice: isNoticeCode(done) ? done : null }
    const form = emptyForm(deps.random)
    const problem = await show(deps, { request, reply, principal }, { form, outcome, status: 200 })
    if (!problem) return reply
    // Staff were sent the address by a user: it is somebody else's ticket.
    if (principal.role === 'ADMIN') return reply.redirect(`/console/${encodeURIComponent(request.params.id)}`, 303)
    return sendProblemPage(sendPage, { request, reply }, problem, principal)
  })

  scope.post<Of>('/tickets/:id', (request, reply) => {
    const { id } = request.params
    return takeTicketForm(
      deps,
      { request, reply },
      {
        page: addComment,
        address: `/tickets/${encodeURIComponent(id)}`,
        act: (form, caller) => act(deps.conversation, asUser(caller), id, form),
        show: async (principal, shown) => !(await show(deps, { request, reply, principal }, shown)),
      },
    )
  })
}

type Of = { Params: { id: string } }

const asUser = (principal: Principal): Principal => ({ ...principal, role: 'USER' })

/** The buttons, and the status that each asks for. */
const BUTTONS: Readonly<Record<string, { readonly status: TicketStatus | null; readonly notice: NoticeCode }>> = {
  comment: { status: null, notice: 'added' },
  solved: { status: 'CLOSED', notice: 'solved' },
  back: { status: 'IN_PROGRESS', notice: 'back' },
}

/** What was typed goes first, whichever button was pressed: "this is solved" is the last word then. Both happen, or neither. */
const act = async (
  conversation: Conversation,
  caller: Principal,
  id: string,
  { draft: { key, message }, act: wanted }: TicketForm,
): ReturnType<TicketPage['act']> => {
  const button = Object.hasOwn(BUTTONS, wanted) ? BUTTONS[wanted] : undefined
  if (!button) return UNKNOWN_ACT
  const { status, notice } = button
  const says = status === null || message.trim() !== ''
  const additions: Addition[] = []
  if (says) additions.push({ id, message, internal: false, status: null })
  if (status !== null) additions.push({ id, message: null, internal: false, status })
  const added = await conversation.add(says ? 'comment' : 'status', caller, key, additions)
  // Which of the two finds no ticket is nothing to tell.
  if ('why' in added) return added.code === 'NOT_FOUND' ? NO_SUCH_TICKET : added
  return { notice, left: { key, message: '', note: '' } }
}

/** Answers with the page; or why there is none. */
const show = async (
  deps: MyTicketsDeps,
  { request, reply, principal }: { request: FastifyRequest<Of>; reply: FastifyReply; principal: Principal },
  { form, outcome, status }: Parameters<TicketPage['show']>[1],
) => {
  const asked = { id: request.params.id, includeTimeline: true }
  const ticket = await retrieveTicket(deps, asked, asUser(principal))
  if ('why' in ticket) return ticket
  const view = { ticket, draft: form.draft, ...outcome, requestId: request.id, now: deps.clock.now() }
  deps.sendPage(reply, shell => myTicketPage({ shell, ...view }), { status, principal })
  return undefined
}
