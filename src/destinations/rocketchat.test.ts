import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonAnswers, DELIVERED, refused, retry, unavailable, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { checkMarkdown } from '../../test/contracts/markdown.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { checkShortFence, unfenced } from '../../test/contracts/unfenced.ts'
import rocketchat from './rocketchat.ts'

const settings = { url: 'https://chat.example.org/hooks/notarealintegration/notarealtokenatall' }
const textOf = (body: unknown): string => {
  const { text, ...others } = body as { text: string } // JSON of ours
  assert.deepEqual(others, { parseUrls: false }, 'no previews; no name, no picture, no channel')
  return text
}

destinationContract(rocketchat, settings, {
  check: body => {
    const text = textOf(body)
    assert.ok(text.length <= 5_000)
    checkMarkdown(text)
    checkShortFence(text)
    // https://github.com/RocketChat/Rocket.Chat/blob/develop/apps/meteor/app/mentions/lib/MentionsParser.ts: code is no matter to it.
    assert.doesNotMatch(text, /(?:^|\s|>)@[\w.-]/m)
  },
  shownMessage: (body, level) => (level === 'minimal' ? undefined : unfenced(textOf(body))?.replaceAll('@\u200b', '@')),
  answers: [
    ...commonAnswers,
    [{ status: 200, body: '{"success":true}' }, DELIVERED],
    [{ status: 200, body: 'thanks' }, DELIVERED],
    [{ status: 200, body: '' }, DELIVERED],
    [{ status: 204, body: '' }, unclear(204)],
    [{ status: 200, body: ' <html>Sign in</html>' }, unclear(200)],
    [{ status: 200, body: '{"success":false}' }, unclear(200)],
    [{ status: 200, body: '{"success":false,"error":"invalid-channel"}' }, unavailable('rocketchat-invalid-channel')],
    [{ status: 202, body: '{"success":true}' }, unclear(202)],
    [
      { status: 400, body: '{"success":false,"error":"in words","errorType":"error-message-size-exceeded"}' },
      refused('rocketchat-error-message-size-exceeded'),
    ],
    [
      { status: 400, body: '{"success":false,"error":"error-invalid-room"}' },
      unavailable('rocketchat-error-invalid-room'),
    ],
    [
      { status: 400, body: '{"success":false,"error":"room_is_read_only"}' },
      unavailable('rocketchat-room-is-read-only'),
    ],
    [{ status: 400, body: '{"success":false,"error":"something-new"}' }, retry('http-400')],
    [{ status: 401, body: '{"success":false,"error":"Unauthorized"}' }, unavailable('http-401')],
    [
      { status: 404, body: '{"success":false,"error":"Invalid integration id or token provided."}' },
      unavailable('http-404'),
    ],
    [{ status: 413 }, refused('http-413')],
    [{ status: 429, body: '{"success":false,"errorType":"error-too-many-requests"}' }, retry('http-429', 4_000)],
    [{ status: 429, headers: { 'x-ratelimit-reset': String(AT + 23_000) } }, retry('http-429', 23_000)],
    [{ status: 429, headers: { 'x-ratelimit-reset': String(AT - 1) } }, retry('http-429', 4_000)],
    // A disabled integration looks like a server that is busy.
    [{ status: 503, body: 'Service Unavailable' }, retry('http-503')],
    [{ status: 307 }, unavailable('redirect')],
  ],
})

test('one text names type, reference and subject, every field, the link, and the message in a fence', () => {
  const text = textOf(JSON.parse(rocketchat.start(createdEvent(), settings, { level: 'plain', at: AT }).body))
  assert.equal(
    text,
    [
      '*Bug SUP-7K3F-Q2MX*: `My subject`',
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
      '```\nThe job stops after one minute.\nSince yesterday.\n```',
    ].join('\n'),
  )
})

test('who would be mentioned is not; an address stays as it is', () => {
  const event = commentedEvent({ event: { message: '@all @here, ask ada@sdu.dk\n@grace' } })
  const text = textOf(JSON.parse(rocketchat.start(event, settings, { level: 'plain', at: AT }).body))
  assert.match(text, /```\n@\u200ball @\u200bhere, ask ada@sdu\.dk\n@\u200bgrace\n```$/)
})
