import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { Webhook } from 'standardwebhooks'
import { createdEvent } from '../../test/contracts/outgoing.ts'
import { signedHeaders } from '../destinations/standard-webhooks.ts'
import webhook from '../destinations/webhook.ts'
import { verifyWebhook, type WebhookProblem } from './webhook.ts'

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`
const pair = () => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const as = (prefix: string, part: string) => prefix + Buffer.from(part, 'base64url').toString('base64')
  return { signing: as('whsk_', d), verifying: as('whpk_', x) }
}
const secret = secretOf(7)
const sent = { type: 'ticket.created', timestamp: '2026-11-25T14:03:11.000Z', data: { ticket: { subject: 'Jöb 😀' } } }
const body = JSON.stringify(sent)
const signed = (secrets: readonly string[] = [secret], more: { id?: string; at?: number; body?: string } = {}) =>
  signedHeaders({ id: 'delivery-1', at: Date.now(), body, ...more }, secrets)

const reasonFor = async (request: Parameters<typeof verifyWebhook>[0]): Promise<WebhookProblem | 'ok'> => {
  const verified = await verifyWebhook(request)
  if (!verified.ok) assert.match(verified.why, /\.$/)
  return verified.ok ? 'ok' : verified.reason
}

test('what the destination "webhook" sends is verified and read, by each form of secret and while they change', async () => {
  const { signing, verifying } = pair()
  const rotating = [
    [[secret], secret],
    [[secret], secret.replace(/=+$/, '')],
    [[signing], verifying],
    [[secretOf(1), signing, secret], verifying],
    [
      [secretOf(1), secret],
      [secretOf(2), secret],
    ],
    [[signing], [secret, pair().verifying, verifying]],
  ] as const
  for (const [secrets, known] of rotating) {
    const settings = { url: 'https://example.org', secret: secrets }
    const { headers, body: text } = webhook.start(createdEvent(), settings, { level: 'rich', at: Date.now() })
    const verified = await verifyWebhook({ headers, body: text, secret: known })
    assert.partialDeepStrictEqual(verified, { ok: true, id: headers['webhook-id'], event: JSON.parse(text) })
  }
})

test('so is what the standard’s own library signs', async () => {
  const at = new Date()
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  }
  assert.deepEqual(await verifyWebhook({ headers, body, secret }), { ok: true, id: 'msg_1', event: sent })
})

test('headers and body are taken in every form that servers have them in', async () => {
  const headers = signed()
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]))
  for (const form of [headers, new Headers(headers), upper])
    assert.equal(await reasonFor({ headers: form, body, secret }), 'ok')
  const bytes = Buffer.from(body)
  for (const form of [body, bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer])
    assert.equal(await reasonFor({ headers, body: form, secret }), 'ok')
})

test('a clock may be 5 minutes off, in either direction', async () => {
  for (const [seconds, reason] of [
    [-295, 'ok'],
    [295, 'ok'],
    [-305, 'timestamp'],
    [305, 'timestamp'],
  ] as const) {
    const headers = signed([secret], { at: Date.now() + seconds * 1_000 })
    assert.equal(await reasonFor({ headers, body, secret }), reason, `${seconds} s`)
    assert.equal(
      await reasonFor({ headers, body, secret: secretOf(1) }),
      'signature',
      'only a genuine one tells of a clock',
    )
  }
})

test('whatever was changed, the signature does not hold', async () => {
  const headers = signed()
  const { signing, verifying } = pair()
  const other = (change: Record<string, string>) => reasonFor({ headers: { ...headers, ...change }, body, secret })
  assert.equal(await reasonFor({ headers, body: body.replace('Jöb', 'job'), secret }), 'signature')
  assert.equal(await reasonFor({ headers, body: `${body} `, secret }), 'signature')
  assert.equal(await other({ 'webhook-id': 'delivery-2' }), 'signature')
  assert.equal(await other({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }), 'signature')
  const [, text = ''] = headers['webhook-signature']?.split(',') ?? []
  for (const forged of [text, `v2,${text}`, `v1a,${text}`, 'v1,', 'v1,%%%', 'v1', ',', ' ', `v1,${text.slice(4)}`])
    assert.equal(await other({ 'webhook-signature': forged }), 'signature', forged)
  // A public key is no secret: nobody may sign with it as if it were one.
  const asSecret = verifying.replace('whpk_', 'whsec_')
  assert.equal(await reasonFor({ headers: signed([asSecret]), body, secret: verifying }), 'signature')
  assert.equal(await reasonFor({ headers: signed([signing]), body, secret: pair().verifying }), 'signature')
  // Parsed already, which the types forbid.
  assert.equal(await reasonFor({ headers, body: sent as never, secret }), 'signature')
})

test('headers that are missing, twice there or no numbers', async () => {
  const headers = signed()
  for (const name of Object.keys(headers)) {
    assert.equal(await reasonFor({ headers: { ...headers, [name]: undefined }, body, secret }), 'headers', name)
    assert.equal(await reasonFor({ headers: { ...headers, [name.toUpperCase()]: 'x' }, body, secret }), 'headers', name)
  }
  for (const value of ['', 'now', '1e9', '-1', '1764028800.5', '9'.repeat(13)])
    assert.equal(
      await reasonFor({ headers: { ...headers, 'webhook-timestamp': value }, body, secret }),
      'headers',
      value,
    )
})

test('a secret that cannot be used is told apart from a wrong one', async () => {
  const headers = signed()
  const { signing, verifying } = pair()
  const unusable = ['', 'hunter2', 'whsec_', 'whsec_%%%', signing, verifying.slice(0, -8), [], [secret, ''], undefined]
  for (const one of unusable)
    assert.equal(await reasonFor({ headers, body, secret: one as never }), 'secret', String(one))
})

test('a body that is soundly signed and no event', async () => {
  for (const text of ['', 'null', '[]', '{}', '{"type":1,"data":{}}', '{"type":"ticket.created"}', '{"type":'])
    assert.equal(await reasonFor({ headers: signed([secret], { body: text }), body: text, secret }), 'body', text)
})
