import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HeaderBlock, KnownBlock } from '@slack/types'
import { destinationContract, texts } from '../../test/contracts/destination.ts'
import { hostile } from '../../test/contracts/hostile.ts'
import { AT, bareEvent, commentedEvent, createdEvent, updatedEvent } from '../../test/contracts/outgoing.ts'
import { checkSlackBody, readSlack, shownSlackMessage } from '../../test/contracts/slack.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import slack from './slack.ts'
import type { Block } from './slack-message.ts'

const settings = { url: 'https://hooks.slack.com/services/T0000AAAA/B0000BBBB/notarealtokenatall' }
const refused = (reason: string): Outcome => ({ kind: 'refused', reason })
const unavailable = (reason: string): Outcome => ({ kind: 'unavailable', reason })
const read = (event: OutgoingEvent, level: Level = 'rich') =>
  readSlack(JSON.parse(slack.start(event, settings, { level, at: AT }).body))

destinationContract(slack, settings, {
  check: checkSlackBody,
  shownMessage: shownSlackMessage,
  answers: [
    [{ status: 200, body: 'ok' }, { kind: 'delivered' }],
    [
      { status: 200, body: '' },
      { kind: 'unclear', reason: 'unconfirmed-http-200' },
    ],
    [
      { status: 200, body: 'ok, sort of' },
      { kind: 'unclear', reason: 'unconfirmed-http-200' },
    ],
    [
      { status: 200, body: '<html>Sign in</html>' },
      { kind: 'unclear', reason: 'unconfirmed-http-200' },
    ],
    [
      { status: 200, body: 'invalid_blocks' },
      { kind: 'unclear', reason: 'unconfirmed-http-200' },
    ],
    [
      { status: 202, body: 'ok' },
      { kind: 'unclear', reason: 'unconfirmed-http-202' },
    ],
    [{ status: 204 }, { kind: 'unclear', reason: 'unconfirmed-http-204' }],
    [{ status: 400, body: 'invalid_payload' }, refused('slack-invalid-payload')],
    [{ status: 400, body: 'invalid_blocks' }, refused('slack-invalid-blocks')],
    [{ status: 400, body: 'invalid_blocks_format' }, refused('slack-invalid-blocks-format')],
    [{ status: 400, body: 'no_text' }, refused('slack-no-text')],
    [
      { status: 400, body: 'missing_text_or_fallback_or_attachments' },
      refused('slack-missing-text-or-fallback-or-attachments'),
    ],
    [{ status: 400, body: 'too_many_attachments\n' }, refused('slack-too-many-attachments')],
    [{ status: 400, body: '{"ok":false,"error":"msg_blocks_too_long"}' }, refused('slack-msg-blocks-too-long')],
    [
      { status: 400, body: 'something_new' },
      { kind: 'retry', reason: 'http-400' },
    ],
    [{ status: 413 }, { kind: 'retry', reason: 'http-413' }],
    [{ status: 400, body: 'user_not_found' }, unavailable('slack-user-not-found')],
    [{ status: 403, body: 'action_prohibited' }, unavailable('slack-action-prohibited')],
    [
      { status: 403, body: 'posting_to_general_channel_denied' },
      unavailable('slack-posting-to-general-channel-denied'),
    ],
    [{ status: 403, body: 'invalid_token' }, unavailable('slack-invalid-token')],
    [{ status: 403, body: 'team_disabled' }, unavailable('slack-team-disabled')],
    [{ status: 404, body: 'channel_not_found' }, unavailable('slack-channel-not-found')],
    [{ status: 404, body: 'no_service' }, unavailable('slack-no-service')],
    [{ status: 404, body: 'no_team' }, unavailable('slack-no-team')],
    [{ status: 404, body: '<h1>Not Found</h1>' }, unavailable('http-404')],
    [{ status: 410, body: 'channel_is_archived' }, unavailable('slack-channel-is-archived')],
    [{ status: 400, body: 'no_service' }, unavailable('slack-no-service')],
    [{ status: 200, body: 'no_service' }, unavailable('slack-no-service')],
    [
      { status: 429, body: 'rate_limited' },
      { kind: 'retry', reason: 'http-429', waitMs: 4_000, cut: false },
    ],
    [
      { status: 429, body: '{"ok":false,"error":"rate_limited"}', headers: { 'retry-after': '30' } },
      { kind: 'retry', reason: 'http-429', waitMs: 30_000, cut: false },
    ],
    [
      { status: 503, headers: { 'retry-after': '93600' } },
      { kind: 'retry', reason: 'http-503', waitMs: 86_400_000, cut: true },
    ],
    [
      { status: 500, body: 'rollup_error' },
      { kind: 'retry', reason: 'slack-rollup-error' },
    ],
  ],
})

test('the first line is type, reference and subject; then every field of the ticket; then the message on its own', () => {
  const { blocks, text } = read(createdEvent())
  assert.deepEqual(blocks, [
    { type: 'header', text: { type: 'plain_text', text: 'Bug SUP-7K3F-Q2MX: My subject', emoji: false } },
    {
      type: 'section',
      fields: [
        'Username: Ada#1234',
        'Security role: USER',
        'Real name: Ada Lovelace',
        'E-mail: ada@sdu.dk',
        'Request ID: request-1',
        'User agent: Mozilla/5.0 (X11; Linux x86_64)',
        'Type: Bug',
        'Project: 3f2b',
        'Page: /app/jobs',
      ].map(line => ({ type: 'plain_text', text: line, emoji: false })),
    },
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [{ type: 'link', url: createdEvent().ticketUrl, text: 'Open the ticket' }],
        },
      ],
    },
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_quote',
          elements: [{ type: 'text', text: 'The job stops after one minute.\nSince yesterday.' }],
        },
      ],
    },
  ])
  assert.equal(text, 'Bug SUP-7K3F-Q2MX: My subject\nFrom Ada#1234: The job stops after one minute. Since yesterday.')
})

