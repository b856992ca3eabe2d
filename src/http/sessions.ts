/** Who a browser is: a cookie with a secret of which the store knows only the hash. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createTicket } from '../api/ticket-calls.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { Principal } from '../domain/principal.ts'
import type { Store } from '../domain/store.ts'
import { isSameOrigin } from './same-origin.ts'
import type { Verifier } from './token.ts'

export const SESSION_COOKIE = 'support_relay_session'
/** A working day with its breaks: nobody signs in twice a day, and a forgotten browser is signed out by the morning. */
export const SESSION_LIFETIME_MS = 12 * 3_600_000

const SECRET_BYTES = 32
const SECRET_SHAPE = /^[A-Za-z0-9_-]{43}$/

export type SessionsDeps = {
  readonly store: Pick<Store, 'openSession' | 'closeSession' | 'session'>
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'bytes'>
}

export type Sessions = {
  /** Who sent the request; undefined without a session, and when the request came from another origin. Rejects as the store does. */
  sessionOf(request: FastifyRequest): Promise<Principal | undefined>
  /** Opens a session for a sign-in link and sets the cookie; `used` when the link has opened one before, and then sets none. */
  open(
    request: FastifyRequest,
    reply: FastifyReply,
    entry: { readonly principal: Principal; readonly link: Uint8Array },
  ): Promise<'opened' | 'used'>
  /** Ends the session, wherever its cookie may be by now, and takes the cookie away. Rejects as the store does, and then ends nothing. */
  close(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

export const makeSessions = ({ store, clock, random }: SessionsDeps): Sessions => ({
  async sessionOf(request) {
    const secret = readCookie(request)
    if (secret === undefined || !isSameOrigin(request)) return undefined
    return (await store.session({ hash: hashOf(secret), now: clock.now() }))?.principal
  },

  async open(request, reply, { principal, link }) {
    const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')
    const expiresAt = clock.now() + SESSION_LIFETIME_MS
    const outcome = await store.openSession({ hash: hashOf(secret), principal, expiresAt, link })
    if (outcome === 'opened') setCookie(request, reply, secret, SESSION_LIFETIME_MS / 1_000)
    return outcome
  },

  async close(request, reply) {
    const secret = readCookie(request)
    if (secret !== undefined) await store.closeSession({ hash: hashOf(secret) })
    setCookie(request, reply, '', 0)
  },
})

/** A token that was sent counts for the form as well, and no cookie beside it: for platforms that put it into a page of theirs. */
export const withTokens = (sessions: Sessions, verify: Verifier): Sessions => ({
  ...sessions,
  async sessionOf(request) {
    const { authorization } = request.headers
    if (authorization === undefined) return sessions.sessionOf(request)
    const caller = await verify(authorization, createTicket.scope)
    return 'code' in caller ? undefined : caller
  },
})

/** By hand, as one cookie of one shape needs no parser: the first with our name, whose value must look like ours. */
const readCookie = (request: FastifyRequest): string | undefined => {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value = ''] = pair.split('=', 2)
    if (name?.trim() === SESSION_COOKIE) return SECRET_SHAPE.test(value.trim()) ? value.trim() : undefined
  }
  return undefined
}

const setCookie = (request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void => {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  reply.header('set-cookie', `${SESSION_COOKIE}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Lax${secure}`)
}

const hashOf = (secret: string): Uint8Array => createHash('sha256').update(secret).digest()
