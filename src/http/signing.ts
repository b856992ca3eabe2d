/** Signing in with a one-time link of the evaluation mode, and signing out. */
import type { FastifyInstance } from 'fastify'
import { messagePage, signInPage } from '#pages'
import type { Clock } from '../domain/clock.ts'
import { demoPrincipal, readLoginLink } from './login-link.ts'
import type { SendPage } from './page-answer.ts'
import { isSameOrigin } from './same-origin.ts'
import type { Sessions } from './sessions.ts'

export type SigningDeps = {
  readonly sessions: Sessions
  readonly clock: Pick<Clock, 'now'>
  readonly evaluation: { readonly loginSecret: Uint8Array } | null
}

/** 404: there never was such a link. 410: there was, and it will not work again. Browsers show the page either way. */
const statuses = { invalid: 404, used: 410, expired: 410 } as const

export const registerSigning = (scope: FastifyInstance, deps: SigningDeps, sendPage: SendPage): void => {
  const { sessions, clock, evaluation } = deps

  if (evaluation) {
    scope.get<{ Params: { secret: string } }>('/sign-in/:secret', async (request, reply) => {
      // The address of this page is a secret until the answer is on its way: it goes nowhere, not even to our own pages.
      reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store')
      const read = readLoginLink(evaluation.loginSecret, request.params.secret, clock.now())
      if (typeof read !== 'string') {
        const entry = { principal: demoPrincipal(read.role), link: read.link }
        const opened = await sessions.open(request, reply, entry)
        if (opened === 'opened') return reply.redirect(read.role === 'ADMIN' ? '/console' : '/', 303)
      }
      const link = typeof read === 'string' ? read : 'used'
      const principal = await sessions.sessionOf(request)
      return sendPage(reply, shell => signInPage({ shell, link }), { status: statuses[link], principal })
    })
  }

  scope.post('/sign-out', async (request, reply) => {
    if (!isSameOrigin(request)) {
      const sentences = [
        'Another page asked to sign you out, so we did not.',
        'If you want to sign out, do it from here.',
      ]
      return sendPage(
        reply,
        shell => messagePage({ shell, title: 'You are still signed in', sentences, requestId: null }),
        { status: 403 },
      )
    }
    await sessions.close(request, reply)
    return reply.header('cache-control', 'no-store').redirect('/', 303)
  })
}
