/** Every row: what it promises like any kind, its limit, its dialect, and what its answers mean. */
import assert from 'node:assert/strict'
import { type ContractOptions, destinationContract } from '../../test/contracts/destination.ts'
import { checkMarkdown } from '../../test/contracts/markdown.ts'
import { AT } from '../../test/contracts/outgoing.ts'
import { checkShortFence, unfenced } from '../../test/contracts/unfenced.ts'
import type { Settings } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import { fromRow } from './row.ts'
import { rows } from './rows.ts'

const delivered: Outcome = { kind: 'delivered' }
const refused = (reason: string): Outcome => ({ kind: 'refused', reason })
const unavailable = (reason: string): Outcome => ({ kind: 'unavailable', reason })
const retry = (reason: string, waitMs?: number): Outcome =>
  waitMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, waitMs, cut: false }
const unclear = (status: number): Outcome => ({ kind: 'unclear', reason: `unconfirmed-http-${status}` })

type Case = {
  readonly settings: Settings
  /** The text in the body. */
  readonly text: (body: unknown) => unknown
  readonly maxBytes: number
  /** The message within the text. Default: the lines that are quoted. */
  readonly message?: (text: string) => string | undefined
  /** Throws when something of a user's is alive in the text. */
  readonly check?: (text: string) => void
  readonly answers: ContractOptions['answers']
}

const quoted = (text: string): string =>
  text
    .split('\n')
    .filter(line => line.startsWith('> '))
    .map(line => line.slice(2))
    .join('\n')

const cases: Readonly<Record<string, Case>> = {
  gotify: {
    settings: { url: 'https://push.example.org/gotify/', token: 'AbCdEfGhIjKlMnO' },
    text: body => (body as { message: string }).message,
    maxBytes: 60_000,
    answers: [
      [{ status: 200, body: '{"id":7}' }, delivered],
      [{ status: 200, body: '<html>Sign in</html>' }, unclear(200)],
      [{ status: 400, body: '{"error":"Bad Request"}' }, refused('http-400')],
      [{ status: 401 }, unavailable('http-401')],
      [{ status: 403 }, unavailable('http-403')],
    ],
  },
  rocketchat: {
    settings: { url: 'https://chat.example.org/hooks/notarealintegration/notarealtokenatall' },
    text: body => {
      const { text, ...others } = body as { text: string } // JSON of ours
      assert.deepEqual(others, { parseUrls: false }, 'no previews; no name, no picture, no channel')
      return text
    },
    maxBytes: 27_000,
    message: text => unfenced(text)?.replaceAll('@\u200b', '@'),
    check: text => {
      assert.ok(text.length <= 5_000)
      checkMarkdown(text)
      checkShortFence(text)
      // https://github.com/RocketChat/Rocket.Chat/blob/develop/apps/meteor/app/mentions/lib/MentionsParser.ts: code is no matter to it.
      assert.doesNotMatch(text, /(?:^|\s|>)@[\w.-]/m)
    },
    answers: [
      [{ status: 200, body: '{"success":true}' }, delivered],
      [{ status: 200, body: 'thanks' }, delivered],
      [{ status: 200, body: '' }, unclear(200)],
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
      [{ status: 429, body: '{"success":false,"errorType":"error-too-many-requests"}' }, retry('http-429')],
      [{ status: 429, headers: { 'x-ratelimit-reset': String(AT + 23_000) } }, retry('http-429', 23_000)],
      [{ status: 429, headers: { 'x-ratelimit-reset': String(AT - 1) } }, retry('http-429')],
      // A disabled integration looks like a server that is busy.
      [{ status: 503, body: 'Service Unavailable' }, retry('http-503')],
      [{ status: 307 }, unavailable('redirect')],
    ],
  },
}

for (const row of rows) {
  const {
    settings,
    text,
    maxBytes,
    answers,
    message = quoted,
    check,
  } = cases[row.kind] ?? assert.fail(`${row.kind} has no case`)
  const shown = (body: unknown) => {
    const value = text(body)
    assert.ok(typeof value === 'string')
    return value
  }
  destinationContract(fromRow(row), settings, {
    ...(answers && { answers }),
    check: body => {
      assert.ok(Buffer.byteLength(JSON.stringify(shown(body))) - 2 <= maxBytes)
      check?.(shown(body))
    },
    shownMessage: (body, level) => (level === 'minimal' ? undefined : message(shown(body))),
  })
}
