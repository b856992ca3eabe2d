import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type PagesApp, startPagesApp } from '../../test/support/pages-app.ts'

const start = async (t: TestContext): Promise<PagesApp> => {
  const pages = await startPagesApp()
  t.after(() => pages.close())
  return pages
}

const DELIVERY = '019abcde-f012-7345-8678-9abcdef01234-1-support'
const blocks = (text: string) => [
  { type: 'header', text: { type: 'plain_text', text: 'Bug · SUP-7K3F-Q2MX' } },
  {
    type: 'section',
    fields: [
      { type: 'mrkdwn', text: '*User*\nAda &lt;demo&gt;' },
      { type: 'plain_text', text: 'Page: /a: b' },
    ],
  },
  { type: 'rich_text', elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text }] }] },
]

const deliver = (pages: PagesApp, payload: unknown, options: { delivery?: string; destination?: string } = {}) =>
  pages.app.inject({
    method: 'POST',
    url: `/evaluation/receive/${options.destination ?? 'support'}`,
    headers: { 'content-type': 'application/json', 'x-support-relay-delivery': options.delivery ?? DELIVERY },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })
const misbehave = (pages: PagesApp, mode: string, site = 'same-origin') =>
  pages.app.inject({
    method: 'POST',
    url: '/evaluation/misbehave',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': site },
    payload: `mode=${mode}`,
  })
const page = async (pages: PagesApp, query = '') => (await pages.app.inject({ url: `/evaluation${query}` })).body
/** What the part for people says, without tags. */
const textOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('an empty inbox says what to do', async t => {
  assert.match(await page(await start(t)), /Nothing here yet/)
})

test('what Slack would take is answered ok and shown as chat would show it', async t => {
  const pages = await start(t)
  const answer = await deliver(pages, { text: 'fallback', blocks: blocks('It broke') })
  assert.deepEqual([answer.statusCode, answer.body], [200, 'ok'])
  const html = await page(pages)
  assert.match(html, /#support<\/strong>/)
  assert.match(html, /<h2><bdi>Bug · SUP-7K3F-Q2MX<\/bdi><\/h2>/)
  assert.match(html, /<dt><bdi>User<\/bdi><\/dt><dd><bdi>Ada &lt;demo><\/bdi>/)
  assert.match(html, /<dt><bdi>Page<\/bdi><\/dt><dd><bdi>\/a: b<\/bdi>/)
  assert.match(html, /<blockquote[^>]*>It broke<\/blockquote>/)
  assert.match(textOf(html), /Arrived 14:03:11 UTC/)
  assert.match(textOf(html), /answered 200 ok/)
})

test('how long after the ticket was sent it arrived is read from the delivery’s id', async t => {
  const pages = await start(t)
  pages.clock.at = 0x019abcdef012 + 38
  await deliver(pages, { text: 'x' })
  assert.match(textOf(await page(pages)), /38 ms after it was sent/)
})

test('a receiver that is down three times: each attempt is counted, then it arrived at the fourth', async t => {
  const pages = await start(t)
  assert.equal((await misbehave(pages, 'down')).statusCode, 303)
  for (const status of [503, 503, 503]) {
    assert.equal((await deliver(pages, { text: 'x' })).statusCode, status)
    assert.match(textOf(await page(pages)), /Waiting, refused so far/)
    pages.clock.at += 3_000
  }
  assert.equal((await deliver(pages, { text: 'x' })).statusCode, 200)
  const text = textOf(await page(pages))
  assert.match(text, /Arrived at the fourth attempt/)
  assert.match(text, /after 9 s of refusing/)
  assert.match(text, /4 attempts: 503, 503, 503, 200 ok/)
})

test('a pause carries Retry-After', async t => {
  const pages = await start(t)
  await misbehave(pages, 'pause')
  const answer = await deliver(pages, { text: 'x' })
  assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [429, '30'])
})

