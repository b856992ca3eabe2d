import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonAnswers, retry, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract, httpAnswer } from '../../test/contracts/destination.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { checkSlackBody, shownSlackMessage } from '../../test/contracts/slack.ts'
import { isOutcome, type Level, type OutgoingEvent, type RequestStep, type Settings } from '../domain/destination.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'
import slack from './slack.ts'
import slackBot from './slack-bot.ts'

const settings = { token: 'xoxb-not-a-real-token-at-all', channel: 'C0123SUPPORT' }
const refused = (code: string): Outcome => ({ kind: 'refused', reason: `slack-bot-${code}` })
const unavailable = (code: string): Outcome => ({ kind: 'unavailable', reason: `slack-bot-${code}` })
const error = (code: string, headers: Record<string, string> = {}) => ({
  body: JSON.stringify({ ok: false, error: code }),
  headers,
})
const posted = JSON.stringify({ ok: true, channel: 'C0123SUPPORT', ts: '1764028800.000100', message: {} })
const start = (event: OutgoingEvent, level: Level = 'rich', with_: Settings = settings) =>
  slackBot.start(event, with_, { level, at: AT })
const long = (changes = {}) => createdEvent({ ticket: { message: 'ñ "long" 漢 '.repeat(2_000) }, ...changes })

/** The next request after this answer; fails on an outcome. */
const after = (step: RequestStep, body: string): RequestStep => {
  const next = slackBot.next(step, httpAnswer({ body }), AT)
  assert.ok(!isOutcome(next), JSON.stringify(next))
  return next
}
const reserved = (url = 'https://files.slack.com/upload/v1/abc') =>
  JSON.stringify({ ok: true, upload_url: url, file_id: 'F1' })

destinationContract(slackBot, settings, {
  check: (body, level) => {
    const { channel, ...message } = body as Record<string, unknown> // JSON of ours
    assert.equal(channel, settings.channel)
    checkSlackBody(message, level)
  },
  shownMessage: shownSlackMessage,
  answers: [
    ...commonAnswers,
    [{ body: posted }, { kind: 'delivered', ref: '1764028800.000100' }],
    [{ body: '{"ok":true}' }, unclear(200)],
    [{ body: 'ok' }, unclear(200)],
    [{ body: '' }, unclear(200)],
    [{ body: '<html>Sign in</html>' }, unclear(200)],
    [{ status: 202, body: posted }, unclear(202)],
    [{ status: 204 }, unclear(204)],
    [error('invalid_blocks'), refused('invalid-blocks')],
    [error('msg_blocks_too_long'), refused('msg-blocks-too-long')],
    [error('msg_too_long'), refused('msg-too-long')],
    [error('no_text'), refused('no-text')],
    [error('invalid_auth'), unavailable('invalid-auth')],
    [error('token_revoked'), unavailable('token-revoked')],
    [error('account_inactive'), unavailable('account-inactive')],
    [error('missing_scope'), unavailable('missing-scope')],
    [error('channel_not_found'), unavailable('channel-not-found')],
    [error('not_in_channel'), unavailable('not-in-channel')],
    [error('is_archived'), unavailable('is-archived')],
    [error('restricted_action'), unavailable('restricted-action')],
    [error('internal_error'), retry('slack-bot-internal-error')],
    [error('fatal_error'), retry('slack-bot-fatal-error')],
    [error('ratelimited', { 'retry-after': '30' }), retry('slack-bot-ratelimited', 30_000)],
    [error('something_new'), retry('slack-bot-not-ok')],
    // No thread was asked for: then it is one more word that we do not know.
    [error('thread_not_found'), retry('slack-bot-not-ok')],
    [{ status: 429, ...error('ratelimited', { 'retry-after': '1' }) }, retry('http-429', 1_000)],
    [{ status: 429, ...error('ratelimited', { 'retry-after': 'soon' }) }, retry('http-429', 4_000)],
    [{ status: 503 }, retry('http-503')],
    [{ status: 302 }, { kind: 'unavailable', reason: 'redirect' }],
  ],
})

test('the message is the one that a hook gets, with where it goes; the token stands in a header', () => {
  for (const level of slackBot.levels) {
    const { channel, ...message } = JSON.parse(start(createdEvent(), level).body)
    assert.equal(channel, 'C0123SUPPORT')
    const hook = { url: 'https://hooks.slack.com/services/T/B/x' }
    assert.deepEqual(message, JSON.parse(slack.start(createdEvent(), hook, { level, at: AT }).body))
  }
  const { url, headers } = start(createdEvent())
  assert.equal(url, 'https://slack.com/api/chat.postMessage')
  assert.equal(headers.authorization, `Bearer ${settings.token}`)
  const own = start(createdEvent(), 'rich', { ...settings, url: 'https://slack-gov.com/' })
  assert.equal(own.url, 'https://slack-gov.com/api/chat.postMessage')
})

test('what follows lands in the thread of the first message; what comes without one stands by itself', () => {
  const thread = (event: OutgoingEvent) => JSON.parse(start(event).body).thread_ts
  assert.equal(thread(commentedEvent({ outgoing: { ref: '17.1' } })), '17.1')
  assert.equal(thread(commentedEvent()), undefined)
  assert.equal(
    thread(createdEvent({ outgoing: { ref: '17.1' } })),
    undefined,
    'sent again on purpose: not into its own thread',
  )
})

