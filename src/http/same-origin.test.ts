import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { isSameOrigin } from './same-origin.ts'

const ask = async (method: 'GET' | 'POST', headers: Record<string, string>) => {
  const app = Fastify()
  app.route({ method, url: '/', handler: async request => ({ same: isSameOrigin(request) }) })
  const answer = await app.inject({ method, url: '/', headers: { host: 'support.example.org', ...headers } })
  await app.close()
  return answer.json().same
}

const cases: [name: string, method: 'GET' | 'POST', headers: Record<string, string>, same: boolean][] = [
  ['our own form', 'POST', { 'sec-fetch-site': 'same-origin', origin: 'https://support.example.org' }, true],
  ['a form on another site', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'https://support.example.org' }, false],
  ['a form on a neighbouring name', 'POST', { 'sec-fetch-site': 'same-site' }, false],
  ['a POST that a person is said to have typed', 'POST', { 'sec-fetch-site': 'none' }, false],
  ['an old browser, our own form', 'POST', { origin: 'https://support.example.org' }, true],
  [
    'an old browser, the default port written out',
    'POST',
    { origin: 'https://support.example.org', host: 'support.example.org:443' },
    true,
  ],
  ['an old browser, another port', 'POST', { origin: 'https://support.example.org:8443' }, false],
  ['an old browser, another site', 'POST', { origin: 'https://evil.example' }, false],
  ['an origin that begins like ours', 'POST', { origin: 'https://support.example.org.evil.example' }, false],
  ['an opaque origin', 'POST', { origin: 'null' }, false],
  ['an origin without a host', 'POST', { origin: 'file://' }, false],
  ['neither header', 'POST', {}, false],
  ['an address opened by hand', 'GET', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, true],
  ['a link on another site', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
  ['loaded into another site’s page', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
  ['fetched by a neighbouring name', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, false],
  ['a program or an old browser that reads', 'GET', {}, true],
]

for (const [name, method, headers, same] of cases) {
  test(`${name} ${same ? 'counts' : 'does not count'} as same-origin (${method})`, async () => {
    assert.equal(await ask(method, headers), same)
  })
}
