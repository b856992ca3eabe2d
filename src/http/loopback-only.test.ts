import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { registerLoopbackOnly } from './loopback-only.ts'

const status = async (host: string) => {
  const app = Fastify()
  registerLoopbackOnly(app)
  app.get('/', async () => ({}))
  const answer = await app.inject({ url: '/', headers: { host } })
  await app.close()
  return answer.statusCode
}

test('this computer’s own names are served, with any port', async () => {
  for (const host of ['127.0.0.1', '127.0.0.1:8080', 'localhost', 'LOCALHOST:1', '[::1]', '[::1]:8080']) {
    assert.equal(await status(host), 200, host)
  }
})

test('any other name is refused, so a foreign page cannot become same-origin by pointing its name here', async () => {
  for (const host of [
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'x127.0.0.1',
    'evil.localhost',
    '127.0.0.1@evil',
    '10.0.0.1',
    'localhost:80:80',
  ]) {
    assert.equal(await status(host), 421, host)
  }
})

test('an unknown path under another name is refused too', async () => {
  const app = Fastify()
  registerLoopbackOnly(app)
  const answer = await app.inject({ url: '/nothing', headers: { host: 'evil.example' } })
  await app.close()
  assert.equal(answer.statusCode, 421)
  assert.equal(answer.json().errorCode, 'WRONG_HOST')
})
