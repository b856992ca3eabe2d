import assert from 'node:assert/strict'
import test from 'node:test'
import { slackTo, status, webhookTo } from '../../test/support/engine-stage.ts'
import { excerptOf } from './excerpt.ts'

const body = (text: string) => status(400, {}, text)

test('a receiver that echoes our address or secret is kept without them', () => {
  const hook = slackTo('T00/B00/verysecret')
  for (const text of [
    'POST /services/T00/B00/verysecret failed',
    'no hook https://hooks.slack.com/services/T00/B00/verysecret here',
  ]) {
    const excerpt = excerptOf(body(text), hook) ?? ''
    assert.ok(!excerpt.includes('verysecret') && excerpt.includes('[hidden]'), excerpt)
  }
  const signed = webhookTo('x')
  assert.ok(!excerptOf(body(`secret was ${signed.settings.secret}`), signed)?.includes(String(signed.settings.secret)))
})

test('a secret at the cut leaves no half behind', () => {
  const hook = slackTo('T00/B00/verysecret')
  const excerpt = excerptOf(body(`${'x'.repeat(495)}/services/T00/B00/verysecret`), hook) ?? ''
  assert.ok(!excerpt.includes('/serv') && excerpt.length <= 501)
})

test('it is short, well-formed and on screen as it is', () => {
  const excerpt = excerptOf(body(`\u0000a\u001b[31m\ud800${'🙂'.repeat(1_000)}`), webhookTo('x')) ?? ''
  assert.ok(excerpt.isWellFormed() && excerpt.length <= 502)
  assert.ok(!/[\u0000-\u0008\u001b]/.test(excerpt))
})

test('an empty answer has none, and no answer has its cause', () => {
  assert.equal(excerptOf(body('  '), webhookTo('x')), null)
  assert.equal(
    excerptOf({ kind: 'no-answer', failure: 'refused', detail: 'nobody listens there' }, webhookTo('x')),
    'nobody listens there',
  )
})
