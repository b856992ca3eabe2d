/** Slack, by a bot's token (https://docs.slack.dev/reference/methods/chat.postMessage): the same message as by a hook, later events in the
 *  thread of the first, and a long text whole as a file. Scopes: chat:write, files:write. */
import type { DestinationKind, RequestStep, Settings } from '../domain/destination.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'
import { type AnswerRules, jsonOf, outcomeBy, valueAt, words } from './answer-rules.ts'
import { postJson } from './post.ts'
import { bearer, shaped, textSetting, under, urlProblem } from './settings.ts'
import { slackPost } from './slack-message.ts'
import { slackNotice } from './slack-text.ts'
import { nextOfUpload, reserveFile, type Upload } from './slack-upload.ts'

type State = { readonly kind: 'post'; readonly whole: string | null } | Upload

const answers: AnswerRules = {
  // Failures are 200, too: the body says which.
  success: [200],
  confirmed: json => valueAt(json, '/ok') === true && typeof valueAt(json, '/ts') === 'string',
  code: ['/error'],
  codes: {
    refused: words(
      `invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text too_many_attachments`,
    ),
    unavailable: words(`access_denied accesslimited account_inactive channel_not_found ekm_access_denied invalid_auth
      is_archived missing_scope no_permission not_allowed_token_type not_authed not_in_channel
      org_login_required restricted_action team_access_not_granted token_expired token_revoked`),
    retry: ['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable', 'team_added_to_org'],
    limited: ['rate_limited', 'ratelimited'],
  },
  statuses: { 413: 'refused' },
  ref: '/ts',
}
const NO_BOT_TOKEN = 'The token of a bot begins with xoxb-; it stands under OAuth & Permissions of the app.'
/** The message that began the thread is gone. */
const NO_THREAD = new Set(['cannot_reply_to_message', 'message_not_found', 'thread_not_found'])

const post = (settings: Settings, body: string, whole: string | null): RequestStep => {
  const headers = { 'content-type': 'application/json; charset=utf-8', ...bearer(settings.token) }
  const state: State = { kind: 'post', whole }
  return { ...postJson(under(settings, '/api/chat.postMessage', 'https://slack.com'), body, headers), state }
}

const nextOfPost = (step: RequestStep, whole: string | null, answer: Answer, now: number): RequestStep | Outcome => {
  const json = answer.kind === 'answer' ? jsonOf(answer.body) : undefined
  const outcome = outcomeBy('slack-bot', answers, answer, now)
  const channel = valueAt(json, '/channel')
  if (outcome.kind === 'delivered' && whole !== null && typeof channel === 'string' && outcome.ref !== undefined) {
    const { thread_ts: thread = outcome.ref } = JSON.parse(step.body)
    return reserveFile(step, { ref: outcome.ref, channel, thread, whole })
  }
  if (outcome.kind !== 'unclear' || valueAt(json, '/ok') !== false) return outcome
  const { thread_ts: thread, ...rest } = JSON.parse(step.body)
  if (thread !== undefined && NO_THREAD.has(String(valueAt(json, '/error')))) {
    return { ...step, body: JSON.stringify(rest) }
  }
  // A no in a word that we do not know is still a no.
  return { kind: 'retry', reason: 'slack-bot-not-ok' }
}

const slackBot: DestinationKind<RequestStep> = {
  kind: 'slack-bot',
  title: 'Slack, by a bot’s token',
  documentation: 'https://docs.slack.dev/reference/methods/chat.postMessage',
  settings: {
    token: shaped({ title: 'Token of the bot (xoxb-…)', type: 'secret' }, /^(?!xox[^b]-|https?:)/, NO_BOT_TOKEN),
    channel: { title: 'Channel, by its id or name', type: 'text' },
    url: {
      title: 'Address of the service, where it is not https://slack.com',
      type: 'url',
      optional: true,
      problem: urlProblem,
    },
  },
  rate: { count: 1, perMs: 1_000 },
  concurrency: 1,
  levels: ['rich', 'plain', 'minimal'],
  vendorHosts: /^(?:files\.)?slack(?:-gov)?\.com$/,
  isPrivate: true,
  start(event, settings, { level }) {
    const isReply = event.ref !== null && event.event.kind !== 'CREATED'
    const place = { channel: textSetting(settings, 'channel'), ...(isReply && { thread_ts: event.ref }) }
    const { body, whole } = slackPost(event, level, place)
    return post(settings, body, whole)
  },
  notice: (notice, settings) =>
    post(settings, slackNotice(notice, { channel: textSetting(settings, 'channel') }), null),
  next(step, answer, now) {
    const state = step.state as State // every step of this kind was made here
    return state.kind === 'post' ? nextOfPost(step, state.whole, answer, now) : nextOfUpload(step, state, answer)
  },
}

export default slackBot
