/** What other servers and the proxies before them answer, to both kinds: a webhook's receiver is whatever somebody put there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../src/domain/outcome.ts'
import { answer, endAfter } from './server.ts'
import { framed, inChunks, type Shape, untilClosed } from './shapes.ts'
import { delivered, type KindName, retry, stage, unavailable, unclear } from './stage.ts'

const at = stage()

const page = (title: string) =>
  `<!DOCTYPE html>\r\n<html><head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center><hr></body></html>\r\n`
const HTML = 'Content-Type: text/html; charset=UTF-8'
const CLOUDFLARE = ['Server: cloudflare', 'CF-RAY: 9a3f2c1b4d5e6f70-CPH', 'Cache-Control: no-store', HTML]
const LOGIN = ['Set-Cookie: session=1; HttpOnly', 'Cache-Control: no-cache', HTML]

type Row = readonly [name: string, shape: Shape, outcome: Outcome | Readonly<Record<KindName, Outcome>>]

/** Any 2xx is what a webhook's receiver owes; Slack owes one word. */
const yes = (status: number) => ({ webhook: delivered, slack: unclear(status) })
/** A page is nobody's yes. */
const UNCLEAR = unclear(200)
/** Whatever an answer means, nothing is sent before the moment it names. */
const asking = (reason: string, waitMs: number): Outcome => ({ kind: 'unavailable', reason, waitMs, cut: false })

const rows: readonly Row[] = [
  ['an empty 200', { status: 200 }, yes(200)],
  ['a created resource', { status: 201, body: '{"id":7}', headers: ['Location: /7'] }, yes(201)],
  ['a queue that took it', { status: 202, body: '{"queued":true}' }, yes(202)],
  ['no content', { status: 204 }, yes(204)],
  ['several statuses in one', { status: 207, body: '<multistatus/>' }, yes(207)],
  ['a 2xx nobody knows', { status: 299 }, yes(299)],
  ['200 with an error in JSON', { status: 200, body: '{"error":{"code":500,"message":"failed"}}' }, yes(200)],
  ['a login page under 200', { status: 200, body: page('Sign in'), headers: LOGIN }, UNCLEAR],
  ['a page of a parked domain', { status: 200, body: page('This domain is for sale'), headers: [HTML] }, UNCLEAR],
  ['several choices', { status: 300 }, unavailable('redirect')],
  ['moved for good', { status: 301, headers: ['Location: https://elsewhere.test/hook'] }, unavailable('redirect')],
  ['found elsewhere', { status: 302, headers: ['Location: /login'], body: page('302 Found') }, unavailable('redirect')],
  ['see other', { status: 303, headers: ['Location: /thanks'] }, unavailable('redirect')],
  ['not modified', { status: 304 }, unavailable('redirect')],
  ['moved for now, keep the method', { status: 307, headers: ['Location: /other'] }, unavailable('redirect')],
  ['moved for good, keep the method', { status: 308, headers: ['Location: /other'] }, unavailable('redirect')],
  ['a redirect to nowhere', { status: 302 }, unavailable('redirect')],
  ['a redirect that asks to wait', { status: 302, headers: ['Retry-After: 9'] }, asking('redirect', 9_000)],
  ['a bad request in JSON', { status: 400, body: '{"detail":"bad"}' }, retry('http-400')],
  ['no authorisation', { status: 401, headers: ['WWW-Authenticate: Basic realm="x"'] }, unavailable('http-401')],
  ['payment required', { status: 402 }, retry('http-402')],
  ['forbidden, by a firewall’s page', { status: 403, body: page('403 Forbidden') }, unavailable('http-403')],
  [
    'a challenge for browsers',
    { status: 403, body: page('Just a moment...'), headers: CLOUDFLARE },
    unavailable('http-403'),
  ],
  ['not found, in plain text', { status: 404, body: 'Cannot POST /hook' }, unavailable('http-404')],
  ['a method not allowed', { status: 405, headers: ['Allow: GET, HEAD'] }, unavailable('http-405')],
  ['not acceptable', { status: 406 }, retry('http-406')],
  ['a proxy that wants a password', { status: 407 }, retry('http-407')],
  ['a request that took too long', { status: 408, headers: ['Connection: close'] }, retry('http-408')],
  ['a conflict', { status: 409 }, retry('http-409')],
  ['gone', { status: 410, body: 'webhook was deleted' }, unavailable('http-410')],
  ['gone, though it asks to wait', { status: 410, headers: ['Retry-After: 60'] }, asking('http-410', 60_000)],
  ['too large', { status: 413, body: page('413 Request Entity Too Large') }, retry('http-413')],
  ['a type not supported', { status: 415 }, retry('http-415')],
  ['a teapot', { status: 418 }, retry('http-418')],
  ['the wrong server', { status: 421 }, retry('http-421')],
  ['fields that do not fit', { status: 422, body: '{"errors":["data"]}' }, retry('http-422')],
  ['too early', { status: 425 }, retry('http-425')],
  ['too many requests', { status: 429, body: '{"message":"slow down"}' }, retry('http-429', 4_000)],
  [
    'too many, by a proxy',
    { status: 429, body: page('429'), headers: [...CLOUDFLARE, 'Retry-After: 42'] },
    retry('http-429', 42_000),
  ],
  ['legal reasons', { status: 451 }, retry('http-451')],
  ['a client that left, says a proxy', { status: 499 }, retry('http-499')],
  ['an error with its trace', { status: 500, body: `Traceback\n${'  File "x.py"\n'.repeat(500)}` }, retry('http-500')],
  [
    'not implemented',
    { status: 501, body: '{"id":"web.incoming_webhook.disabled.app_error"}' },
    unavailable('http-501'),
  ],
  [
    'not implemented, though it asks to wait',
    { status: 501, headers: ['Retry-After: 60'] },
    asking('http-501', 60_000),
  ],
  [
    'a bad gateway',
    { status: 502, body: page('502 Bad Gateway'), headers: ['Server: nginx/1.22.1', HTML] },
    retry('http-502'),
  ],
  [
    'maintenance',
    { status: 503, body: page('Maintenance'), headers: ['Retry-After: 3600'] },
    retry('http-503', 3_600_000),
  ],
  ['a gateway that waited', { status: 504, body: page('504 Gateway Time-out') }, retry('http-504')],
  ['a version not supported', { status: 505 }, retry('http-505')],
  ['an origin that is down', { status: 521, body: page('521'), headers: CLOUDFLARE }, retry('http-521')],
  ['an origin that says nothing', { status: 522, body: 'error code: 522', headers: CLOUDFLARE }, retry('http-522')],
  ['an origin without TLS', { status: 525, body: 'error code: 525', headers: CLOUDFLARE }, retry('http-525')],
  ['an overloaded site', { status: 529 }, retry('http-529')],
  ['a proxy’s own time-out', { status: 599 }, retry('http-599')],
  ['a load balancer’s own', { status: 460 }, retry('http-460')],
  ['a status outside of all classes', { status: 999, body: 'Request denied' }, retry('http-999')],
]

