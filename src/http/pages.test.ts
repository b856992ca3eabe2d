import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MESSAGE_MAX, type PagesApp, startPagesApp } from '../../test/support/pages-app.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { formMaxBytes } from './form-routes.ts'

const start = async (t: TestContext, options = {}): Promise<PagesApp> => {
  const pages = await startPagesApp(options)
  t.after(() => pages.close())
  return pages
}

const FORM = {
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'same-origin',
  'user-agent': 'Test/1.0',
}
const KEY = 'k'.repeat(24)

const post = async (pages: PagesApp, fields: Record<string, string>, headers: Record<string, string> = {}) => {
  const cookie = headers.cookie ?? (await pages.signIn('USER'))
  return pages.app.inject({
    method: 'POST',
    url: '/',
    headers: { ...FORM, cookie, ...headers },
    payload: new URLSearchParams({ key: KEY, 'send-browser': 'yes', ...fields }).toString(),
  })
}

/** The text inside the message box, as a browser would show it. */
const messageIn = (html: string): string => {
  const inner = /<textarea[^>]*>([^<]*)<\/textarea>/.exec(html)?.[1] ?? 'no text box'
  return inner.replace(/^\n/, '').replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
const keyIn = (html: string): string | undefined => /name="key" value="([^"]*)"/.exec(html)?.[1]

test('without a session the start page says how to sign in', async t => {
  const pages = await start(t)
  const answer = await pages.app.inject({ url: '/' })
  assert.equal(answer.statusCode, 200)
  assert.match(answer.body, /npx support-relay login-link/)
  assert.doesNotMatch(answer.body, /<textarea/)
})

test('outside the evaluation mode there are no sign-in links and nothing speaks of them', async t => {
  const pages = await start(t, { evaluation: false })
  const answer = await pages.app.inject({ url: '/' })
  assert.equal(answer.statusCode, 200)
  assert.doesNotMatch(answer.body, /login-link|What landed/)
  assert.equal((await pages.app.inject({ url: `/sign-in/${pages.loginLink('USER')}` })).statusCode, 404)
})

test('a sign-in link opens a session once and leads to where its role works', async t => {
  const pages = await start(t)
  const url = `/sign-in/${pages.loginLink('USER')}`
  const first = await pages.app.inject({ url })
  assert.equal(first.statusCode, 303)
  assert.equal(first.headers.location, '/')
  assert.equal(first.headers['referrer-policy'], 'no-referrer')
  const second = await pages.app.inject({ url })
  assert.equal(second.statusCode, 410)
  assert.equal(second.headers['set-cookie'], undefined)
  assert.equal(second.headers['referrer-policy'], 'no-referrer')
  assert.match(second.body, /used already/)
  assert.equal((await pages.app.inject({ url: `/sign-in/${pages.loginLink('ADMIN')}` })).headers.location, '/console')
})

