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

test('a secret is found in every spelling that receivers echo it in', () => {
  const hook = slackTo('T00/B00/verysecret-verysecret')
  for (const text of [
    'https:\\/\\/hooks.slack.com\\/services\\/T00\\/B00\\/verysecret-verysecret',
    'https%3A%2F%2Fhooks.slack.com%2Fservices%2FT00%2FB00%2Fverysecret-verysecret',
    'unknown token verysecret-verysecret',
    'POST /SERVICES/T00/B00/VERYSECRET-VERYSECRET',
  ]) {
    const excerpt = excerptOf(body(text), hook) ?? ''
    assert.ok(!/verysecret/i.test(excerpt) && excerpt.includes('[hidden]'), excerpt)
  }
  const query = {
    ...webhookTo('x'),
    settings: { url: 'https://example.org/in?a=1&token=quitesecretvalue', secret: [] },
  }
  for (const text of ['/in?a=1&amp;token=quitesecretvalue', 'token=quitesecretvalue', 'a=1&token=quitesecretvalue']) {
    assert.ok(!excerptOf(body(text), query)?.includes('quitesecret'), text)
  }
})

test('a password is found in the credentials that a receiver echoes as they were sent, whatever name stands before it', () => {
  const password = 'JIRASECRETtoken1234567'
  const desk = { ...webhookTo('x'), settings: { url: 'https://example.org/in', secret: password } }
  for (const name of ['', 'a', 'ab', 'abc', 'bot@example.org', 'bot@example.org/token'])
    for (const after of ['', ':X', ':XY']) {
      const sent = Buffer.from(`${name}:${password}${after}`).toString('base64')
      const excerpt = excerptOf(body(`{"authorization":"Basic ${sent}"}`), desk) ?? ''
      const left = Buffer.from(/Basic ([\w+/]*)/.exec(excerpt)?.[1] ?? '', 'base64').toString('latin1')
      assert.ok(excerpt.includes('[hidden]"') && left.length <= name.length + 2, excerpt)
    }
})

test('a signing secret is found as it is, in JSON and in an address', () => {
  const secret = `whsec_${'ab+/'.repeat(8)}=`
  const signed = { ...webhookTo('x'), settings: { url: 'https://example.org/', secret: ['whsec_other', secret] } }
  for (const text of [secret, secret.replaceAll('/', '\\/'), encodeURIComponent(secret)]) {
    assert.equal(excerptOf(body(`got ${text}.`), signed), 'got [hidden].')
  }
})

test('an answer full of secrets leaves no half of one behind where reading stops', () => {
  const hook = slackTo(`T00/B00/${'verysecret'.repeat(20)}`)
  for (let i = 0; i < 300; i += 1) {
    const excerpt = excerptOf(body('x'.repeat(i) + String(hook.settings.url).repeat(100)), hook) ?? ''
    assert.ok(!/hooks|services|T00|very/.test(excerpt), excerpt)
  }
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
