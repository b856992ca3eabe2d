import assert from 'node:assert/strict'
import { test } from 'node:test'
import { destinationContract } from '../../test/contracts/destination.ts'
import { AT, createdEvent } from '../../test/contracts/outgoing.ts'
import { checkSlackBody, shownSlackMessage } from '../../test/contracts/slack.ts'
import local from './local.ts'
import slack from './slack.ts'

const settings = { url: 'http://127.0.0.1:8080/local/notarealtokenatall' }

destinationContract(local, settings, {
  check: checkSlackBody,
  shownMessage: shownSlackMessage,
  answers: [
    [{ status: 200, body: 'ok' }, { kind: 'delivered' }],
    [
      { status: 200, body: 'nearly' },
      { kind: 'unclear', reason: 'unconfirmed-http-200' },
    ],
    [
      { status: 400, body: 'invalid_blocks' },
      { kind: 'refused', reason: 'slack-invalid-blocks' },
    ],
  ],
})

test('the local page gets what Slack would get, and the delivery’s id to drop repetitions by', () => {
  for (const level of local.levels) {
    const step = local.start(createdEvent(), settings, { level, at: AT })
    assert.equal(step.body, slack.start(createdEvent(), settings, { level, at: AT }).body)
    assert.equal(step.headers['x-support-relay-delivery'], createdEvent().deliveryId)
    assert.equal(step.url, settings.url)
  }
})

test('no configuration file can name the local page', () => {
  assert.equal(local.evaluationOnly, true)
  assert.deepEqual(local.settings, {})
})