test('a reply names the ticket, who wrote it and what became of it', () => {
  const { blocks, text } = read(commentedEvent())
  assert.match(text, /^Comment on SUP-7K3F-Q2MX: My subject\nFrom Grace Hopper \(grace\), staff: It works again\.$/)
  assert.deepEqual(
    texts(blocks).filter(line => /^By|^Status|^It works/.test(line)),
    ['By: Grace Hopper (grace), staff', 'Status: Closed', 'It works again.'],
  )
  assert.match(read(updatedEvent()).text, /^Update of SUP-7K3F-Q2MX: My subject\nFrom Ada Lovelace \(Ada#1234\)$/)
})

test('the plain level is one text with every field and the message quoted; the minimal one leaves the message out', () => {
  assert.deepEqual(read(bareEvent({ ticket: { message: 'one <!here>\n> two' } }), 'plain'), {
    text: 'Ticket SUP-7K3F-Q2MX: My subject\nUsername: x\nSecurity role: USER\nRequest ID: r\n> one &lt;!here&gt;\n> &gt; two',
    blocks: [],
  })
  assert.equal(
    read(createdEvent(), 'minimal').text,
    [
      'Bug SUP-7K3F-Q2MX: My subject',
      'From: Ada#1234',
      `Link: ${createdEvent().ticketUrl}`,
      'The message could not be shown here.',
    ].join('\n'),
  )
})

test('a subject too long for the header stands whole among the fields', () => {
  const subject = '漢'.repeat(1_000)
  const { blocks } = read(createdEvent({ ticket: { subject, message: 'x'.repeat(20_000) } }))
  assert.ok(texts(blocks).includes(`Subject: ${subject}`))
  const [header] = blocks.filter((block): block is HeaderBlock => block.type === 'header')
  assert.match(header?.text.text ?? '', /漢…$/)
})

test('user text stands where Slack reads no markup: no token survives in any field, at any level', () => {
  for (const text of hostile) {
    for (const level of slack.levels) {
      const event = createdEvent({
        ticket: { subject: text, message: text, technical: { requestId: text, userAgent: text } },
      })
      checkSlackBody(JSON.parse(slack.start(event, settings, { level, at: AT }).body), level)
    }
  }
})

test('an override that is cut open does not turn the words about the rest around', () => {
  const { blocks } = read(createdEvent({ ticket: { message: `${'a'.repeat(10)}\u202e${'b'.repeat(20_000)}\u202c` } }))
  const shown = texts(blocks).find(leaf => leaf.startsWith('aaaaaaaaaa')) ?? ''
  assert.doesNotMatch(shown, /\u202e/)
})

type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { [Key in keyof T]: Mutable<T[Key]> }
    : T

test('the blocks are what Slack’s own types describe', () => {
  // The compiler does the checking; what is run shows that the function is reached at all.
  const asSlackSeesThem = (blocks: Mutable<Block>[]): KnownBlock[] => blocks
  assert.deepEqual(asSlackSeesThem([]), [])
})

test('an address that is no incoming webhook is refused with what to do', () => {
  const problem = slack.settings.url?.problem ?? (() => undefined)
  assert.equal(problem(settings.url), undefined)
  assert.equal(problem('https://hooks.slack-gov.com/services/T/B/x'), undefined)
  assert.equal(problem('https://slack-proxy.example.org/anything?x=1'), undefined)
  assert.match(problem('https://hooks.slack.com/workflows/T/A/1/x') ?? '', /Workflow Builder/)
  assert.match(problem('https://HOOKS.slack.com/triggers/T/1/x') ?? '', /incoming webhook/)
  assert.match(problem('https://hooks.slack.com/') ?? '', /\/services\//)
  assert.match(problem('http://hooks.slack.com/services/T/B/x') ?? '', /https/)
  assert.match(problem('https://user:pw@hooks.slack.com/services/T/B/x') ?? '', /password/)
  for (const nonsense of ['', 'hooks.slack.com/services/T/B/x', 'file:///etc/passwd']) assert.ok(problem(nonsense))
})

test('a message that is never cut has room below the dearest head', () => {
  for (const dear of ['"', '漢', '&', '\u200d漢'].map(text => text.repeat(2_000))) {
    const { user, technical } = createdEvent().ticket
    const ticket = {
      subject: dear.slice(0, 1_000),
      user: { ...user, username: dear, name: dear, email: dear },
      technical: { ...technical, requestId: dear, userAgent: dear },
      project: { id: dear, listed: false },
      context: { page: dear },
      message: 'a'.repeat(3_000),
    }
    const { body } = slack.start(createdEvent({ ticket }), settings, { level: 'rich', at: AT })
    checkSlackBody(JSON.parse(body), 'rich')
    assert.equal(shownSlackMessage(JSON.parse(body), 'rich'), ticket.message)
  }
})
