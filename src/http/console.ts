/** GET and POST `/console`: staff's first page. What is done to a destination is a plain form; the rules are those of the API's calls. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { consolePage, isNoticeCode, type NoticeCode } from '#pages'
import { browseDestinations, pauseDestination } from '../api/delivery-calls.ts'
import { errorCodes, type Problem } from '../api/errors.ts'
import { type DestinationView, ticketStatuses, ticketTypes } from '../api/ticket.ts'
import { adviceFor, adviceOnTest } from '../domain/advice.ts'
import type { Principal } from '../domain/principal.ts'
import { type DestinationsDeps, listDestinations, steer, testNamed } from './destinations.ts'
import { field } from './form.ts'
import { FROM_ELSEWHERE, openedBy, sendProblemPage, UNKNOWN_ACT } from './page-caller.ts'
import { type ReplayDeps, replayAsked } from './replay.ts'
import { isOwnRequest } from './same-origin.ts'
import { type SearchDeps, searchTickets } from './search.ts'
import type { TicketFormDeps } from './ticket-form.ts'
import { forStaff, oneOf } from './ticket-view.ts'
import { browseTickets, type TicketsDeps } from './tickets.ts'
import { firstUndelivered, type UndeliveredDeps } from './undelivered.ts'

export type ConsoleDeps = TicketFormDeps & TicketsDeps & SearchDeps & DestinationsDeps & ReplayDeps & UndeliveredDeps

const ITEMS = 25

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }

export const registerConsole = (scope: FastifyInstance, deps: ConsoleDeps): void => {
  scope.get('/console', async (request, reply) => {
    const principal = await openedBy(deps, { request, reply, page: browseDestinations })
    if (!principal) return reply
    const done = field(request.query, 'done')
    return sendConsole(deps, { request, reply }, principal, { notice: isNoticeCode(done) ? done : null })
  })

  scope.post('/console', async (request, reply) => {
    if (!isOwnRequest(request)) return sendProblemPage(deps.sendPage, { request, reply }, FROM_ELSEWHERE)
    const principal = await openedBy(deps, { request, reply, page: pauseDestination })
    if (!principal) return reply
    const done = await act(deps, field(request.body, 'act'), field(request.body, 'name'), principal)
    if (typeof done === 'string') {
      return reply.header('cache-control', 'no-store').redirect(`/console?done=${done}`, 303)
    }
    return sendConsole(deps, { request, reply }, principal, done)
  })
}

type Told = { readonly notice?: NoticeCode | null; readonly why?: string; readonly status?: number }

const sendConsole = async (
  deps: ConsoleDeps,
  { request, reply }: Exchange,
  principal: Principal,
  { notice = null, why, status = 200 }: Told,
): Promise<FastifyReply> => {
  const given = (name: string) => field(request.query, name)
  const filter = {
    q: given('q'),
    status: oneOf(ticketStatuses, given('status')),
    type: oneOf(ticketTypes, given('type')),
    delivery: oneOf(['DEAD'] as const, given('delivery')),
  }
  const unknown = (['status', 'type', 'delivery'] as const).find(name => given(name) !== '' && filter[name] === null)
  const next = given('next') || null
  const asked = {
    filterStatus: filter.status,
    filterType: filter.type,
    filterDelivery: filter.delivery,
    itemsPerPage: ITEMS,
    next,
  }
  const page = filter.q.trim()
    ? await searchTickets(deps, { ...asked, query: filter.q }, principal)
    : await browseTickets(deps, asked, principal)
  if ('why' in page) return sendProblemPage(deps.sendPage, { request, reply }, page, principal)

  const destinations = await listDestinations(deps)
  const view = {
    destinations,
    advice: new Map(destinations.flatMap(each => adviceOn(each) ?? [])),
    undelivered: await firstUndelivered(deps, destinations),
    tickets: await Promise.all(page.items.map(ticket => forStaff(deps, ticket))),
    filter,
    isFirst: next === null,
    next: page.next,
    notice,
    why: why ?? (unknown ? `There is no such ${unknown}, so the list is not filtered by it. Choose one below.` : null),
    now: deps.clock.now(),
  }
  return deps.sendPage(reply, shell => consolePage({ shell, ...view }), { status: unknown ? 400 : status, principal })
}

/** By its name, what to do about one that takes nothing, or about which staff have to decide. */
const adviceOn = ({ name, state, reason }: DestinationView): readonly (readonly [string, string])[] | undefined => {
  if (state === 'OK' || state === 'NOT_CONFIGURED' || reason === null) return undefined
  const advice = adviceFor(state === 'PAUSED' ? 'unclear' : 'unavailable', reason)
  return advice === null ? undefined : [[name, advice]]
}

/** The notice of what was done; else what to tell on the page itself. */
const act = async (deps: ConsoleDeps, wanted: string, name: string, caller: Principal): Promise<NoticeCode | Told> => {
  switch (wanted) {
    case 'pause':
      return told(await steer(deps, name, 'PAUSED', caller), 'paused')
    case 'resume':
      return told(await steer(deps, name, 'OK', caller), 'resumed')
    case 'replay': {
      const replayed = await replayAsked(deps, { filterDestination: name, filterState: 'DEAD' }, caller.username)
      return told(replayed, 'count' in replayed && replayed.count === 0 ? 'nothing-replayed' : 'replayed')
    }
    case 'test': {
      const tested = await testNamed(deps, name)
      if ('why' in tested || tested.outcome === 'DELIVERED') return told(tested, 'tested')
      const answer = [tested.status, tested.excerpt].filter(Boolean).join(' ')
      return {
        why: `The test message to ${name} did not arrive. The answer: ${answer.replace(/\.$/, '') || 'none'}. ${adviceOnTest(tested) ?? ''}`.trim(),
      }
    }
    default:
      return told(UNKNOWN_ACT, 'status')
  }
}

const told = (answer: object | Problem, notice: NoticeCode): NoticeCode | Told =>
  'why' in answer && 'code' in answer ? { why: answer.why, status: errorCodes[answer.code].status } : notice