test('a thread that is gone does not keep a reply: it is posted by itself, once', () => {
  const first = start(commentedEvent({ outgoing: { ref: '17.1' } }))
  const second = after(first, JSON.stringify({ ok: false, error: 'thread_not_found' }))
  const { thread_ts: thread, ...rest } = JSON.parse(first.body)
  assert.deepEqual([thread, JSON.parse(second.body)], ['17.1', rest])
  assert.deepEqual(slackBot.next(second, httpAnswer(error('thread_not_found')), AT), retry('slack-bot-not-ok'))
})

test('a long text goes into the thread as a file: its place is asked for, it is sent without the token, and shown', () => {
  const event = long()
  const first = start(event)
  const place = after(first, posted)
  assert.equal(place.url, 'https://slack.com/api/files.getUploadURLExternal')
  assert.equal(place.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.equal(place.body, `filename=message.txt&length=${Buffer.byteLength(event.ticket.message)}`)
  const bytes = after(place, reserved())
  assert.deepEqual([bytes.url, bytes.body], ['https://files.slack.com/upload/v1/abc', event.ticket.message])
  assert.deepEqual(Object.keys(bytes.headers), ['content-type'])
  const done = after(bytes, 'OK - 24000')
  assert.equal(done.url, 'https://slack.com/api/files.completeUploadExternal')
  assert.equal(done.headers.authorization, `Bearer ${settings.token}`)
  assert.deepEqual(JSON.parse(done.body), {
    files: [{ id: 'F1', title: 'The whole message' }],
    channel_id: 'C0123SUPPORT',
    thread_ts: '1764028800.000100',
  })
  assert.deepEqual(slackBot.next(done, httpAnswer({ body: '{"ok":true}' }), AT), {
    kind: 'delivered',
    ref: '1764028800.000100',
  })
})

test('a reply’s file goes into the thread of the reply', () => {
  const message = 'x'.repeat(30_000)
  const first = start(commentedEvent({ event: { message }, outgoing: { ref: '17.1' } }))
  const done = after(after(after(first, posted), reserved()), 'OK')
  assert.equal(JSON.parse(done.body).thread_ts, '17.1')
})

test('whatever becomes of the file, the message is there and is not sent again; where Slack takes no file, the thread says so', () => {
  const place = after(start(long()), posted)
  const bytes = after(place, reserved())
  const done = after(bytes, 'OK')
  const noAnswers = (['timeout', 'reset', 'cut-off', 'blocked'] as const).map(
    failure => ({ kind: 'no-answer', failure, detail: '' }) as const,
  )
  const delivered = { kind: 'delivered', ref: '1764028800.000100' } as const
  const said = (step: RequestStep, answer: Answer): string => {
    const told = slackBot.next(step, answer, AT)
    assert.ok(!isOutcome(told) && told.url === 'https://slack.com/api/chat.postMessage')
    for (const last of [httpAnswer({ body: posted }), httpAnswer({ status: 500 }), ...noAnswers])
      assert.deepEqual(slackBot.next(told, last, AT), delivered)
    const { channel, thread_ts, text } = JSON.parse(told.body)
    assert.deepEqual([channel, thread_ts], ['C0123SUPPORT', '1764028800.000100'])
    return text
  }
  for (const step of [place, bytes, done]) {
    for (const answer of noAnswers) assert.deepEqual(slackBot.next(step, answer, AT), delivered)
    for (const status of [429, 500, 302]) {
      assert.match(
        said(step, httpAnswer({ status })),
        new RegExp(`as a file \\(status ${status}\\); it stands in the ticket`),
      )
    }
  }
  for (const step of [place, done]) {
    const lacking = httpAnswer({ body: '{"ok":false,"error":"missing_scope"}' })
    assert.match(said(step, lacking), /\(missing_scope\).* The bot needs the scope files:write\.$/)
  }
  for (const body of ['', 'null', '<html>', '{"ok":true,"upload_url":7}', '{"ok":false,"error":"<!channel>"}'])
    assert.match(said(place, httpAnswer({ body })), /\(status 200\)/)
})

test('the text goes to no address but Slack’s, whatever an answer says', () => {
  const place = after(start(long()), posted)
  for (const url of [
    'https://evil.example/upload',
    'http://files.slack.com/upload',
    'https://files.slack.com.evil.example/',
    'https://evilslack.com/',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    const next = slackBot.next(place, httpAnswer({ body: reserved(url) }), AT)
    assert.ok(!isOutcome(next) && next.url === start(long()).url && !next.body.includes('x'.repeat(100)), url)
  }
  const own = { ...settings, url: 'http://127.0.0.1:8065/slack' }
  const there = after(start(long(), 'rich', own), posted)
  assert.equal(there.url, 'http://127.0.0.1:8065/slack/api/files.getUploadURLExternal')
  assert.equal(after(there, reserved('http://127.0.0.1:8065/up')).url, 'http://127.0.0.1:8065/up')
})

test('a text that is shown whole, or plainly, makes no file', () => {
  for (const [event, level] of [
    [createdEvent({ ticket: { message: 'x'.repeat(5_000) } }), 'rich'],
    [long(), 'plain'],
    [long(), 'minimal'],
  ] as const) {
    assert.ok(isOutcome(slackBot.next(start(event, level), httpAnswer({ body: posted }), AT)))
  }
})
