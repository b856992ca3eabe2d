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
import { destinationContract } from '../../test/contracts/destination.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import telegram from './telegram.ts'

const settings = { token: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw', chat: '-1001557912345' }
type Body = {
  readonly text: string
  readonly entities: readonly { readonly type: string; readonly offset: number; readonly length: number }[]
  readonly [key: string]: unknown
}
const partsOf = ({ text, entities }: Body) =>
  entities.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)] as const)
const messageOf = (body: Body) => partsOf(body).find(([type]) => type === 'pre')?.[1]
const start = (event = createdEvent()) => telegram.start(event, settings, { level: 'plain', at: AT })
const no = (description: string) => ({ status: 400, body: JSON.stringify({ ok: false, error_code: 400, description }) })

destinationContract(telegram, settings, {
  check: (body, level) => {
    const { text, entities, ...rest } = body as Body
    assert.deepEqual(rest, { chat_id: settings.chat, link_preview_options: { is_disabled: true } }, 'no parse_mode')
    assert.ok(text.length > 0 && text.length <= 4_096)
    let last = 0
    for (const { offset, length } of entities) {
      assert.ok(offset >= last && length > 0 && offset + length <= text.length, 'in order, and within the text')
      last = offset + length
    }
    // What is outside of code is ours alone.
    const outside = partsOf(body as Body)
      .filter(([type]) => type !== 'bold')
      .reduce((rest, [, part]) => rest.replace(part, ''), text)
    assert.doesNotMatch(outside.replace(/https:\/\/support\.example\.org\/\S+/, ''), /[@#/<>*_`[]/, level)
  },
  shownMessage: (body, level) => (level === 'minimal' ? undefined : messageOf(body as Body)),
  answers: [
    ...commonAnswers,
    [{ status: 200, body: '{"ok":true,"result":{"message_id":7,"chat":{"id":-1001557912345}}}' }, deliveredAs('7')],
    [{ status: 200, body: '{"ok":false}' }, unclear(200)],
    [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
    [{ status: 200 }, unclear(200)],
    [no('Bad Request: message is too long'), refused('http-400')],
    [no("Bad Request: can't parse entities: Can't find end of the entity"), refused('http-400')],
    [no('Bad Request: chat not found'), unavailable('telegram-bad-request-chat-not-found')],
    [no('Bad Request: message thread not found'), unavailable('telegram-bad-request-message-thread-not-found')],
    [
      {
        status: 400,
        body: '{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001557912399}}',
      },
      unavailable('telegram-migrate-to-chat-id-1001557912399'),
    ],
    [
      {
        status: 400,
        body: '{"ok":false,"description":"In other words","parameters":{"migrate_to_chat_id":-1001557912399}}',
      },
      unavailable('telegram-migrate-to-chat-id-1001557912399'),
    ],
    [
      no('Bad Request: group chat was upgraded to a supergroup chat'),
      unavailable('telegram-bad-request-group-chat-was-upgraded-to-a-supergroup-chat'),
    ],
    [{ status: 401, body: '{"ok":false,"error_code":401,"description":"Unauthorized"}' }, unavailable('http-401')],
    [{ status: 403, body: '{"ok":false,"description":"Forbidden: bot was kicked"}' }, unavailable('http-403')],
    [{ status: 429, body: '{"ok":false,"error_code":429,"parameters":{"retry_after":35}}' }, retry('http-429', 35_000)],
  ],
})

test('the message as people see it: our words bold, theirs as code', () => {
  const { url, body } = start()
  assert.equal(url, `https://api.telegram.org/bot${settings.token}/sendMessage`)
  const sent: Body = JSON.parse(body)
  assert.match(sent.text, /^Bug SUP-7K3F-Q2MX: My subject\nUsername: Ada#1234\n/)
  assert.deepEqual(partsOf(sent), [
    ['bold', 'Bug SUP-7K3F-Q2MX'],
    ...['My subject', 'Ada#1234', 'USER', 'Ada Lovelace', 'ada@sdu.dk', 'request-1'].map(part => ['code', part]),
    ...['Mozilla/5.0 (X11; Linux x86_64)', 'Bug', '3f2b', '/app/jobs'].map(part => ['code', part]),
    ['pre', 'The job stops after one minute.\nSince yesterday.'],
  ])
})

test('what follows answers the first message, wherever that is by then', () => {
  const { reply_parameters } = JSON.parse(start(commentedEvent({ outgoing: { ref: '7' } })).body)
  assert.deepEqual(reply_parameters, { message_id: 7, allow_sending_without_reply: true })
})