test('silence holds the connection until the sender gives up, and does not keep the service from stopping', async t => {
  const pages = await startPagesApp()
  t.after(() => pages.close())
  await misbehave(pages, 'silent')
  await pages.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = pages.app.server.address() as AddressInfo // a TCP server that listens
  const send = () =>
    httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/evaluation/receive/support',
      headers: { 'x-support-relay-delivery': DELIVERY },
    })
  const sender = send()
  const answered = new Promise<string>(resolve => {
    sender.on('response', () => resolve('answered'))
    sender.on('error', () => resolve('cut off'))
  })
  sender.end('{}')
  while (pages.inbox.landed().length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  assert.equal(await Promise.race([answered, new Promise(resolve => setTimeout(resolve, 100, 'waiting'))]), 'waiting')
  await pages.app.close()
  assert.equal(await answered, 'cut off')
})

test('the same delivery that arrives twice is said to have arrived twice', async t => {
  const pages = await start(t)
  await deliver(pages, { text: 'x' })
  await deliver(pages, { text: 'x' })
  assert.match(textOf(await page(pages)), /Arrived 2 times/)
})

test('an unknown destination is gone, and what is no JSON or endlessly deep is not taken', async t => {
  const pages = await start(t)
  assert.equal((await deliver(pages, {}, { destination: 'nowhere' })).statusCode, 404)
  assert.equal((await deliver(pages, 'not json')).statusCode, 400)
  assert.equal((await deliver(pages, '['.repeat(100_000) + ']'.repeat(100_000))).statusCode, 400)
  assert.equal(
    (await deliver(pages, JSON.stringify({ text: '['.repeat(1_000) }))).statusCode,
    200,
    'brackets in text are text',
  )
  assert.equal((await deliver(pages, {}, { delivery: '<b>' })).statusCode, 400)
  const without = await pages.app.inject({ method: 'POST', url: '/evaluation/receive/support', payload: '{}' })
  assert.equal(without.statusCode, 400)
})

test('whatever JSON arrives, the page shows it and stays inert', async t => {
  const pages = await start(t)
  const hostile = '<img src=x onerror=alert(1)>\u202e</pre>'
  const payloads: unknown[] = [
    null,
    7,
    'text',
    [],
    { blocks: 'x' },
    { blocks: [null, 7, [], { type: hostile }, { type: 'section', text: hostile, fields: [null] }] },
  ]
  payloads.push({ text: hostile, blocks: blocks(hostile) })
  payloads.push({ text: `<!channel> <@U1> <https://e.example|${hostile}> *bold* \`code\`` })
  payloads.push({
    blocks: [
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'here' }, null] }],
      },
    ],
  })
  for (const [index, payload] of payloads.entries()) {
    assert.equal((await deliver(pages, JSON.stringify(payload), { delivery: `d${index}` })).statusCode, 200)
  }
  const answer = await pages.app.inject({ url: '/evaluation' })
  assert.equal(answer.statusCode, 200)
  assert.doesNotMatch(answer.body, /<img/)
  assert.match(answer.body, /\\u202e/, 'what turns the direction is written as an escape in what was sent')
  assert.match(answer.body, /<mark class="ping">@channel \(this would ping\)<\/mark>/)
  assert.match(answer.body, /<mark class="ping">@here \(this would ping\)<\/mark>/)
})

test('a channel shows its own messages only, and an unknown one all', async t => {
  const pages = await start(t)
  await deliver(pages, { text: 'for support' })
  await deliver(pages, { text: 'for developers' }, { destination: 'devsupport', delivery: 'd2' })
  const chosen = await page(pages, '?destination=devsupport')
  assert.match(chosen, /for developers/)
  assert.doesNotMatch(chosen, /for support/)
  assert.match(await page(pages, '?destination=%22%3E'), /for support/)
})

test('the page is made again only when something changed', async t => {
  const pages = await start(t)
  const { headers } = await pages.app.inject({ url: '/evaluation' })
  const again = () => pages.app.inject({ url: '/evaluation', headers: { 'if-none-match': String(headers.etag) } })
  assert.equal((await again()).statusCode, 304)
  await deliver(pages, { text: 'x' })
  assert.equal((await again()).statusCode, 200)
})

test('only its own page can make it misbehave, and only in the ways it offers', async t => {
  const pages = await start(t)
  assert.equal((await misbehave(pages, 'gone', 'cross-site')).statusCode, 403)
  assert.equal((await misbehave(pages, 'explode')).statusCode, 400)
  assert.deepEqual(pages.inbox.mode(pages.clock.at), { kind: 'well' })
})
