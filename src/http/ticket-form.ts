/** What is sent from the page of one ticket, by its writer or by staff. Whatever goes wrong, the answer holds every typed character:
 *  on the ticket's page, or, where that cannot be shown, on a page of its own. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Draft, keptPage, type NoticeCode, type Outcome, type Trouble } from '#pages'
import { errorCodes, type Problem } from '../api/errors.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { type CallerDeps, callerOf } from './caller.ts'
import { field, KEY_SHAPE, troubleFor, typed } from './form.ts'
import type { SendPage } from './page-answer.ts'
import { admitted, FROM_ELSEWHERE, type Opened, sendProblemPage } from './page-caller.ts'
import { isOwnRequest } from './same-origin.ts'

export type TicketFormDeps = CallerDeps & {
  readonly sendPage: SendPage
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'bytes'>
  /** UTF-16 units. */
  readonly messageMaxLength: number
  readonly evaluation: { readonly dataFolder: string } | null
  /** Told about our own mistakes. */
  readonly failed: (requestId: string, error: unknown) => void
}

export type TicketForm = {
  readonly draft: Draft
  readonly act: string
  readonly replyStatus: string
  readonly status: string
}

export const NOTHING_TO_TELL: Outcome = { notice: null, trouble: null, field: 'message' }

const KEY_BYTES = 18
export const emptyForm = (random: Pick<Random, 'bytes'>): TicketForm => {
  const key = Buffer.from(random.bytes(KEY_BYTES)).toString('base64url')
  return { draft: { key, message: '', note: '' }, act: '', replyStatus: '', status: '' }
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }

export type TicketPage = {
  readonly page: Opened
  /** Where the page is. */
  readonly address: string
  /** Does what was asked for. `left`: what was typed and is not part of it. */
  act(form: TicketForm, caller: Principal): Promise<{ readonly notice: NoticeCode; readonly left: Draft } | Problem>
  /** Answers with the ticket's page; false, and no answer, when there is none for the caller. */
  show(
    caller: Principal,
    shown: { readonly form: TicketForm; readonly outcome: Outcome; readonly status: number },
  ): Promise<boolean>
}

export const takeTicketForm = async (deps: TicketFormDeps, exchange: Exchange, page: TicketPage): Promise<unknown> => {
  const { request, reply } = exchange
  const form = readTicketForm(request.body, emptyForm(deps.random).draft.key)
  const keep = (trouble: Trouble, status: number) => sendKept(deps, exchange, { form, trouble, status, ...page })
  if (!isOwnRequest(request)) {
    // The key is another page's as well; what it stands for must not be decided there.
    const draft = { ...form.draft, key: emptyForm(deps.random).draft.key }
    if (!hasText(form)) return sendProblemPage(deps.sendPage, exchange, FROM_ELSEWHERE)
    return sendKept(deps, exchange, {
      ...page,
      form: { ...form, draft },
      trouble: { kind: 'other-origin' },
      status: 403,
    })
  }
  try {
    const known = await callerOf(deps, request, page.page.scope)
    if ('code' in known && request.headers.authorization === undefined) {
      return keep({ kind: 'signed-out', dataFolder: deps.evaluation?.dataFolder ?? null }, 401)
    }
    const caller = admitted(deps.sendPage, { ...exchange, page: page.page }, known)
    if (!caller) return reply

    const done = await page.act(form, caller)
    if ('notice' in done) {
      const left = { ...form, draft: done.left }
      const outcome = { ...NOTHING_TO_TELL, notice: done.notice }
      if (hasText(left) && (await page.show(caller, { form: left, outcome, status: 200 }))) return reply
      return reply.header('cache-control', 'no-store').redirect(`${page.address}?done=${done.notice}`, 303)
    }
    const { status } = errorCodes[done.code]
    if (done.retryAfterSeconds !== undefined) reply.header('retry-after', String(done.retryAfterSeconds))
    const about = form.act === 'note' ? 'note' : 'message'
    const trouble = troubleFor(done, form.draft[about], { ...deps, now: deps.clock.now() })
    if (await page.show(caller, { form, outcome: { notice: null, trouble, field: about }, status })) return reply
    return keep(trouble, status)
  } catch (error) {
    if (error instanceof StoreUnavailable) return keep({ kind: 'store-unavailable' }, 503)
    deps.failed(request.id, error)
    return keep({ kind: 'our-mistake' }, 500)
  }
}

const readTicketForm = (body: unknown, freshKey: string): TicketForm => {
  const key = field(body, 'key')
  const text = (name: string) => typed(field(body, name))
  const draft = { key: KEY_SHAPE.test(key) ? key : freshKey, message: text('message'), note: text('note') }
  return { draft, act: field(body, 'act'), replyStatus: field(body, 'reply-status'), status: field(body, 'status') }
}

const hasText = ({ draft: { message, note } }: TicketForm): boolean => message.trim() !== '' || note.trim() !== ''

const sendKept = (
  deps: TicketFormDeps,
  { request, reply }: Exchange,
  kept: { form: TicketForm; trouble: Trouble; status: number; address: string },
): FastifyReply => {
  const { form, trouble, status, address } = kept
  const view = { address, ...form, trouble, requestId: request.id, now: deps.clock.now() }
  return deps.sendPage(reply, shell => keptPage({ ...view, shell }), { status })
}
