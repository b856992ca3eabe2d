/** How a page leaves: with a fresh nonce, and headers that let it load nothing but our own. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { messagePage, type Shell } from '#pages'
import type { Random } from '../domain/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { StoreUnavailable } from '../domain/store.ts'
import type { Assets } from './assets.ts'

export type PageDeps = {
  readonly assets: Assets
  readonly random: Pick<Random, 'bytes'>
  /** Null unless in the evaluation mode. */
  readonly evaluation: { readonly dataFolder: string } | null
}

export type PageOptions = { readonly status?: number; readonly principal?: Principal | undefined }

export type SendPage = (reply: FastifyReply, render: (shell: Shell) => string, options?: PageOptions) => FastifyReply

const NONCE_BYTES = 16

export const makeSendPage =
  ({ assets, random, evaluation }: PageDeps): SendPage =>
  (reply, render, { status = 200, principal } = {}) => {
    const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url')
    const signedIn = principal
      ? { name: principal.name ?? principal.username, isStaff: principal.role === 'ADMIN' }
      : null
    const shell: Shell = {
      nonce,
      assets: assets.urls,
      evaluation: evaluation && { dataFolder: evaluation.dataFolder },
      signedIn,
    }
    return reply
      .code(status)
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy(nonce),
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
      .header('referrer-policy', reply.getHeader('referrer-policy') ?? REFERRER_POLICY)
      .send(render(shell))
  }

/** Not `no-referrer`: with it browsers send `Origin: null` for our own forms, and where `Sec-Fetch-Site` is not sent (plain http
 *  on an intranet's name, older Safari) every form would be refused. Other origins learn nothing either way. */
const REFERRER_POLICY = 'same-origin'

const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')

/** What a browser is shown when a page cannot be: to be set in the scope of the pages only. */
export const registerPageErrors = (
  scope: FastifyInstance,
  sendPage: SendPage,
  failed: (requestId: string, error: unknown) => void,
): void => {
  scope.setErrorHandler((error: Error & { code?: string; statusCode?: number }, request, reply) => {
    const { status, title, sentences } = messageFor(error)
    if (status === 500) failed(request.id, error)
    if (status === 503) reply.header('retry-after', '5')
    // As in server.ts: a browser that is still sending would otherwise show a broken connection instead of this page.
    if (status === 413) reply.removeHeader('connection')
    return sendPage(reply, shell => messagePage({ shell, title, sentences, requestId: request.id }), { status })
  })
}

const messageFor = (
  error: Error & { code?: string; statusCode?: number },
): { status: number; title: string; sentences: string[] } => {
  if (error instanceof StoreUnavailable) {
    return {
      status: 503,
      title: 'We cannot look up who you are',
      sentences: [
        'Our store does not answer at the moment. Nothing that was sent before is lost.',
        'Load this page again in a moment.',
      ],
    }
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return {
      status: 413,
      title: 'Your message is much too long',
      sentences: ['It was not sent. Go back: your browser still has the text.', 'Shorten it, or send it in parts.'],
    }
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return {
      status: error.statusCode,
      title: 'We could not read that request',
      sentences: ['Nothing was sent. Go back and try again.'],
    }
  }
  return {
    status: 500,
    title: 'Something went wrong on our side',
    sentences: ['We were told about it. If you sent a message, go back and send it again: it cannot be sent twice.'],
  }
}
