/** One file with everything wrong that can be wrong at once: each problem at its line and column, in the order of the file. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { load } from '../../test/support/config.ts'

const WRONG = `server: { prot: 80, port: 70000 }
store: postgres://h1,h2/db
auth:
  issuer: 0123
  jwksUrl: ftp://example.org/keys
destinations:
  Support: { kind: slack, url: ftp://example.org }
  desk: { kind: slak, anything: 1 }
  hook: { kind: webhook, url: "\${HOOK}", rate: 5, timeout: 16s, concurrency: 0 }
  page: { kind: local, topic: 1 }
routes:
  - { to: [desk] }
  - { when: { tpye: BUG, role: ADMIN }, to: [dsek, hook] }
limits:
  messageMaxLength: 1.5
  messageMaxLength: 2
network: { allow: [10.0.0.0/33, 10.0.0.1] }
metrics: 7867
`

const EXPECTED = [
  '1:11 server.prot "prot" is not a known key here.',
  '1:27 server.port "70000" is not a whole number from 0 to 65535.',
  '2:8 store The address names no user.',
  '4:11 auth.issuer YAML reads the value as a number and may change it; it must be a text on one line.',
  '5:12 auth.jwksUrl The address does not begin with https:// or http://.',
  '7:3 destinations.Support "Support" cannot be the name of a destination.',
  '7:32 destinations.Support.url The address does not begin with https:// or http://.',
  '8:17 destinations.desk.kind "slak" is not a known kind of destination.',
  '9:9 destinations.hook.secret "secret" is missing; it must be a secret text on one line, or a list of such.',
  '9:31 destinations.hook.url The environment variable HOOK is not set.',
  '9:48 destinations.hook.rate "5" is not a rate.',
  '9:60 destinations.hook.timeout "16s" is not a duration from 100ms to 15s.',
  '9:78 destinations.hook.concurrency "0" is not a whole number from 1 to 1000.',
  '10:17 destinations.page.kind "local" exists in the evaluation mode only.',
  '12:5 routes[0] This rule has no `when`, so it takes every ticket and the rules below it get none.',
  '13:15 routes[1].when.tpye "tpye" is not a known key here.',
  '13:46 routes[1].to[0] "dsek" is not a destination of this file.',
  '15:21 limits.messageMaxLength "1.5" is not a whole number from 1 to 4194304.',
  '16:3 limits.messageMaxLength The key "messageMaxLength" is given twice; the first is in line 15.',
  '17:20 network.allow[0] "10.0.0.0/33" is not an address range or a host name.',
  '18:10 metrics A group of keys must stand here, not a number.',
]

test('all that is wrong is told at once, each at its place, in the order of the file', () => {
  const loaded = load({ '/home/support-relay.yaml': WRONG })
  assert.ok('problems' in loaded)
  assert.deepEqual(
    loaded.problems.map(({ line, column, key, what }) => `${line}:${column} ${key} ${what}`),
    EXPECTED,
  )
  assert.deepEqual([...new Set(loaded.problems.map(({ file }) => file))], ['./support-relay.yaml'])
})

test('every problem has a fix, and a mistyped word the likely one', () => {
  const loaded = load({ '/home/support-relay.yaml': WRONG })
  assert.ok('problems' in loaded)
  const fixOf = (key: string) => loaded.problems.find(problem => problem.key === key)?.fix ?? ''
  assert.match(fixOf('server.prot'), /Did you mean "port"\? Known: host, port, publicUrl, trustProxy/)
  assert.match(fixOf('destinations.desk.kind'), /one of slack, webhook, [a-z, -]+\. Did you mean "slack"\?/)
  assert.match(fixOf('routes[1].when.tpye'), /Did you mean "type"\?/)
  assert.match(fixOf('routes[1].to[0]'), /Did you mean "desk"\?/)
  assert.match(fixOf('auth.jwksUrl'), /Write the http:\/\/ or https:\/\/ address of the issuer's keys/)
  assert.ok(loaded.problems.every(({ fix }) => fix.length > 5))
})