test('a link that has run out, and one that is not whole, say so and sign nobody in', async t => {
  const pages = await start(t)
  const url = `/sign-in/${pages.loginLink('USER')}`
  assert.equal((await pages.app.inject({ url: url.slice(0, -1) })).statusCode, 404)
  pages.clock.at += 3_600_000
  const answer = await pages.app.inject({ url })
  assert.equal(answer.statusCode, 410)
  assert.match(answer.body, /has run out/)
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('asking for the head of a sign-in link does not use it up', async t => {
  const pages = await start(t)
  const url = `/sign-in/${pages.loginLink('USER')}`
  await pages.app.inject({ method: 'HEAD', url })
  assert.equal((await pages.app.inject({ url })).statusCode, 303)
})

test('the form is filled in from its address, and its text is inert', async t => {
  const pages = await start(t)
  const query = new URLSearchParams({
    subject: '"><b>s',
    message: '\n</textarea><script>x</script>',
    type: 'BUG',
    page: '"><img src=x>',
  })
  const answer = await pages.app.inject({ url: `/?${query}`, headers: { cookie: await pages.signIn('USER') } })
  assert.equal(messageIn(answer.body), '\n</textarea><script>x</script>')
  assert.match(answer.body, /name="subject"[^>]*value="&quot;>&lt;b>s"/)
  assert.match(answer.body, /value="BUG" checked/)
  assert.doesNotMatch(answer.body, /<script>x|<img src|<b>s/)
})

test('a sent form gives the reference, and intake everything that was announced', async t => {
  const pages = await start(t)
  const answer = await post(pages, {
    subject: 's',
    message: 'a\r\nb',
    type: 'BUG',
    page: '/jobs/1',
    'send-page': 'yes',
  })
  assert.equal(answer.statusCode, 200)
  assert.match(answer.body, /We have your message/)
  assert.match(answer.body, /SUP-7K3F-Q2M1/)
  const [submission] = pages.submissions
  assert.deepEqual(submission?.fields, { subject: 's', message: 'a\nb', type: 'BUG', context: { page: '/jobs/1' } })
  assert.equal(submission?.principal.username, 'demo')
  assert.equal(submission?.userAgent, 'Test/1.0')
  assert.equal(submission?.idempotencyKey, KEY)
  assert.equal(submission?.requestId, answer.headers['job-id'])
})

test('page and browser stay here when their boxes are not ticked', async t => {
  const pages = await start(t)
  await post(pages, { message: 'm', page: '/jobs/1', 'send-browser': '' })
  assert.deepEqual(pages.submissions[0]?.fields, { subject: '', message: 'm' })
  assert.equal(pages.submissions[0]?.userAgent, null)
})

test('loading the confirmation again sends nothing twice and gives the same reference', async t => {
  const pages = await start(t)
  const cookie = await pages.signIn('USER')
  await post(pages, { message: 'm' }, { cookie })
  const again = await post(pages, { message: 'm' }, { cookie })
  assert.match(again.body, /SUP-7K3F-Q2M1/)
  assert.match(again.body, /nothing was sent twice/)
})

test('a message at the limit passes with its line breaks and emoji, and one above comes back whole', async t => {
  const pages = await start(t)
  const atLimit = `${'\n'.repeat(500)}${'あ'.repeat(498)}👍`
  assert.equal(atLimit.length, MESSAGE_MAX)
  assert.equal((await post(pages, { message: atLimit.replaceAll('\n', '\r\n') })).statusCode, 200)
  const above = `<&"\n${'x'.repeat(MESSAGE_MAX * 5)}`
  const answer = await post(pages, { message: above, key: 'o'.repeat(24) })
  assert.equal(answer.statusCode, 413)
  assert.equal(messageIn(answer.body), above)
  assert.match(answer.body, /it is 4,004 too long/)
})

const refusals = [
  { code: 'MESSAGE_REQUIRED', status: 400, words: /Enter a message/ },
  {
    code: 'RATE_LIMITED',
    status: 429,
    words: /You can send again at <time dateTime="[^"]+" data-local="minute">14:05 UTC/i,
  },
  { code: 'STORE_UNAVAILABLE', status: 503, words: /could not store your message/ },
  { code: 'OUTCOME_UNKNOWN', status: 503, words: /do not know yet/ },
  { code: 'INVALID_FIELD', status: 400, words: /The type is unknown/ },
] as const

for (const { code, status, words } of refusals) {
  test(`${code}: the form comes back with status ${status}, the whole text and the same key`, async t => {
    const pages = await start(t)
    pages.next = { code, why: 'The type is unknown.', retryAfterSeconds: 60 }
    const answer = await post(pages, { subject: 'kept', message: 'all of it', type: 'QUESTION' })
    assert.equal(answer.statusCode, status)
    assert.equal(answer.headers['retry-after'], '60')
    assert.match(answer.body, words)
    assert.equal(messageIn(answer.body), 'all of it')
    assert.match(answer.body, /value="kept"/)
    assert.match(answer.body, /value="QUESTION" checked/)
    assert.equal(keyIn(answer.body), KEY)
  })
}

test('a form whose key stands for another text gets a fresh key', async t => {
  const pages = await start(t)
  const cookie = await pages.signIn('USER')
  await post(pages, { message: 'one' }, { cookie })
  const answer = await post(pages, { message: 'two' }, { cookie })
  assert.equal(answer.statusCode, 422)
  const key = keyIn(answer.body) ?? ''
  assert.notEqual(key, KEY)
  assert.equal((await post(pages, { message: 'two', key }, { cookie })).statusCode, 200)
})

test('our own mistake is told to the observer and costs the writer nothing', async t => {
  const pages = await start(t)
  pages.next = new Error('boom')
  const answer = await post(pages, { message: 'all of it' })
  assert.equal(answer.statusCode, 500)
  assert.equal(messageIn(answer.body), 'all of it')
  assert.deepEqual(pages.failures, [pages.next])
  assert.doesNotMatch(answer.body, /boom/)
})

test('who was signed out meanwhile keeps the text and can send it after signing in', async t => {
  const pages = await start(t)
  const answer = await post(pages, { message: 'all of it' }, { cookie: 'a=b' })
  assert.equal(answer.statusCode, 401)
  assert.equal(messageIn(answer.body), 'all of it')
  assert.equal(pages.submissions.length, 0)
  assert.equal((await post(pages, { message: 'all of it', key: keyIn(answer.body) ?? '' })).statusCode, 200)
})

test('a store that cannot say who writes keeps the text', async t => {
  const pages = await start(t)
  const cookie = await pages.signIn('USER')
  pages.storeError = new StoreUnavailable('not-written', 'down')
  const answer = await post(pages, { message: 'all of it' }, { cookie })
  assert.equal(answer.statusCode, 503)
  assert.equal(messageIn(answer.body), 'all of it')
  const opened = await pages.app.inject({ url: '/', headers: { cookie } })
  assert.equal(opened.statusCode, 503)
  assert.match(opened.body, /cannot look up who you are/)
})

test('what another site posts is not sent, and its key is not used', async t => {
  const pages = await start(t)
  const answer = await post(pages, { message: 'not mine' }, { 'sec-fetch-site': 'cross-site' })
  assert.equal(answer.statusCode, 403)
  assert.notEqual(keyIn(answer.body), KEY)
  assert.equal(pages.submissions.length, 0)
})

test('a message at the real limit fits, whatever it is made of', () => {
  const atLimit = new URLSearchParams({ message: 'あ'.repeat(524_288) }).toString()
  assert.ok(formMaxBytes(524_288) > Buffer.byteLength(atLimit))
})

test('a body far above the limit is refused with a page that says so', async t => {
  const pages = await start(t)
  const answer = await post(pages, { message: 'x'.repeat(MESSAGE_MAX * 10 + 70_000) })
  assert.equal(answer.statusCode, 413)
  assert.match(answer.body, /much too long/)
})

test('signing out takes the cookie away, and another site cannot do it', async t => {
  const pages = await start(t)
  const out = (site: string) =>
    pages.app.inject({ method: 'POST', url: '/sign-out', headers: { ...FORM, 'sec-fetch-site': site } })
  const answer = await out('same-origin')
  assert.equal(answer.statusCode, 303)
  assert.match(String(answer.headers['set-cookie']), /Max-Age=0/)
  assert.equal((await out('cross-site')).headers['set-cookie'], undefined)
})

test('every page forbids what it does not need, with a nonce of its own', async t => {
  const pages = await start(t)
  const nonces = new Set<string>()
  for (const url of ['/', '/', '/sign-in/x', '/evaluation']) {
    const answer = await pages.app.inject({ url })
    const policy = String(answer.headers['content-security-policy'])
    const nonce = /script-src 'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? ''
    nonces.add(nonce)
    assert.match(policy, /^default-src 'none'; .*form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/)
    assert.doesNotMatch(policy, /unsafe|\*|http/)
    for (const [tag] of answer.body.matchAll(/<(?:script|link rel="stylesheet")[^>]*>/g))
      assert.ok(tag.includes(`nonce="${nonce}"`), tag)
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.ok(['same-origin', 'no-referrer'].includes(String(answer.headers['referrer-policy'])))
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8')
  }
  assert.equal(nonces.size, 4)
})

test('what pages load is served under its content’s name and kept by browsers; nothing else is served', async t => {
  const pages = await start(t)
  const { body } = await pages.app.inject({ url: '/evaluation' })
  const addresses = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, address]) => address ?? '')
  assert.equal(addresses.length, 4)
  for (const url of addresses) {
    const answer = await pages.app.inject({ url })
    assert.equal(answer.statusCode, 200, url)
    assert.match(String(answer.headers['cache-control']), /immutable/)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  }
  for (const url of ['/assets/look.css', '/assets/..%2f..%2fpackage.json', '/assets/'])
    assert.equal((await pages.app.inject({ url })).statusCode, 404, url)
})
