import assert from 'node:assert/strict'
import test from 'node:test'
import { createServer } from '../http/server.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { httpObserver } from './observers.ts'

test('requests are counted and logged by route pattern, never by their address, text or token', async () => {
  const lines: string[] = []
  const metrics = createMetrics(
    async () => [],
    () => 0,
    new Set(),
  )
  const observer = httpObserver(
    createLog(line => lines.push(line)),
    metrics,
  )
  const app = createServer({ trustProxy: [], messageMaxLength: 100, nextId: () => 'an-id', observer })
  app.get('/sign-in/:secret', async (_request, reply) => reply.code(403).send('{}'))
  app.post('/fails', async () => {
    throw new Error('at https://hooks.slack.com/services/private')
  })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  await fetch(`${address}/sign-in/private-secret?token=private`)
  await fetch(`${address}/private/path?private`)
  const failed = await fetch(`${address}/fails`, {
    method: 'POST',
    body: 'private',
    headers: { authorization: 'private' },
  })
  assert.equal(failed.status, 500)
  assert.ok(!(await failed.text()).includes('private'))
  await app.close()

  const { body } = await metrics.text()
  for (const labels of [
    'route="/sign-in/:secret",method="GET",status="403"',
    'route="none",method="GET",status="404"',
    'route="/fails",method="POST",status="500"',
  ]) {
    assert.ok(body.includes(`support_relay_http_request_duration_seconds_count{${labels}} 1`), labels)
  }
  assert.ok(lines.some(line => JSON.parse(line).requestId === 'an-id'))
  assert.ok(!`${body}${lines.join('')}`.includes('private'), lines.join(''))
})
