/** The requests of a bot's long message, over a real network: each byte as Slack gets it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import slackBot from '../src/destinations/slack-bot.ts'
import { systemClock } from '../src/domain/clock.ts'
import { converse } from '../src/engine/attempt.ts'
import { createHttpTransport } from '../src/transport/http.ts'
import { AT, createdEvent } from './contracts/outgoing.ts'
import { type Receiver, type Reply, startReceiver } from './support/receiver.ts'

let slack: Receiver
const transport = createHttpTransport({ allow: ['127.0.0.0/8'], clock: systemClock })
before(async () => {
  slack = await startReceiver()
})
after(async () => {
  await transport.close()
  await slack.close()
})

/** As the real one answers, to what it checks of a request. */
const api: Reply = ({ path, headers, body }, response) => {
  const say = (answer: object | string) =>
    void response.writeHead(200).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  const isKnown = headers.authorization === 'Bearer xoxb-1'
  if (path === '/upload/F7') return say(`OK - ${Buffer.byteLength(body)}`)
  if (!isKnown) return say({ ok: false, error: 'invalid_auth' })
  if (path === '/api/chat.postMessage') return say({ ok: true, channel: 'C1', ts: '17.1' })
  if (path === '/api/files.getUploadURLExternal') {
    const form = new URLSearchParams(body)
    const isComplete = form.get('filename') !== null && Number(form.get('length')) > 0
    return say(
      isComplete
        ? { ok: true, upload_url: `${slack.url}/upload/F7`, file_id: 'F7' }
        : { ok: false, error: 'invalid_arguments' },
    )
  }
  return say({ ok: true, files: [{ id: 'F7' }] })
}

test('a message above the limit is posted, and its whole text stored byte for byte under the length that was announced', async () => {
  slack.reply = api
  const settings = { token: 'xoxb-1', channel: '#support', url: slack.url }
  const message = 'ñ 👩‍👩‍👧 "quoted" & <b>\n'.repeat(20_000)
  const destination = { name: 'bot', kind: slackBot, settings, rate: null, concurrency: 1, timeoutMs: 15_000 }
  const first = slackBot.start(createdEvent({ ticket: { message } }), settings, { level: 'rich', at: AT })
  const { outcome } = await converse(
    { transport, clock: systemClock },
    destination,
    first,
    new AbortController().signal,
    systemClock.monotonic(),
  )
  assert.deepEqual(outcome, { kind: 'delivered', ref: '17.1' })
  assert.deepEqual(
    slack.received.map(({ path }) => path),
    ['/api/chat.postMessage', '/api/files.getUploadURLExternal', '/upload/F7', '/api/files.completeUploadExternal'],
  )
  const [, reserve, upload, complete] = slack.received
  assert.equal(new URLSearchParams(reserve?.body).get('length'), String(upload?.bytes.length))
  assert.equal(upload?.body, message)
  assert.equal(upload?.headers.authorization, undefined)
  assert.deepEqual(JSON.parse(complete?.body ?? ''), {
    files: [{ id: 'F7', title: 'The whole message' }],
    channel_id: 'C1',
    thread_ts: '17.1',
  })
})
