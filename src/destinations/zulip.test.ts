import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  commonAnswers,
  DELIVERED,
  LOGIN_PAGE,
  refused,
  retry,
  unavailable,
  unclear,
} from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { checkMarkdown, fencedMessage } from '../../test/contracts/markdown.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import zulip from './zulip.ts'

const settings = {
  url: 'https://chat.example.org/zulip',
  email: 'desk-bot@chat.example.org',
  apiKey: 'aZ09notarealkey',
  stream: 'support',
}
const read = (body: string) => Object.fromEntries(new URLSearchParams(body))
const contentOf = (body: unknown) => (body as { content: string }).content

destinationContract(zulip, settings, {
  read,
  check: body => {
    const { topic, content, ...rest } = body as Record<string, string>
    assert.deepEqual(rest, { type: 'stream', to: 'support' })
    assert.ok(topic !== undefined && topic.length > 0 && topic.length <= 60)
    assert.ok(content !== undefined && content.length <= 10_000)
    checkMarkdown(content)
    // Commands stand at the beginning of a message: there, words of ours do.
    assert.match(content, /^\*\*|^(?:Bug|Ticket|Comment|Update)/)
  },
  shownMessage: (body, level) => (level === 'minimal' ? undefined : fencedMessage(contentOf(body))),
  answers: [
    ...commonAnswers,
    [{ status: 200, body: '{"result":"success","msg":"","id":42}' }, DELIVERED],
    [{ status: 200, body: '{"result":"error","code":"BAD_REQUEST"}' }, unclear(200)],
    [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
    [{ status: 200 }, unclear(200)],
    [{ status: 400, body: '{"result":"error","code":"BAD_REQUEST","msg":"zu lang"}' }, refused('http-400')],
    [
      {
        status: 400,
        body: '{"result":"error","code":"BAD_REQUEST","msg":"Not authorized to send to channel \'support\'"}',
      },
      unavailable('zulip-not-authorized-to-send'),
    ],
    [
      { status: 400, body: '{"result":"error","code":"STREAM_DOES_NOT_EXIST","stream":"support"}' },
      unavailable('zulip-stream-does-not-exist'),
    ],
    [{ status: 401, body: '{"result":"error","code":"UNAUTHORIZED"}' }, unavailable('zulip-unauthorized')],
    [{ status: 401, body: '{"result":"error","code":"INVALID_API_KEY"}' }, unavailable('zulip-invalid-api-key')],
    [{ status: 403, body: '{"result":"error","code":"REALM_DEACTIVATED"}' }, unavailable('zulip-realm-deactivated')],
    [{ status: 403, body: '{"result":"error","code":"USER_DEACTIVATED"}' }, unavailable('zulip-user-deactivated')],
    [{ status: 429, body: '{"result":"error","code":"RATE_LIMIT_HIT","retry-after":28.7}' }, retry('http-429', 28_700)],
    [
      { status: 429, headers: { 'x-ratelimit-reset': String(AT / 1_000 + 40) }, body: '{"code":"RATE_LIMIT_HIT"}' },
      retry('http-429', 40_000),
    ],
    [{ status: 502, headers: { 'x-ratelimit-reset': String(AT / 1_000 + 40) } }, retry('http-502')],
  ],
})

test('a ticket has a topic of its own, and what follows goes there', () => {
  const topicOf = (event = createdEvent()) => read(zulip.start(event, settings, { level: 'plain', at: AT }).body).topic
  assert.equal(topicOf(), 'SUP-7K3F-Q2MX My subject')
  assert.equal(topicOf(commentedEvent()), topicOf())
  assert.equal(topicOf(createdEvent({ ticket: { subject: '' } })), 'SUP-7K3F-Q2MX')
  assert.match(
    topicOf(createdEvent({ ticket: { subject: 'a long subject '.repeat(20) } })) ?? '',
    /^SUP-7K3F-Q2MX a long .{10,40}…$/,
  )
})

test('the message as people see it, sent as the bot', () => {
  const { url, headers, body } = zulip.start(createdEvent(), settings, { level: 'plain', at: AT })
  assert.equal(url, 'https://chat.example.org/zulip/api/v1/messages')
  assert.equal(headers.authorization, `Basic ${btoa('desk-bot@chat.example.org:aZ09notarealkey')}`)
  assert.equal(
    read(body).content,
    [
      '**Bug SUP-7K3F-Q2MX**: `My subject`',
      'Username: `Ada#1234`',
      'Security role: `USER`',
      'Real name: `Ada Lovelace`',
      'E-mail: `ada@sdu.dk`',
      'Request ID: `request-1`',
      'User agent: `Mozilla/5.0 (X11; Linux x86_64)`',
      'Type: `Bug`',
      'Project: `3f2b`',
      'Page: `/app/jobs`',
      `[Open the ticket](${createdEvent().ticketUrl})`,
      '```',
      'The job stops after one minute.\nSince yesterday.',
      '```',
    ].join('\n'),
  )
})