const firstUnits = (body: string): string | null => {
  const shown = body.replace(/\r?\n/g, '\n').trim()
  return shown === '' ? null : shown.slice(0, 200)
}

for (const [name, shape, meaning] of rows) {
  test(`${name} (${shape.status}) means the same however it is framed`, async () => {
    const hasNoBody = shape.status === 204 || shape.status === 304
    const faults = [
      answer(framed(shape)),
      ...(hasNoBody ? [] : [answer(inChunks(shape)), endAfter(untilClosed(shape))]),
    ]
    for (const kind of ['slack', 'webhook'] as const) {
      const outcome = 'kind' in meaning ? meaning : meaning[kind]
      for (const fault of faults) {
        const learned = await at.attempt(kind, fault)
        assert.deepEqual([learned.outcome, learned.status], [outcome, shape.status])
        const excerpt = learned.excerpt?.replace(/\r?\n/g, '\n').slice(0, 200) ?? null
        assert.equal(excerpt, firstUnits(shape.body ?? ''))
      }
    }
  })
}

test('a redirect is not followed: the place it names hears nothing', async () => {
  const elsewhere = at.server.add(answer(framed({ status: 200, body: 'ok' })))
  for (const status of [301, 302, 303, 307, 308]) {
    const headers = [`Location: http://127.0.0.1:${at.server.port}${elsewhere}`]
    const learned = await at.attempt('slack', answer(framed({ status, headers })))
    assert.deepEqual(learned.outcome, unavailable('redirect'))
  }
  assert.deepEqual(
    at.server.heard.filter(({ path }) => path === elsewhere),
    [],
  )
})
