import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonAnswers, DELIVERED, retry, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { checkMarkdown } from '../../test/contracts/markdown.ts'
import { AT, bareEvent, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { unfenced } from '../../test/contracts/unfenced.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import mattermost from './mattermost.ts'

const settings = { url: 'https://chat.example.org/hooks/notarealhookidatall0123' }
const hook = (code: string) => `web.incoming_webhook.${code}.app_error`
const answer = (status: number, id: string) => ({
  status,
  body: JSON.stringify({ id, message: 'in words', status_code: status }),
})
const refused = (code: string): Outcome => ({
  kind: 'refused',
  reason: `mattermost-web-incoming-webhook-${code}-app-error`,
})
const unavailable = (code: string): Outcome => ({
  kind: 'unavailable',
  reason: `mattermost-web-incoming-webhook-${code}-app-error`,
})
type Attachment = {
  readonly fallback: string
  readonly color?: string
  readonly text?: string
  readonly fields?: readonly { readonly title: string; readonly value: string; readonly short: boolean }[]
}
type Body = { readonly text: string; readonly attachments?: readonly Attachment[] }

const read = (event: OutgoingEvent, level: Level = 'rich'): Body =>
  JSON.parse(mattermost.start(event, settings, { level, at: AT }).body)

/** As the server does before it keeps a text: https://github.com/mattermost/mattermost/blob/master/server/channels/app/slack.go */
const translated = (text: string): string =>
  text
    .replaceAll(/<!(here|channel|all|everyone)>/g, '@$1')
    .replaceAll(/<@\w+(?:\|[^>]*)?>/g, '@somebody')
    .replaceAll(/<([^\n<|>]+)\|([^\n>]+)>/g, '[$2]($1)')

const check = (body: unknown, level: Level): void => {
  const { text, attachments = [], ...others } = body as Body // JSON of ours
  assert.deepEqual(others, {}, 'no name, no picture, no channel')
  assert.equal(attachments.length > 0, level === 'rich')
  assert.ok(JSON.stringify(attachments).length + text.length <= 40_000)
  const all = attachments.flatMap(({ text = '', fields = [] }) => [text, ...fields.map(({ value }) => value)])
  for (const shown of [text, ...all]) {
    assert.ok(shown.length <= 16_383)
    assert.equal(translated(shown), shown, 'nothing that the server translates')
    checkMarkdown(shown)
  }
  for (const { fallback } of attachments) assert.match(fallback, /^[\w -]+$/)
}

destinationContract(mattermost, settings, {
  check,
  shownMessage: (body, level) => {
    const { text, attachments = [] } = body as Body
    const shown = level === 'minimal' ? undefined : unfenced(level === 'rich' ? (attachments[1]?.text ?? '') : text)
    return shown?.replaceAll('\u2039', '<')
  },
  answers: [
    ...commonAnswers,
    [{ status: 200, body: 'ok' }, DELIVERED],
    [{ status: 200, body: 'ok\n' }, DELIVERED],
    [{ status: 200, body: '' }, unclear(200)],
    [{ status: 200, body: '<html>Sign in</html>' }, unclear(200)],
    [answer(200, hook('invalid')), unavailable('invalid')],
    [{ status: 204 }, unclear(204)],
    [answer(400, hook('invalid')), unavailable('invalid')],
    [answer(400, hook('text')), refused('text')],
    [answer(400, hook('parse')), refused('parse')],
    [answer(400, hook('attachment')), refused('attachment')],
    [answer(400, hook('split_props_length')), refused('split-props-length')],
    [answer(400, 'something.new'), retry('http-400')],
    [answer(403, hook('channel_locked')), unavailable('channel-locked')],
    [answer(403, hook('permissions')), unavailable('permissions')],
    [answer(404, hook('channel')), unavailable('channel')],
    [answer(404, hook('user')), unavailable('user')],
    [
      answer(400, 'api.post.create_post.can_not_post_to_deleted.error'),
      { kind: 'unavailable', reason: 'mattermost-api-post-create-post-can-not-post-to-deleted-error' },
    ],
    [answer(501, hook('disabled')), unavailable('disabled')],
    [{ status: 501 }, { kind: 'unavailable', reason: 'http-501' }],
    [
      { status: 413, body: '<html>' },
      { kind: 'refused', reason: 'http-413' },
    ],
    [{ status: 429, body: 'limit exceeded', headers: { 'x-ratelimit-reset': '3' } }, retry('http-429', 3_000)],
    [
      { status: 429, body: 'limit exceeded', headers: { 'retry-after': '7', 'x-ratelimit-reset': '3' } },
      retry('http-429', 7_000),
    ],
    [{ status: 429, headers: { 'x-ratelimit-reset': 'soon' } }, retry('http-429', 4_000)],
    [answer(500, 'store.sql'), retry('http-500')],
    [
      { status: 302, headers: { location: '/login' } },
      { kind: 'unavailable', reason: 'redirect' },
    ],
  ],
})

test('the post names type, reference and subject; attachments hold the fields, and the message in a fence', () => {
  const { text, attachments } = read(createdEvent())
  assert.equal(text, `**[Bug SUP-7K3F-Q2MX](${createdEvent().ticketUrl})**: \`My subject\``)
  assert.deepEqual(
    attachments?.[0]?.fields?.map(({ title, value }) => `${title}: ${value}`),
    [
      'Username: `Ada#1234`',
      'Security role: `USER`',
      'Real name: `Ada Lovelace`',
      'E-mail: `ada@sdu.dk`',
      'Request ID: `request-1`',
      'User agent: `Mozilla/5.0 (X11; Linux x86_64)`',
      'Type: `Bug`',
      'Project: `3f2b`',
      'Page: `/app/jobs`',
    ],
  )
  assert.deepEqual(attachments?.[1], {
    fallback: 'Bug SUP-7K3F-Q2MX',
    color: '#c0392b',
    text: '```\nThe job stops after one minute.\nSince yesterday.\n```',
  })
})

test('a reply is told as such; plain is one text', () => {
  assert.match(read(commentedEvent()).text, /^\*\*\[Comment on SUP-7K3F-Q2MX\]\(.*\)\*\*: `My subject`$/)
  assert.equal(
    read(bareEvent({ ticket: { message: '````\nnested' } }), 'plain').text,
    '**Ticket SUP-7K3F-Q2MX**: `My subject`\nUsername: `x`\nSecurity role: `USER`\nRequest ID: `r`\n`````\n````\nnested\n`````',
  )
})

test('tokens of Slack are broken, what only looks like one is left as it is', () => {
  const shown = (message: string) => unfenced(read(createdEvent({ ticket: { message } })).attachments?.[1]?.text ?? '')
  assert.equal(shown('<!channel> <http://evil.example|bank>'), '\u2039!channel> \u2039http://evil.example|bank>')
  assert.equal(shown('List<Map<String, Job>> if (a < b) c > d;'), 'List<Map<String, Job>> if (a < b) c > d;')
})
