/** Slack's answers to an incoming webhook, as recorded: every row of its error table, framed by length and in chunks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../src/domain/outcome.ts'
import { answer } from './server.ts'
import { framed, inChunks, type Shape } from './shapes.ts'
import { delivered, refused, retry, stage, unavailable, unclear } from './stage.ts'

const at = stage()

/** What Slack's edge puts before every body. */
const HEAD = [
  'date: Tue, 25 Nov 2025 00:00:00 GMT',
  'server: Apache',
  'vary: Accept-Encoding',
  'x-frame-options: SAMEORIGIN',
  'strict-transport-security: max-age=31536000; includeSubDomains; preload',
  'referrer-policy: no-referrer',
  'content-type: text/html',
  'x-slack-unique-id: aSTxgK8pQ0mAAQ2vJf5XqAAAADA',
  'x-slack-backend: r',
  'via: envoy-www-iad-main-7f5c, 1.1 slack-prod.tinyspeck.com',
]
const json = (error: string) => JSON.stringify({ ok: false, error })

const rows: readonly (readonly [status: number, body: string, outcome: Outcome, more?: readonly string[]])[] = [
  [200, 'ok', delivered],
  [200, '', unclear(200)],
  [200, 'ok\n', unclear(200)],
  [200, 'OK', unclear(200)],
  [200, 'okay', unclear(200)],
  [200, '{"ok":true}', unclear(200)],
  [201, 'ok', unclear(201)],
  [202, 'ok', unclear(202)],
  [204, '', unclear(204)],
  // 200 with an error: what may have been shown is unclear, a hook that is gone is gone.
  [200, json('invalid_blocks'), unclear(200)],
  [200, 'invalid_payload', unclear(200)],
  [200, json('rate_limited'), unclear(200)],
  [200, json('rollup_error'), unclear(200)],
  [200, json('something_new'), unclear(200)],
  [200, json('channel_is_archived'), unavailable('slack-channel-is-archived')],
  [200, json('invalid_token'), unavailable('slack-invalid-token')],
  [200, 'no_service', unavailable('slack-no-service')],
  [400, 'invalid_payload', refused('slack-invalid-payload')],
  [400, json('invalid_payload'), refused('slack-invalid-payload')],
  [400, 'no_text', refused('slack-no-text')],
  [400, 'missing_text_or_fallback_or_attachments', refused('slack-missing-text-or-fallback-or-attachments')],
  [400, 'too_many_attachments', refused('slack-too-many-attachments')],
  [400, 'invalid_blocks', refused('slack-invalid-blocks')],
  [400, 'invalid_blocks_format', refused('slack-invalid-blocks-format')],
  [400, json('msg_blocks_too_long'), refused('slack-msg-blocks-too-long')],
  [400, json('msg_too_long'), refused('slack-msg-too-long')],
  [400, 'invalid_attachments', refused('slack-invalid-attachments')],
  [400, 'user_not_found', unavailable('slack-user-not-found')],
  [400, 'no_service', unavailable('slack-no-service')],
  [400, '', retry('http-400')],
  [400, 'something_new', retry('http-400')],
  [400, '<html><body><h1>400 Bad Request</h1></body></html>', retry('http-400')],
  [403, 'action_prohibited', unavailable('slack-action-prohibited')],
  [403, 'posting_to_general_channel_denied', unavailable('slack-posting-to-general-channel-denied')],
  [403, 'invalid_token', unavailable('slack-invalid-token')],
  [403, 'team_disabled', unavailable('slack-team-disabled')],
  [403, '', unavailable('http-403')],
  [404, 'channel_not_found', unavailable('slack-channel-not-found')],
  [404, 'no_service', unavailable('slack-no-service')],
  [404, 'no_service_id', unavailable('slack-no-service-id')],
  [404, 'no_active_hooks', unavailable('slack-no-active-hooks')],
  [404, 'no_team', unavailable('slack-no-team')],
  [404, '<html><h1>404 Not Found</h1></html>', unavailable('http-404')],
  [405, '', unavailable('http-405')],
  [410, 'channel_is_archived', unavailable('slack-channel-is-archived')],
  [410, '', unavailable('http-410')],
  [413, '', retry('http-413')],
  [429, 'rate_limited', retry('http-429', 4_000)],
  [429, 'rate_limited', retry('http-429', 1_000), ['retry-after: 1']],
  [429, json('rate_limited'), retry('http-429', 30_000), ['retry-after: 30']],
  [429, '{"retry_after":5,"ok":false,"error":"rate_limited"}', retry('http-429', 5_000), ['retry-after: 5']],
  [500, 'rollup_error', retry('slack-rollup-error')],
  [500, 'rollup_error', retry('slack-rollup-error', 60_000), ['retry-after: 60']],
  [500, '', retry('http-500')],
  [503, 'no healthy upstream', retry('http-503')],
  [503, 'upstream connect error or disconnect/reset before headers', retry('http-503')],
]

for (const [status, body, outcome, more = []] of rows) {
  const means = 'reason' in outcome ? `${outcome.kind} (${outcome.reason})` : outcome.kind
  const wait = 'waitMs' in outcome ? ` for ${outcome.waitMs} ms` : ''
  test(`Slack answers ${status} ${JSON.stringify(body)}: ${means}${wait}`, async () => {
    const shape: Shape = { status, body, headers: [...HEAD, ...more] }
    // 204 has no body, so there is nothing to put into chunks.
    for (const bytes of status === 204 ? [framed(shape)] : [framed(shape), inChunks(shape)]) {
      const learned = await at.attempt('slack', answer(bytes))
      assert.deepEqual(learned, { outcome, status, excerpt: body.trim() || null })
    }
  })
}
