import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  commonAnswers,
  deliveredAs,
  LOGIN_PAGE,
  refused,
  retry,
  unavailable,
  unclear,
} from '../../test/contracts/chat-answers.ts'
import { destinationContract, httpAnswer } from '../../test/contracts/destination.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { isOutcome, type Level } from '../domain/destination.ts'
import matrix from './matrix.ts'

const settings = {
  url: 'https://matrix.example.org',
  token: 'syt_bm90YXJlYWx0b2tlbg',
  room: '!OGEhHVWSdvArJzumhm:example.org',
}
type Body = Record<string, string> & { readonly 'm.mentions': unknown }
const start = (event = createdEvent(), level: Level = 'rich', with_: Record<string, string> = settings) =>
  matrix.start(event, with_, { level, at: AT })
const no = (status: number, errcode: string) => ({ status, body: JSON.stringify({ errcode, error: 'in words' }) })

/** The message in a room, by the HTML that a client shows. */
const messageOf = (html: string): string =>
  (/<pre><code>\n(.*)<\/code><\/pre>$/s.exec(html)?.[1] ?? assert.fail('no message')).replace(/&#(\d+);/g, (_, code) =>
    String.fromCodePoint(Number(code)),
  )

destinationContract(matrix, settings, {
  read: body => JSON.parse(body.replaceAll('<br>', '\\n').replaceAll('<pre><code>', '<pre><code>\\n')),
  check: (body, level) => {
    const { msgtype, body: text, format, formatted_body: html, ...rest } = body as Body
    assert.equal(msgtype, 'm.notice')
    assert.deepEqual(rest, { 'm.mentions': {} })
    assert.ok(text && Buffer.byteLength(JSON.stringify(body)) <= 60_000)
    assert.equal(format, level === 'rich' ? 'org.matrix.custom.html' : undefined)
    if (html === undefined) return
    // No element but ours, and none of them with an attribute but the link to the ticket.
    const elements = html.match(/<[^>]*>?/g) ?? []
    assert.deepEqual(
      elements
        .filter(element => !/^<\/?(?:strong|code|pre|a)>$/.test(element))
        .map(element => element.replace(/console\/.*"/, 'console/…"')),
      html.includes('<a ') ? ['<a href="https://support.example.org/console/…">'] : [],
    )
    assert.doesNotMatch(html.replace(/&#\d+;/g, ''), /&/)
  },
  shownMessage: (body, level) => (level === 'rich' ? messageOf((body as Body).formatted_body ?? '') : undefined),
  answers: [
    ...commonAnswers,
    [
      { status: 200, body: '{"event_id":"$143273582443PhrSn:example.org"}' },
      deliveredAs('$143273582443PhrSn:example.org'),
    ],
    [{ status: 200, body: '{}' }, unclear(200)],
    [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
    [no(413, 'M_TOO_LARGE'), refused('matrix-m-too-large')],
    [no(400, 'M_BAD_JSON'), refused('matrix-m-bad-json')],
    [no(400, 'M_NOT_JSON'), refused('matrix-m-not-json')],
    [no(400, 'M_UNKNOWN'), retry('http-400')],
    [no(401, 'M_UNKNOWN_TOKEN'), unavailable('matrix-m-unknown-token')],
    [no(401, 'M_MISSING_TOKEN'), unavailable('matrix-m-missing-token')],
    [no(403, 'M_FORBIDDEN'), unavailable('matrix-m-forbidden')],
    [no(403, 'M_USER_DEACTIVATED'), unavailable('matrix-m-user-deactivated')],
    [no(404, 'M_NOT_FOUND'), unavailable('matrix-m-not-found')],
    [{ status: 429, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}' }, retry('http-429', 2_000)],
    [
      { status: 429, headers: { 'retry-after': '9' }, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}' },
      retry('http-429', 9_000),
    ],
  ],
})

test('a repetition is the same message: its transaction is the delivery', () => {
  const { method, url, headers } = start()
  assert.equal(method, 'PUT')
  assert.equal(
    url,
    `https://matrix.example.org/_matrix/client/v3/rooms/!OGEhHVWSdvArJzumhm%3Aexample.org/send/m.room.message/${createdEvent().deliveryId}`,
  )
  assert.equal(headers.authorization, `Bearer ${settings.token}`)
  assert.equal(start(createdEvent(), 'minimal').url, url)
})

test('an alias is asked for first, and what it leads to gets the message', () => {
  const asking = start(createdEvent(), 'rich', { ...settings, room: '#support:example.org' })
  assert.equal(asking.method, 'GET')
  assert.equal(asking.url, 'https://matrix.example.org/_matrix/client/v3/directory/room/%23support%3Aexample.org')
  const sending = matrix.next(
    asking,
    httpAnswer({ body: `{"room_id":"${settings.room}","servers":["example.org"]}` }),
    AT,
  )
  assert.ok(!isOutcome(sending))
  assert.deepEqual({ ...sending, state: null }, { ...start(), state: null })
  const outcomeOf = (answer: ReturnType<typeof httpAnswer>) => matrix.next(asking, answer, AT)
  assert.deepEqual(outcomeOf(httpAnswer(no(404, 'M_NOT_FOUND'))), unavailable('matrix-m-not-found'))
  assert.deepEqual(outcomeOf(httpAnswer({ body: LOGIN_PAGE })), unclear(200))
  assert.deepEqual(outcomeOf(httpAnswer({ status: 503 })), retry('http-503'))
})

test('what follows stands in the thread of the first message', () => {
  const { 'm.relates_to': relation } = JSON.parse(start(commentedEvent({ outgoing: { ref: '$first' } })).body)
  assert.deepEqual(relation, {
    rel_type: 'm.thread',
    event_id: '$first',
    is_falling_back: true,
    'm.in_reply_to': { event_id: '$first' },
  })
})
