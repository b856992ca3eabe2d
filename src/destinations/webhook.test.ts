import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { destinationContract } from '../../test/contracts/destination.ts'
import { hostile } from '../../test/contracts/hostile.ts'
import { commentedEvent, createdEvent, updatedEvent } from '../../test/contracts/outgoing.ts'
import type { OutgoingEvent, Settings } from '../domain/destination.ts'
import webhook from './webhook.ts'

const url = 'https://receiver.example.org/hook/notarealtokenatall'
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const settings = { url, secret }
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
const signingKey = `whsk_${seed.toString('base64')}`

const start = (event: OutgoingEvent, at = Date.now(), with_: Settings = settings) =>
  webhook.start(event, with_, { level: 'rich', at })

destinationContract(webhook, settings, {
  isVerbatim: true,
  answers: [
    [{ status: 200, body: 'ok' }, { kind: 'delivered' }],
    [{ status: 200, body: '<html>anything</html>' }, { kind: 'delivered' }],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: 'thanks' }, { kind: 'delivered' }],
    // Of a proxy, or a login: not the receiver's.
    [
      { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<!DOCTYPE html><html>' },
      { kind: 'unclear', reason: 'unconfirmed-http-200' },
    ],
    [{ status: 204 }, { kind: 'delivered' }],
    [{ status: 299 }, { kind: 'delivered' }],
    [
      { status: 400, body: 'invalid_payload' },
      { kind: 'retry', reason: 'http-400' },
    ],
    [{ status: 413 }, { kind: 'retry', reason: 'http-413' }],
    [{ status: 422 }, { kind: 'retry', reason: 'http-422' }],
    [{ status: 410 }, { kind: 'unavailable', reason: 'http-410' }],
    [{ status: 308 }, { kind: 'unavailable', reason: 'redirect' }],
  ],
})

test('the body is the type, the moment of the event and the ticket as the API shows it', () => {
  const event = createdEvent()
  assert.deepEqual(JSON.parse(start(event).body), {
    type: 'ticket.created',
    timestamp: '2025-11-25T00:00:00.000Z',
    data: { ticket: event.ticket },
  })
  const reply = commentedEvent()
  assert.deepEqual(JSON.parse(start(reply).body).data, { ticket: reply.ticket, event: reply.event })
  assert.equal(JSON.parse(start(reply).body).type, 'ticket.commented')
  assert.equal(JSON.parse(start(updatedEvent()).body).type, 'ticket.updated')
})

test('a receiver verifies the raw bytes with another library, whatever the text holds', () => {
  const texts = [...hostile, 'ñ 👩‍👩‍👧 </script> \u2028 "\\" \u0000 \ud800']
  for (const text of texts) {
    const step = start(createdEvent({ ticket: { subject: text, message: text } }))
    const received = Buffer.from(step.body)
    assert.ok(new Webhook(secret).verify(received, { ...step.headers }))
    assert.equal(JSON.parse(received.toString()).data.ticket.message, text.toWellFormed().replaceAll('\0', ''))
  }
})

test('a body changed on the way does not verify', () => {
  const step = start(createdEvent())
  assert.throws(() => new Webhook(secret).verify(step.body.replace('Ada', 'Eve'), { ...step.headers }))
})

test('retries carry the same id and bytes, and a fresh timestamp and signature', () => {
  const [first, later] = [start(createdEvent()), start(createdEvent(), Date.now() + 200_000)]
  assert.equal(first.body, later.body)
  assert.equal(first.headers['webhook-id'], createdEvent().deliveryId)
  assert.equal(first.headers['webhook-id'], later.headers['webhook-id'])
  assert.notEqual(first.headers['webhook-signature'], later.headers['webhook-signature'])
  assert.equal(Number(later.headers['webhook-timestamp']) - Number(first.headers['webhook-timestamp']), 200)
})

test('with several secrets each one verifies by itself, the asymmetric one too', () => {
  const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const step = start(createdEvent(), Date.now(), { url, secret: [secret, signingKey, other] })
  for (const symmetric of [secret, other]) assert.ok(new Webhook(symmetric).verify(step.body, { ...step.headers }))
  const [, signature = ''] = /(?:^| )v1a,(\S+)/.exec(step.headers['webhook-signature'] ?? '') ?? []
  const signed = `${step.headers['webhook-id']}.${step.headers['webhook-timestamp']}.${step.body}`
  const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }))
  assert.ok(verify(null, Buffer.from(signed), key, Buffer.from(signature, 'base64')))
})

test('a second library checks the signature as well, over the bytes that are sent', () => {
  for (const text of hostile) {
    const { headers, body } = start(createdEvent({ ticket: { message: text, subject: text } }))
    new SvixWebhook(secret).verify(body, { ...headers })
    assert.throws(() => new SvixWebhook(secret).verify(`${body} `, { ...headers }))
  }
})
