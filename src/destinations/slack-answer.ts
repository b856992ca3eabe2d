/** What Slack's answers to an incoming webhook mean. The codes are plain words in the body; the status alone says too little. */
import { classify, type KnownAnswer } from '../domain/classify.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'
import { words } from './answer-rules.ts'

const REFUSED = words(`invalid_payload invalid_blocks invalid_blocks_format invalid_attachments no_text
  missing_text_or_fallback_or_attachments too_many_attachments msg_too_long msg_blocks_too_long`)
const UNAVAILABLE =
  words(`action_prohibited channel_is_archived channel_not_found invalid_token no_active_hooks no_service
  no_service_id no_team posting_to_general_channel_denied team_disabled user_not_found`)

const CODES: ReadonlyMap<string, KnownAnswer['as']> = new Map([
  ...REFUSED.map(code => [code, 'refused'] as const),
  ...UNAVAILABLE.map(code => [code, 'unavailable'] as const),
  ['rollup_error', 'retry'],
  ['rate_limited', 'limited'],
])

/** Success is 200 with the body `ok`, and nothing else: a proxy's login page is a 200, too. */
export const slackOutcome = (answer: Answer, now: number): Outcome =>
  classify(answer, { now, isDelivered: ({ status, body }) => status === 200 && body === 'ok', known })

const known = ({ status, body }: { readonly status: number; readonly body: string }): KnownAnswer | undefined => {
  const code = codeIn(body)
  const as = CODES.get(code)
  // 429 says it all: one reason for it, with Slack's word in the body or without.
  if (as === undefined || status === 429) return undefined
  // Under a 2xx a payload error may be about a part of what was shown; a deleted hook is a deleted hook.
  if (as !== 'unavailable' && status >= 200 && status < 300) return undefined
  return { as, reason: `slack-${code.replaceAll('_', '-')}` }
}

/** The word, alone or as `error` of a JSON object. */
const codeIn = (body: string): string =>
  /^\s*(?:\{.*"error"\s*:\s*")?([a-z_]{1,60})(?:".*\})?\s*$/s.exec(body.slice(0, 1_000))?.[1] ?? ''
