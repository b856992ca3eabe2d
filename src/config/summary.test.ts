/** What is printed of a configuration: everything a reader asks for, and of secrets only that they are there. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { load } from '../../test/support/config.ts'
import type { DestinationKind } from '../domain/destination.ts'
import { summarize } from './summary.ts'

const odd: DestinationKind = {
  kind: 'odd',
  title: 'Odd',
  settings: {
    hook: { title: 'Hook', type: 'url', isSecret: true },
    site: { title: 'Site', type: 'url' },
    room: { title: 'Room', type: 'text' },
    pin: { title: 'Pin', type: 'text', isSecret: true },
    token: { title: 'Token', type: 'secret' },
    keys: { title: 'Keys', type: 'secrets' },
  },
  rate: { count: 5, perMs: 2_000 },
  concurrency: 7,
  levels: ['rich'],
  start: () => ({ method: 'GET', url: 'https://odd.example', headers: {}, body: '' }),
  notice: () => {
    throw new Error('not sent here')
  },
  next: () => ({ kind: 'delivered' }),
}
const FILE = `
server: { host: "::1", port: 81 }
auth: { issuer: cloud.sdu.dk, sharedSecret: hunter2-hunter2-hunter2-hunter2-hunter2, audience: support }
destinations:
  a:
    kind: odd
    hook: https://odd.example/hunter2
    site: https://odd.example/room?key=hunter2
    room: lobby
    pin: hunter2
    token: hunter2
    keys: [hunter2, "hunter2,2"]
routes: [{ to: a }]
metrics: { host: 0.0.0.0 }
`
const summary = () => {
  const loaded = load({ '/home/support-relay.yaml': FILE }, { kinds: [odd] })
  assert.ok('config' in loaded, JSON.stringify(loaded, null, 1))
  return summarize(loaded.config)
}

test('secrets, secret addresses and queries are masked, texts and plain addresses shown', () => {
  assert.deepEqual(summary().destinations[0]?.settings, {
    hook: '(secret)',
    site: 'https://odd.example/room?…',
    room: 'lobby',
    pin: '(secret)',
    token: '(secret)',
    keys: '(secret)',
  })
  assert.doesNotMatch(JSON.stringify(summary()), /hunter2/)
})

test('a setting that the kind does not describe counts as a secret', () => {
  const loaded = load({ '/home/support-relay.yaml': FILE }, { kinds: [odd] })
  assert.ok('config' in loaded)
  const destinations = loaded.config.destinations.map(destination => ({
    ...destination,
    settings: { ...destination.settings, later: 'hunter2' },
  }))
  assert.equal(summarize({ ...loaded.config, destinations }).destinations[0]?.settings.later, '(secret)')
})

test('addresses, pace and tokens are said as they are written in a configuration', () => {
  const { listens, metrics, tokens, folder, isEvaluation, destinations } = summary()
  assert.deepEqual([listens, metrics], ['http://[::1]:81', 'http://0.0.0.0:7867/metrics'])
  assert.deepEqual(tokens, { issuer: 'cloud.sdu.dk', key: 'HS512 (shared secret)', audience: 'support' })
  assert.deepEqual([folder, isEvaluation], ['/home/data', false])
  const [a] = destinations
  assert.deepEqual([a?.rate, a?.concurrency, a?.timeout], ['5/2s', 7, '15s'])
})

test('of the evaluation mode no secret is shown either', () => {
  const loaded = load({})
  assert.ok('config' in loaded && loaded.config.auth.key.kind === 'secret')
  const printed = JSON.stringify(summarize(loaded.config))
  assert.match(printed, /"isEvaluation":true/)
  assert.ok(!printed.includes(loaded.config.auth.key.secret) && !printed.includes('loginSecret'))
})
