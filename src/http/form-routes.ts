/** GET and POST `/`: the form, and what becomes of it. Whatever goes wrong, the answer holds the whole text. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { formPage, type Sender, sentPage, signInPage, type Trouble } from '#pages'
import { errorCodes } from '../api/errors.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { type FormFields, readForm, readPrefill, troubleFor } from './form.ts'
import type { Intake, Submitted } from './intake.ts'
import type { SendPage } from './page-answer.ts'
import { isOwnRequest } from './same-origin.ts'
import type { Sessions } from './sessions.ts'

export type FormDeps = {
  readonly intake: Intake
  readonly sessions: Sessions
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'bytes'>
  /** UTF-16 units. */
  readonly messageMaxLength: number
  readonly evaluation: { readonly dataFolder: string } | null
  /** Told about our own mistakes. */
  readonly failed: (requestId: string, error: unknown) => void
}

/** A character takes up to nine bytes on the wire (three in UTF-8, each written %XX): a message at the limit passes whatever it
 *  is made of, and one above it still comes back whole, up to ten times the limit for plain letters. */
export const formMaxBytes = (messageMaxLength: number): number => 10 * messageMaxLength + 64 * 1024

const KEY_BYTES = 18

/** What the form shows beside the fields themselves. */
type Shown = {
  readonly key: string
  readonly principal?: Principal
  readonly trouble?: Trouble
  readonly status?: number
}

export const registerForm = (scope: FastifyInstance, deps: FormDeps, sendPage: SendPage): void => {
  const { clock, sessions } = deps
  const freshKey = (): string => Buffer.from(deps.random.bytes(KEY_BYTES)).toString('base64url')

  const sendForm = (request: FastifyRequest, reply: FastifyReply, fields: FormFields, shown: Shown): FastifyReply => {
    const { key, principal, trouble = null, status = 200 } = shown
    const userAgent = request.headers['user-agent']
    const view = {
      fields,
      key,
      trouble,
      sender: principal ? senderOf(principal) : null,
      page: fields.page ? { address: fields.page, send: fields.sendPage } : null,
      browser: userAgent ? { userAgent, send: fields.sendBrowser } : null,
      requestId: request.id,
      now: clock.now(),
    }
    return sendPage(reply, shell => formPage({ shell, ...view }), { status, principal })
  }

  scope.get('/', async (request, reply) => {
    const principal = await sessions.sessionOf(request)
    if (!principal) return sendPage(reply, shell => signInPage({ shell, link: null }))
    return sendForm(request, reply, readPrefill(request.query), { key: freshKey(), principal })
  })

  // The answer to the POST is the confirmation itself: the reference is shown even if no further request succeeds, and loading
  // that page again repeats the POST under the same key, which sends nothing twice.
  scope.post('/', { bodyLimit: formMaxBytes(deps.messageMaxLength) }, async (request, reply) => {
    const fields = readForm(request.body)
    const key = fields.key ?? freshKey()
    if (!isOwnRequest(request)) {
      return sendForm(request, reply, fields, { key: freshKey(), trouble: { kind: 'other-origin' }, status: 403 })
    }
    const principal = await callerOf(sessions, request)
    if (principal === 'unavailable') {
      return sendForm(request, reply, fields, { key, trouble: { kind: 'store-unavailable' }, status: 503 })
    }
    if (!principal) {
      return sendForm(request, reply, fields, {
        key,
        trouble: { kind: 'signed-out', dataFolder: deps.evaluation?.dataFolder ?? null },
        status: 401,
      })
    }
    const submitted = await submit(deps, request, { principal, fields, key })
    if (submitted.ok) {
      const { reference, createdAt, repeated } = submitted
      return sendPage(reply, shell => sentPage({ shell, reference, createdAt, repeated, now: clock.now() }), {
        principal,
      })
    }
    const { problem } = submitted
    if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds))
    return sendForm(request, reply, fields, {
      principal,
      // A key that stands for another text can never be sent with this one.
      key: problem.code === 'KEY_REUSED' ? freshKey() : key,
      trouble: troubleFor(problem, fields.message, { messageMaxLength: deps.messageMaxLength, now: clock.now() }),
      status: errorCodes[problem.code].status,
    })
  })
}

type Form = { readonly principal: Principal; readonly fields: FormFields; readonly key: string }

const submit = async (
  deps: FormDeps,
  request: FastifyRequest,
  { principal, fields, key }: Form,
): Promise<Submitted> => {
  try {
    return await deps.intake({
      principal,
      fields: {
        subject: fields.subject,
        message: fields.message,
        ...(fields.type && { type: fields.type }),
        ...(fields.page && fields.sendPage && { context: { page: fields.page } }),
      },
      requestId: request.id,
      userAgent: fields.sendBrowser ? (request.headers['user-agent'] ?? null) : null,
      project: null,
      idempotencyKey: key,
    })
  } catch (error) {
    // Our own mistake must not cost the writer their text, so it does not become an error page.
    deps.failed(request.id, error)
    return { ok: false, problem: { code: 'INTERNAL', why: 'Something went wrong on our side.' } }
  }
}

const callerOf = async (
  sessions: Sessions,
  request: FastifyRequest,
): Promise<Principal | undefined | 'unavailable'> => {
  try {
    return await sessions.sessionOf(request)
  } catch (error) {
    if (error instanceof StoreUnavailable) return 'unavailable'
    throw error
  }
}

const senderOf = ({ username, role, name, email, organization, projects }: Principal): Sender => ({
  username,
  role,
  name,
  email,
  organization,
  projectCount: projects.length,
})
