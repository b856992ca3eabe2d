/** `support-relay/client` as a browser loads it: as built, without a bundler, before the real service. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type * as Sdk from '../../src/client/index.ts'
import type { ClientOptions } from '../../src/client/types.ts'
import { signedHeaders } from '../../src/destinations/standard-webhooks.ts'
import { forward, type Handler, serving } from '../support/forward.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { HOOK_SECRET, token } from '../support/service.ts'
import { launchBrowser } from './browser.ts'

const BUILT = join(import.meta.dirname, '..', '..', 'dist', 'client')
const browser = await launchBrowser()
const options = { skip: browser ? false : 'no browser found' }
let service: InProcess
before(async () => {
  service = await startInProcess()
})
after(async () => {
  await browser?.close()
  await service.stop()
})

/** A page, the client's files, and the service behind the same address. */
const site: Handler = (incoming, outgoing) => {
  const { url = '' } = incoming
  const file = /^\/client\/([a-z-]+\.js)$/.exec(url)?.[1]
  if (url === '/') outgoing.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>')
  else if (file) outgoing.setHeader('content-type', 'text/javascript').end(readFileSync(join(BUILT, file)))
  else void forward(service.address, incoming).then(answer => answer.pipe(outgoing.writeHead(answer.statusCode ?? 0)))
}

/** Another origin that lets every page in, and shows it no header of an answer. */
const elsewhere: Handler = (incoming, outgoing) => {
  outgoing.setHeader('access-control-allow-origin', '*')
  outgoing.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key, prefer')
  if (incoming.method === 'OPTIONS') outgoing.writeHead(204).end()
  else
    void forward(service.address, incoming).then(answer =>
      answer.pipe(outgoing.writeHead(answer.statusCode ?? 0, answer.headers)),
    )
}

const onPage = (use: (page: Page) => Promise<void>): Promise<void> =>
  serving(site, async url => {
    const context = await (browser as Browser).newContext() // tests without a browser are skipped
    try {
      const page = await context.newPage()
      await page.goto(url)
      await use(page)
    } finally {
      await context.close()
    }
  })

const send = (page: Page, given: ClientOptions & { token: string }) =>
  page.evaluate(
    async ([module, settings]) => {
      const { createClient }: typeof Sdk = await import(module)
      return createClient(settings).createTicket({ message: `From ${navigator.userAgent} 😀` })
    },
    ['/client/index.js', given] as const,
  )

test('a page of the same origin sends a ticket', options, () =>
  onPage(async page => {
    const sent = await send(page, { url: '', token: token({ sub: 'Ada#1' }) })
    assert.equal(sent.outcome, 'received')
    assert.match(sent.outcome === 'received' ? sent.reference : '', /^SUP-/)
  }),
)

test('a page of another origin, which sees no headers of ours, hears the reference too', options, () =>
  serving(elsewhere, url =>
    onPage(async page => {
      const sent = await send(page, { url, token: token({ sub: 'Ada#2' }) })
      assert.match(sent.outcome === 'received' ? sent.reference : sent.outcome, /^SUP-/)
    }),
  ),
)

test('no network, and an origin that does not let the page in, are unknown outcomes', options, () =>
  onPage(async page => {
    for (const url of ['http://127.0.0.1:9', service.address]) {
      const sent = await send(page, { url, token: token({ sub: 'Ada#3' }), retries: 0 })
      assert.partialDeepStrictEqual(sent, { outcome: 'unknown', errorCode: null, statusCode: null })
    }
  }),
)

test('a webhook is verified by the browser’s own cryptography', options, () =>
  onPage(async page => {
    const body = '{"type":"support.test","data":{}}'
    const secret = HOOK_SECRET
    const headers = signedHeaders({ id: 'w1', at: Date.now(), body }, [secret])
    const verified = await page.evaluate(
      async ([module, webhook]) => {
        const { verifyWebhook }: typeof Sdk = await import(module)
        return [await verifyWebhook(webhook), await verifyWebhook({ ...webhook, body: '{}' })]
      },
      ['/client/index.js', { headers, body, secret }] as const,
    )
    assert.partialDeepStrictEqual(verified, [
      { ok: true, id: 'w1' },
      { ok: false, reason: 'signature' },
    ])
  }),
)
