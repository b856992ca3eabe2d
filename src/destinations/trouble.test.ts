/** What goes wrong at a service after it was set up is told as what it is, with what to do: by the reason that is stored (staff's page, alerts) and
 *  by the answer to a test message (command line, staff's page). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleSettings } from '../../scripts/docs/destination-pages.ts'
import { AT, createdEvent } from '../../test/contracts/outgoing.ts'
import { adviceFor, adviceOnTest } from '../domain/advice.ts'
import { isOutcome } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'
import { destinationKinds } from './index.ts'

const json = (value: unknown) => JSON.stringify(value)
const mattermost = (id: string) => json({ id, message: 'in words', status_code: 400 })
const telegram = (description: string, parameters?: object) =>
  json({ ok: false, error_code: 400, description, parameters })
const error = (code: string) => json({ error: { code, message: 'in words' } })
const said = (error: string) => json({ ok: false, error })
const smtp = (command: string, line: string, words: string): Row => [
  'email',
  Number(line.slice(0, 3)),
  `${words}: ${line}`,
  { command },
]

const invalidEvent = (error: string) =>
  json({ status: 'invalid event', message: 'Event object is invalid', errors: [error] })

type Row = readonly [kind: string, status: number, body: string, headers?: Readonly<Record<string, string>>]

const troubles: Readonly<Record<string, { readonly told: RegExp; readonly rows: readonly Row[] }>> = {
  'a wrong token': {
    told: /token, key or password is wrong or was withdrawn\. Make a new one/,
    rows: [
      ['slack', 403, 'invalid_token'],
      ['slack-bot', 200, said('token_revoked')],
      ['slack-bot', 200, said('token_expired')],
      ['slack-bot', 200, said('invalid_auth')],
      ['slack-bot', 200, said('not_authed')],
      ['discord', 401, json({ message: 'Invalid Webhook Token', code: 50027 })],
      ['matrix', 401, json({ errcode: 'M_UNKNOWN_TOKEN', error: 'in words' })],
      ['google-chat', 401, json({ error: { code: 401, status: 'UNAUTHENTICATED' } })],
      ['zulip', 401, json({ result: 'error', code: 'INVALID_API_KEY', msg: 'in words' })],
      ['zulip', 401, json({ result: 'error', code: 'UNAUTHORIZED', msg: 'in words' })],
      ['ntfy', 401, json({ code: 40101, http: 401 })],
      ['teams', 401, error('AuthorizationFailed')],
      ['github', 401, json({ message: 'Bad credentials' })],
      ['telegram', 401, telegram('Unauthorized')],
      ['gotify', 401, ''],
    ],
  },
  'a setting that names nothing there': {
    told: /does not know the .* that `(?:routingKey|apiKey|url|group|queue|project|topic|chat)` of the destination names.*Compare/,
    rows: [
      ['pagerduty', 400, invalidEvent('Invalid routing key')],
      ['pagerduty', 400, invalidEvent("'routing_key' is missing or blank")],
      ['pagerduty', 400, invalidEvent("Length of 'routing_key' is incorrect (should be 32 characters)")],
      ['jsm-ops', 422, json({ message: 'Key format is not valid!', took: 0.001, requestId: '43a2' })],
      [
        'google-chat',
        400,
        json({
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
            details: [{ reason: 'API_KEY_INVALID', domain: 'googleapis.com' }],
          },
        }),
      ],
      ['dingtalk', 200, json({ errcode: 300001, errmsg: 'token is not exist' })],
      ['ntfy', 400, json({ code: 40009, http: 400, error: 'invalid request: topic invalid' })],
      ['ntfy', 400, json({ code: 40010, http: 400, error: 'invalid request: topic name is not allowed' })],
      ['telegram', 400, telegram('Bad Request: chat_id is empty')],
      ['zammad', 422, json({ error: `No lookup value found for 'group': "Users"` })],
      ['request-tracker', 400, json({ message: 'Invalid queue' })],
      ['request-tracker', 400, json({ message: 'Could not find queue' })],
      ['request-tracker', 400, json({ message: 'Could not create ticket. Queue not set' })],
      ['redmine', 422, json({ errors: ['Priority cannot be blank', 'Tracker is not included in the list'] })],
    ],
  },
  'a project or type that is not there': {
    told: /does not know the project, or the type of issue that `issueType` names, that `project` of the destination names/,
    rows: [
      ['jira', 400, json({ errorMessages: [], errors: { project: 'valid project is required' } })],
      ['jira', 400, json({ errorMessages: [], errors: { issuetype: 'The issue type selected is invalid.' } })],
    ],
  },
  'a field that the service was set to ask for': {
    told: /set to ask for a field of its own.*make that field optional/,
    rows: [
      ['jira', 400, json({ errorMessages: [], errors: { customfield_10042: 'Team is required.' } })],
      ['redmine', 422, json({ errors: ['Category cannot be blank'] })],
      [
        'freshdesk',
        400,
        json({ description: 'Validation failed', errors: [{ field: 'group_id', code: 'missing_field' }] }),
      ],
    ],
  },
  'a deleted hook': {
    told: /deleted|not there any more\. Make a new one/,
    rows: [
      ['slack', 404, 'no_service'],
      ['slack', 404, 'no_team'],
      ['discord', 404, json({ message: 'Unknown Webhook', code: 10015 })],
      ['mattermost', 400, mattermost('web.incoming_webhook.invalid.app_error')],
      ['rocketchat', 404, json({ success: false, error: 'Invalid integration id or token provided.' })],
      ['teams', 404, error('WorkflowNotFound')],
      ['lark', 200, json({ code: 19001, msg: 'in words' })],
      ['dingtalk', 200, json({ errcode: 300005, errmsg: 'in words' })],
      ['wecom', 200, json({ errcode: 93000, errmsg: 'in words' })],
      ['webhook', 410, ''],
    ],
  },
  'an archived channel': {
    told: /archived, or closed to messages\. Open it there again/,
    rows: [
      ['slack', 410, 'channel_is_archived'],
      ['slack-bot', 200, said('is_archived')],
      ['mattermost', 400, mattermost('api.post.create_post.can_not_post_to_deleted.error')],
      ['mattermost', 400, mattermost('api.post.create_post.town_square_read_only')],
      ['rocketchat', 400, json({ success: false, error: 'room_is_read_only' })],
      ['telegram', 400, telegram('Bad Request: TOPIC_CLOSED')],
    ],
  },
  'a channel that is gone or renamed': {
    told: /not there any more, has another name now|deleted or renamed/,
    rows: [
      ['slack', 404, 'channel_not_found'],
      ['slack', 400, 'user_not_found'],
      ['slack-bot', 200, said('channel_not_found')],
      ['discord', 404, json({ message: 'Unknown Channel', code: 10003 })],
      ['mattermost', 404, mattermost('web.incoming_webhook.channel.app_error')],
      ['rocketchat', 400, json({ success: false, error: 'error-invalid-room' })],
      ['rocketchat', 200, json({ success: false, error: 'invalid-channel' })],
      ['google-chat', 404, json({ error: { code: 404, status: 'NOT_FOUND' } })],
      ['zulip', 400, json({ result: 'error', code: 'STREAM_DOES_NOT_EXIST', msg: 'in words' })],
      ['matrix', 404, json({ errcode: 'M_NOT_FOUND', error: 'in words' })],
      ['telegram', 400, telegram('Bad Request: chat not found')],
      ['github', 404, json({ message: 'Not Found' })],
    ],
  },
  'a chat that moved': {
    told: /The chat has a new id: -1001557912345\. Write it as `chat`/,
    rows: [
      [
        'telegram',
        400,
        telegram('Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001557912345 }),
      ],
    ],
  },
  'a permission that was revoked': {
    told: /does not let us write there\. Give the token, bot or user the right/,
    rows: [
      [
        'zulip',
        400,
        json({ result: 'error', code: 'BAD_REQUEST', msg: "Not authorized to send to channel 'support'" }),
      ],
      ['telegram', 400, telegram('Bad Request: CHAT_RESTRICTED')],
      ['slack', 403, 'action_prohibited'],
      ['slack', 403, 'posting_to_general_channel_denied'],
      ['slack-bot', 200, said('missing_scope')],
      ['slack-bot', 200, said('not_in_channel')],
      ['slack-bot', 200, said('restricted_action')],
      ['slack-bot', 200, said('team_access_not_granted')],
      ['slack-bot', 200, said('accesslimited')],
      ['discord', 403, json({ message: 'Missing Permissions', code: 50013 })],
      ['mattermost', 403, mattermost('web.incoming_webhook.permissions.app_error')],
      ['mattermost', 403, mattermost('web.incoming_webhook.channel_locked.app_error')],
      ['rocketchat', 400, json({ success: false, error: 'error-not-allowed' })],
      ['google-chat', 403, json({ error: { code: 403, status: 'PERMISSION_DENIED' } })],
      ['matrix', 403, json({ errcode: 'M_FORBIDDEN', error: 'in words' })],
      ['telegram', 403, telegram('Forbidden: bot was kicked from the group chat')],
      ['telegram', 400, telegram('Bad Request: not enough rights to send text messages to the chat')],
      ['ntfy', 403, json({ code: 40301, http: 403 })],
      ['teams', 401, error('DirectApiAuthorizationRequired')],
      ['gitlab', 403, json({ message: '403 Forbidden' })],
    ],
  },
  'an integration that is switched off': {
    told: /switched off/,
    rows: [
      ['slack', 403, 'team_disabled'],
      ['slack-bot', 200, said('account_inactive')],
      ['mattermost', 501, mattermost('web.incoming_webhook.disabled.app_error')],
      ['teams', 400, error('WorkflowTriggerIsNotEnabled')],
      ['zulip', 400, json({ result: 'error', code: 'REALM_DEACTIVATED', msg: 'in words' })],
      ['matrix', 403, json({ errcode: 'M_USER_DEACTIVATED', error: 'in words' })],
    ],
  },
  'security settings of a robot': {
    told: /secret, its keywords or its list of addresses/,
    rows: [
      ['dingtalk', 200, json({ errcode: 310000, errmsg: 'in words' })],
      ['lark', 200, json({ code: 19021, msg: 'in words' })],
      ['feishu', 200, json({ code: 19024, msg: 'in words' })],
    ],
  },
  'a mail server that wants another login': {
    told: /does not take the login|offers no TLS/,
    rows: [
      smtp('AUTH', '535 5.7.8 Authentication credentials invalid', 'The login was refused'),
      smtp('AUTH', '534 5.7.9 Mechanism is too weak', 'The login was refused'),
      smtp('MAIL', '530 5.7.0 Authentication Required', 'The sender or the size was refused'),
      smtp('RCPT', '530 Authentication required', 'The recipient was refused'),
      smtp('MAIL', '530 5.7.0 Must issue a STARTTLS command first', 'The sender or the size was refused'),
    ],
  },
  'a mailbox that is gone or full': {
    told: /refuses the mailbox, or us as its sender.*Correct `to` or `from`/,
    rows: [
      smtp('RCPT', '550 5.1.1 No such user', 'The recipient was refused'),
      smtp('RCPT', '552 5.2.2 Mailbox full', 'The recipient was refused'),
      smtp('RCPT', '554 5.7.1 Relay access denied', 'The recipient was refused'),
      smtp('MAIL', '553 5.1.8 Domain of sender does not exist', 'The sender or the size was refused'),
      smtp('GREETING', '554 5.7.1 Blocked by our list', 'The server does not serve us'),
    ],
  },
}

const outcomeOf = (name: string, answer: Answer) => {
  const kind = destinationKinds.find(each => each.kind === name) ?? assert.fail(name)
  const options = { level: kind.levels[0] ?? 'rich', at: AT } as const
  const next = kind.next(kind.start(createdEvent(), exampleSettings(kind), options), answer, AT)
  assert.ok(isOutcome(next), name)
  return next
}

for (const [trouble, { told, rows }] of Object.entries(troubles)) {
  test(`${trouble} is told as such, with what to do`, () => {
    for (const [kind, status, body, headers = {}] of rows) {
      const outcome = outcomeOf(kind, { kind: 'answer', status, headers, body })
      assert.equal(outcome.kind, 'unavailable', `${kind} ${status} ${body}`)
      const reason = 'reason' in outcome ? outcome.reason : ''
      assert.match(adviceFor('unavailable', reason) ?? '', told, `${kind} ${reason}`)
      assert.match(adviceOnTest({ outcome: 'UNAVAILABLE', status, excerpt: body }) ?? '', told, `${kind} ${body}`)
    }
  })
}

test('what a service says of one text blames no setting, though it quotes words of it', () => {
  for (const [kind, status, body] of [
    ['pagerduty', 400, invalidEvent("'payload.summary' is too long: Invalid routing key")],
    ['jsm-ops', 422, json({ message: 'Message: Key format is not valid' })],
    ['google-chat', 400, json({ error: { message: 'Text: API key not valid', status: 'INVALID_ARGUMENT' } })],
    ['dingtalk', 200, json({ errcode: 300001, errmsg: 'param error: token is not exist' })],
    ['zammad', 422, json({ error: "Title: No lookup value found for 'group'" })],
    ['request-tracker', 400, json({ message: 'Subject: Invalid queue' })],
    ['redmine', 422, json({ errors: ['Subject cannot be blank', 'Subject is too long (maximum is 255 characters)'] })],
    ['zendesk', 422, json({ error: 'RecordInvalid', details: { requester: [{ description: 'is suspended' }] } })],
  ] as const)
    assert.equal(outcomeOf(kind, { kind: 'answer', status, headers: {}, body }).kind, 'refused', `${kind} ${body}`)
})

test('a page from a proxy in between is told as a page, whatever its status', () => {
  const excerpt = '<!DOCTYPE html><title>Blocked: token invalid, channel archived</title>'
  for (const [outcome, status] of [
    ['UNAVAILABLE', 403],
    ['UNAVAILABLE', 407],
    ['RETRY', 502],
    ['REFUSED', 400],
  ] as const)
    assert.match(adviceOnTest({ outcome, status, excerpt }) ?? '', /web page.*a proxy in between/, String(status))
  assert.match(adviceOnTest({ outcome: 'UNCLEAR', status: 200, excerpt }) ?? '', /login page or a proxy/)
})
