import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import Fastify from 'fastify'
import { memorySessions } from '../../test/support/pages-app.ts'
import { demoPrincipal } from './login-link.ts'
import { makeSessions, SESSION_LIFETIME_MS } from './sessions.ts'

const SAME = { 'sec-fetch-site': 'same-origin' }

const start = () => {
  const clock = { at: 1_000_000, now: () => clock.at }
  const store = memorySessions({ storeError: undefined })
  const seen: Uint8Array[] = []
  const watched = {
    ...store,
    openSession(entry: Parameters<typeof store.openSession>[0]) {
      seen.push(entry.hash)
      return store.openSession(entry)
    },
  }
  const sessions = makeSessions({ store: watched, clock, random: { bytes: count => new Uint8Array(count).fill(5) } })
  const app = Fastify({ trustProxy: true })
  app.get('/in', async (request, reply) => ({
    outcome: await sessions.open(request, reply, { principal: demoPrincipal('USER'), link: new Uint8Array([1]) }),
  }))
  app.post('/out', async (request, reply) => {
    await sessions.close(request, reply)
    return {}
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/who',
    handler: async request => ({ who: (await sessions.sessionOf(request))?.username ?? null }),
  })
  const who = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
    (await app.inject({ method, url: '/who', headers })).json().who
  return { app, clock, seen, who }
}

const SECRET = Buffer.alloc(32, 5).toString('base64url')
const COOKIE = `support_relay_session=${SECRET}`

test('the cookie is out of reach of scripts and other sites, and the store sees only its hash', async () => {
  const { app, seen } = start()
  const answer = await app.inject({ url: '/in' })
  assert.equal(answer.headers['set-cookie'], `${COOKIE}; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax`)
  assert.deepEqual(seen, [createHash('sha256').update(SECRET).digest()])
})

test('the cookie is Secure when the request came by https', async () => {
  const { app } = start()
  const answer = await app.inject({ url: '/in', headers: { 'x-forwarded-proto': 'https' } })
  assert.match(String(answer.headers['set-cookie']), /; Secure/)
})

test('a link opens one session only, and sets no cookie the second time', async () => {
  const { app } = start()
  assert.equal((await app.inject({ url: '/in' })).json().outcome, 'opened')
  const again = await app.inject({ url: '/in' })
  assert.equal(again.json().outcome, 'used')
  assert.equal(again.headers['set-cookie'], undefined)
})

test('a session holds for twelve hours', async () => {
  const { app, clock, who } = start()
  await app.inject({ url: '/in' })
  clock.at += SESSION_LIFETIME_MS - 1
  assert.equal(await who({ cookie: COOKIE }), 'demo')
  clock.at += 1
  assert.equal(await who({ cookie: COOKIE }), null)
})

test('other cookies, another value and no cookie are nobody', async () => {
  const { app, who } = start()
  await app.inject({ url: '/in' })
  assert.equal(await who({ cookie: `a=b; ${COOKIE}; c=d` }), 'demo')
  for (const cookie of ['', 'a=b', `${COOKIE}x`, COOKIE.replace('B', 'C'), 'support_relay_session=', '__proto__=1']) {
    assert.equal(await who({ cookie }), null, cookie)
  }
})

test('a session does not count for what another origin sends', async () => {
  const { app, who } = start()
  await app.inject({ url: '/in' })
  assert.equal(await who({ cookie: COOKIE, ...SAME }, 'POST'), 'demo')
  assert.equal(await who({ cookie: COOKIE, 'sec-fetch-site': 'cross-site' }, 'POST'), null)
  assert.equal(await who({ cookie: COOKIE }, 'POST'), null)
  assert.equal(await who({ cookie: COOKIE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }), null)
})

test('signing out ends the session, not only the cookie', async () => {
  const { app, who } = start()
  await app.inject('/in')
  const cookie = `support_relay_session=${SECRET}`
  const own = { cookie, 'sec-fetch-site': 'same-origin' }
  assert.equal(await who(own), 'demo')
  await app.inject({ method: 'POST', url: '/out', headers: own })
  assert.equal(await who(own), null)
})

test('signing out takes the cookie away', async () => {
  const { app } = start()
  const answer = await app.inject({ method: 'POST', url: '/out' })
  assert.match(String(answer.headers['set-cookie']), /^support_relay_session=; Max-Age=0; Path=\//)
})
