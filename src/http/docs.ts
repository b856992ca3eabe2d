/** GET `/openapi.json` and `/docs`: the calls, for programs and for people. Anyone may look. Both are made when they are first asked for: most
 *  services are never asked, and start and memory should not pay for it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import type { FastifyInstance } from 'fastify'
import { docsContent, docsPage } from '#pages'
import { JSON_TYPE } from './answers.ts'
import { makeSendPage, type PageDeps, registerPageErrors } from './page-answer.ts'

export type DocsDeps = PageDeps & { readonly failed: (requestId: string, error: unknown) => void }

export const registerDocs = (app: FastifyInstance, deps: DocsDeps): void => {
  const sendPage = makeSendPage(deps)
  const document = once(makeDocument)
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

const makeDocument = async () => {
  const { openApi } = await import('../api/openapi.ts')
  const body = JSON.stringify(openApi(versionOfPackage()))
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  // Weak: it names what is said, whether it is gzipped or not.
  return { body, etag: `W/"${hash}"` }
}

/** From `package.json`, which lies at another distance from the source than from what is built of it. */
export const versionOfPackage = (): string => {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url) ?? '', 'utf8'))
  return version
}
