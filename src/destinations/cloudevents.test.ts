import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonAnswers, DELIVERED, LOGIN_PAGE, retry, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import cloudevents from './cloudevents.ts'

const settings = { url: 'https://events.example.org/in?key=notarealkeyatall', source: 'https://support.example.org' }
const start = (event = createdEvent(), with_: Record<string, string> = settings) =>
  cloudevents.start(event, with_, { level: 'rich', at: AT })

destinationContract(cloudevents, settings, {
  isVerbatim: true,
  check: body => {
    const event = body as Record<string, unknown>
    assert.equal(event.specversion, '1.0')
    // The attributes' names: lower-case letters and digits only.
    for (const name of Object.keys(event)) assert.match(name, /^[a-z0-9]{1,20}$/)
    for (const name of ['id', 'source', 'type', 'subject', 'time', 'datacontenttype'])
      assert.match(String(event[name]), /^[\x21-\x7e]+$/, name)
  },
  answers: [
    ...commonAnswers.filter(([{ status }]) => status !== 413),
    [{ status: 200 }, DELIVERED],
    [{ status: 202 }, DELIVERED],
    [{ status: 204 }, DELIVERED],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: LOGIN_PAGE }, unclear(200)],
    [{ status: 413 }, retry('http-413')],
    [{ status: 415 }, retry('http-415')],
  ],
})

test('one object holds the attributes and what the webhook would have sent', () => {
  const { headers, body } = start()
  assert.equal(headers['content-type'], 'application/cloudevents+json')
  assert.deepEqual(JSON.parse(body), {
    specversion: '1.0',
    id: createdEvent().event.id,
    source: 'https://support.example.org',
    type: 'org.support-relay.ticket.created',
    subject: 'SUP-7K3F-Q2MX',
    time: new Date(AT).toISOString(),
    datacontenttype: 'application/json',
    data: { ticket: createdEvent().ticket },
  })
  const { id, type, source, data } = JSON.parse(start(commentedEvent(), { url: settings.url }).body)
  assert.deepEqual(
    { id, type, source },
    {
      id: commentedEvent().event.id,
      type: 'org.support-relay.ticket.commented',
      source: '/support-relay',
    },
  )
  assert.equal(data.event.message, 'It works again.')
})
