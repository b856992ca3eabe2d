import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { newHealth } from '../domain/destination-health.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { serveMetrics } from './metrics-server.ts'

const NOW = 1_764_028_800_000
const destination = {
  name: 'devsupport',
  health: { ...newHealth, state: 'FAILING' as const },
  pending: 3,
  dead: 1,
  died: 4,
  oldestPendingAt: NOW - 90_000,
  isNamedElsewhere: false,
  isNotedUnserved: false,
  lastDeliveredAt: null,
}

test('what waits, what died and how old the oldest is are read at the scrape', async () => {
  const metrics = createMetrics(
    async () => [destination, { ...destination, name: 'gone', pending: 0, dead: 0 }],
    () => NOW,
    new Set(['devsupport']),
  )
  metrics.ticketAccepted()
  metrics.ticketRefused('RATE_LIMITED')
  metrics.attempted('devsupport', 'RETRY', 0.04)
  const { body } = await metrics.text()
  for (const line of [
    'support_relay_tickets_accepted_total 1',
    'support_relay_tickets_refused_total{code="RATE_LIMITED"} 1',
    'support_relay_deliveries_pending{destination="devsupport"} 3',
    'support_relay_deliveries_dead{destination="devsupport"} 1',
    'support_relay_oldest_pending_age_seconds{destination="devsupport"} 90',
    'support_relay_destination_state{destination="devsupport",state="FAILING"} 1',
    'support_relay_attempt_duration_seconds_count{destination="devsupport",outcome="RETRY"} 1',
  ]) {
    assert.ok(body.includes(line), line)
  }
  assert.ok(!body.includes('"gone"'), 'what no configuration names and has nothing left')
})

test('the metrics have a server of their own, and say so when the store cannot be read', async () => {
  let isSick = false
  const metrics = createMetrics(
    async () => (isSick ? Promise.reject(new Error('away')) : []),
    () => NOW,
    new Set(['devsupport']),
  )
  const server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 })
  const { port } = server.address() as AddressInfo // it listens on TCP
  const status = async (path: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status
  assert.deepEqual([await status('/metrics'), await status('/'), await status('/metrics', 'POST')], [200, 404, 405])
  isSick = true
  assert.equal(await status('/metrics'), 503)
  server.closeAllConnections()
  server.close()
})

test('an error is logged with its code and cause, without any address it may carry', () => {
  const lines: string[] = []
  const cause = Object.assign(new Error('connect to https://hooks.slack.com/services/T/B/secret failed'), {
    code: 'ECONNREFUSED',
  })
  createLog(line => lines.push(line)).error('could not send', new Error('it failed', { cause }), {
    destination: 'devsupport',
  })
  const line = JSON.parse(lines[0] ?? '{}')
  assert.deepEqual([line.msg, line.destination, line.cause.code], ['could not send', 'devsupport', 'ECONNREFUSED'])
  assert.ok(!lines[0]?.includes('secret'))
})
