/** The few files that pages load. Each is served under a name made from its content, so browsers may keep it for ever. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { Shell } from '#pages'
import { notFound, sendProblem } from './answers.ts'

export type Assets = {
  /** The addresses that pages refer to. */
  readonly urls: Shell['assets']
  readonly files: ReadonlyMap<string, { readonly body: Buffer; readonly type: string }>
}

/** Reads them from beside the compiled pages. */
export const loadAssets = (): Assets => {
  const files = new Map<string, { body: Buffer; type: string }>()
  const pages = import.meta.resolve('#pages')
  const add = (name: string, type: string, ...sources: string[]): string => {
    const body = Buffer.concat(sources.map(source => readFileSync(new URL(source, pages))))
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10)
    const file = name.replace('.', `-${hash}.`)
    files.set(file, { body, type })
    return `/assets/${file}`
  }
  const script = 'text/javascript; charset=utf-8'
  const urls = {
    styles: add('look.css', 'text/css; charset=utf-8', '../look/tokens.css', '../look/components.css'),
    logo: add('logo.svg', 'image/svg+xml', '../look/logo.svg'),
    enhance: add('enhance.js', script, './client/enhance.js'),
    inbox: add('inbox.js', script, './client/inbox.js'),
  }
  return { urls, files }
}

/** A picture may style itself and nothing else, also when it is opened as a page. */
const ASSET_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

export const registerAssets = (app: FastifyInstance, assets: Assets): void => {
  app.get<{ Params: { name: string } }>('/assets/:name', (request, reply) => {
    const file = assets.files.get(request.params.name)
    if (!file) return sendProblem(reply, notFound)
    return reply
      .headers({
        'content-type': file.type,
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': ASSET_POLICY,
        'x-content-type-options': 'nosniff',
      })
      .send(file.body)
  })
}
