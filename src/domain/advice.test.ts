import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotAllowed, noAnswer, ProxyTrouble } from '../transport/failure.ts'
import { adviceFor, adviceOnTest } from './advice.ts'
import { classify } from './classify.ts'
import type { Answer, Failure } from './outcome.ts'

const adviceTo = (answer: Answer): string | null => {
  const outcome = classify(answer, { now: 0, isDelivered: () => false })
  return adviceFor(outcome.kind, 'reason' in outcome ? outcome.reason : null)
}
const http = (status: number): Answer => ({ kind: 'answer', status, headers: {}, body: '' })
const none = (failure: Failure): Answer => ({ kind: 'no-answer', failure, detail: '' })

test('every answer and every failure has advice: sentences, with what to do', () => {
  const failures = [
    'dns',
    'refused',
    'reset',
    'unreachable',
    'timeout',
    'tls',
    'certificate',
    'blocked',
    'protocol',
    'proxy',
  ] as const
  const statuses = [
    200, 202, 204, 301, 308, 400, 401, 403, 404, 405, 407, 408, 410, 413, 418, 422, 429, 500, 501, 503, 599,
  ]
  const all = [...failures.map(none), ...statuses.map(http)].map(adviceTo)
  for (const advice of all) assert.match(advice ?? '', /^[A-Z].{30,}\.$/)
  assert.equal(new Set(failures.map(none).map(adviceTo)).size, failures.length, 'each failure has its own')
})

for (const [answer, expected] of [
  [http(401), /token.*new one/],
  [http(404), /deleted or renamed/],
  [http(410), /deleted at the service/],
  [http(501), /switch incoming webhooks on/],
  [http(500), /trouble of its own/],
  [http(599), /trouble of its own/],
  [http(302), /new address/],
  [http(200), /login page or a proxy/],
  [http(429), /lower `rate`/],
  [none('certificate'), /network\.caFile/],
  [none('blocked'), /network\.allow/],
  [none('proxy'), /network\.proxy/],
  [none('unreachable'), /network\.proxy/],
] as const) {
  test(`${answer.kind === 'answer' ? answer.status : answer.failure} is answered by what helps`, () => {
    assert.match(adviceTo(answer) ?? '', expected)
  })
}

test('a code of a vendor is told by what it means; what arrived needs none', () => {
  assert.match(adviceFor('unavailable', 'vendor-of-its-own') ?? '', /channel or project is still there/)
  assert.match(adviceFor('refused', 'slack-invalid-blocks') ?? '', /simpler one/)
  assert.match(adviceFor('retry', 'github-rate-limit') ?? '', /tried again by itself/)
  assert.equal(adviceFor('delivered', null), null)
})

test('a test message is answered by what its status says, else by its outcome', () => {
  assert.equal(adviceOnTest({ outcome: 'DELIVERED', status: 200, excerpt: null }), null)
  assert.match(adviceOnTest({ outcome: 'UNAVAILABLE', status: 401, excerpt: null }) ?? '', /token.*new one/)
  assert.match(adviceOnTest({ outcome: 'UNAVAILABLE', status: 302, excerpt: null }) ?? '', /new address/)
  assert.match(adviceOnTest({ outcome: 'UNCLEAR', status: 200, excerpt: null }) ?? '', /login page/)
  assert.match(adviceOnTest({ outcome: 'RETRY', status: null, excerpt: null }) ?? '', /^If this lasts/)
})

test('where nothing was heard, a test message is told what an attempt would be told, and nothing of trying again', () => {
  const coded = (code: string) => Object.assign(new Error(), { code })
  for (const error of [
    ...[
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'CERT_SIGNATURE_FAILURE',
    ].map(coded),
    ...['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'EPROTO', 'HPE_INVALID_CONSTANT'].map(
      coded,
    ),
    new NotAllowed('127.0.0.1 is a loopback address'),
    new ProxyTrouble('proxy', 'The proxy does not let us through to the host (403)'),
    new ProxyTrouble('unreachable', 'The proxy does not reach the host (502)'),
  ]) {
    const answer = noAnswer(error)
    const outcome = classify(answer, { now: 0 })
    assert.ok(outcome.kind === 'retry' || outcome.kind === 'unavailable')
    const expected = adviceFor(outcome.kind, outcome.reason)?.replace('It is tried again by itself; if', 'If')
    const named = outcome.kind === 'retry' ? 'RETRY' : 'UNAVAILABLE'
    assert.equal(adviceOnTest({ outcome: named, status: null, excerpt: answer.detail }), expected, answer.detail)
    assert.doesNotMatch(expected ?? '', /tried again/)
  }
  for (const [outcome, status] of [
    ['RETRY', 429],
    ['RETRY', 503],
    ['REFUSED', 422],
  ] as const) {
    assert.doesNotMatch(adviceOnTest({ outcome, status, excerpt: null }) ?? '', /tried/)
  }
})
