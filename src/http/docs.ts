/** GET `/openapi.json` and `/docs`: the calls, for programs and for people. Anyone may look. Both are made when they are first asked for: most
 *  services are never asked, and start and memory should not pay for it. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { docsContent, docsPage } from '#pages'
import { JSON_TYPE } from './answers.ts'
import { makeSendPage, type PageDeps, registerPageErrors } from './page-answer.ts'

export type DocsDeps = PageDeps & {
  /** Of the service, as the document tells it. */
  readonly version: string
  readonly failed: (requestId: string, error: unknown) => void
}

export const registerDocs = (app: FastifyInstance, deps: DocsDeps): void => {
  const sendPage = makeSendPage(deps)
  const document = once(() => makeDocument(deps.version))
  const content = once(async () => docsContent((await import('../api/manual.ts')).manual()))

  app.route({
    method: ['GET', 'HEAD'],
    url: '/openapi.json',
    async handler(request, reply) {
      const { body, etag } = await document()
      // Kept, but asked about each time: another version of the service has another document.
      reply.headers({ etag, 'cache-control': 'no-cache' })
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
      return reply.header('content-type', JSON_TYPE).send(body)
    },
  })
  app.register(async scope => {
    registerPageErrors(scope, sendPage, deps.failed)
    scope.get('/docs', async (_request, reply) => {
      const made = await content()
      return sendPage(reply, shell => docsPage({ shell, content: made }))
    })
  })
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

const makeDocument = async (version: string) => {
  const { openApi } = await import('../api/openapi.ts')
  const body = JSON.stringify(openApi(version))
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  // Weak: it names what is said, whether it is gzipped or not.
  return { body, etag: `W/"${hash}"` }
}
