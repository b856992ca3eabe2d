/** The example of design/product.md, as far as this version has the kinds: who copies it gets a service that runs. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { load } from '../../test/support/config.ts'

const EXAMPLE = `
server:       { host: 127.0.0.1, port: 8080, publicUrl: https://support.example.org, trustProxy: [127.0.0.1] }
store:        ./data                      # a folder = embedded SQLite
auth:
  issuer: cloud.sdu.dk
  sharedSecret: \${JWT_SECRET}             # HS512
destinations:
  devsupport: { kind: slack, url: "\${DEVSUPPORT_HOOK}" }
  support:    { kind: slack, url: "\${SUPPORT_HOOK}", rate: 1/s, concurrency: 1, timeout: 15s }
  helpdesk:   { kind: email, smtp: "smtp://localhost:25", from: support@example.org, to: desk@example.org }
  archive:    { kind: webhook, url: https://example.org/hook, secret: "\${ARCHIVE_SECRET}" }
routes:
  - { when: { type: BUG }, to: [devsupport, archive] }
  - { to: [support, helpdesk, archive] }
alerts:       { to: devsupport }
limits:       { ticketsPerUserPerHour: 10, messageMaxLength: 524288 }
network:      { allow: [127.0.0.0/8] }
metrics:      { host: 127.0.0.1, port: 7867 }
retention:    { tickets: 2 years, attempts: 90 days }
`
const env = {
  JWT_SECRET: 's'.repeat(64),
  DEVSUPPORT_HOOK: 'https://hooks.slack.com/services/T0/B0/dev',
  SUPPORT_HOOK: 'https://hooks.slack.com/services/T0/B0/support',
  ARCHIVE_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
}

test('the complete example is sound, and nothing in it is a warning', () => {
  const loaded = load({ '/home/support-relay.yaml': EXAMPLE }, { env })
  assert.ok('config' in loaded, JSON.stringify(loaded, null, 1))
  assert.deepEqual(loaded.warnings, [])
  assert.deepEqual(
    loaded.config.destinations.map(({ name, settings }) => [name, settings.url]),
    [
      ['devsupport', env.DEVSUPPORT_HOOK],
      ['support', env.SUPPORT_HOOK],
      ['helpdesk', undefined],
      ['archive', 'https://example.org/hook'],
    ],
  )
  assert.deepEqual(loaded.config.auth.key, { kind: 'secret', secret: env.JWT_SECRET })
  assert.deepEqual(loaded.config.network.allow, ['127.0.0.0/8'])
})

test('slack has the pace that the example writes out', () => {
  const loaded = load({ '/home/support-relay.yaml': EXAMPLE }, { env })
  assert.ok('config' in loaded)
  const [implied, written] = loaded.config.destinations
  assert.deepEqual(
    [implied?.rate, implied?.concurrency, implied?.timeoutMs],
    [written?.rate, written?.concurrency, written?.timeoutMs],
  )
})

test('without its secrets each missing variable is told at its own place', () => {
  const loaded = load({ '/home/support-relay.yaml': EXAMPLE })
  assert.ok('problems' in loaded)
  assert.deepEqual(
    loaded.problems.map(({ line, key, what }) => `${line} ${key} ${/variable (\w+)/.exec(what)?.[1]}`),
    [
      '6 auth.sharedSecret JWT_SECRET',
      '8 destinations.devsupport.url DEVSUPPORT_HOOK',
      '9 destinations.support.url SUPPORT_HOOK',
      '11 destinations.archive.secret ARCHIVE_SECRET',
    ],
  )
})
