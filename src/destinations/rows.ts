/** Services that differ from each other by an address, a few names and a table of codes. Numbers and codes are the vendors'. */
import { jsonBytes } from '../domain/cut.ts'
import type { Setting } from '../domain/destination.ts'
import { valueAt } from './answer-rules.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import { dingtalkSigned, larkSignature } from './robot-signatures.ts'
import type { Row } from './row.ts'
import { bearer, hook, textSetting, under, urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'

/** A text in which nothing is read as markup. @param max bytes of JSON */
const plain = (max: number): TextForm => ({ max, measure: jsonBytes, line: plainLine, block: quotedBlock })
const hookUrl: Row['to'] = settings => ({ url: textSetting(settings, 'url') })
const server: Setting = { title: 'Address of the server', type: 'url', problem: urlProblem }
const ownServer: Setting = { ...server, title: 'Address of a server of your own', optional: true }
const SECOND = 1_000
const MINUTE = 60_000

const ntfy: Row = {
  kind: 'ntfy',
  title: 'ntfy',
  documentation: 'https://docs.ntfy.sh/publish/#publish-as-json',
  // Whoever knows a topic of a public server reads it.
  settings: {
    topic: { title: 'Topic', type: 'secret' },
    url: ownServer,
    token: { title: 'Access token', type: 'secret', optional: true },
  },
  vendorHosts: /^ntfy\.sh$/,
  rate: { count: 1, perMs: 5 * SECOND },
  // A longer message becomes a file, or is refused.
  form: plain(3_800),
  to: settings => ({ url: under(settings, '/', 'https://ntfy.sh'), headers: bearer(settings.token) }),
  body: ({ text, title }, settings) => ({ topic: textSetting(settings, 'topic'), title, message: text }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/id') !== undefined,
    code: ['/code'],
    codes: { refused: [41_301, 41_303], unavailable: [40_101, 40_301] },
    statuses: { 400: 'refused', 413: 'refused' },
  },
}

const gotify: Row = {
  kind: 'gotify',
  title: 'Gotify',
  documentation: 'https://gotify.net/docs/pushmsg',
  settings: { url: server, token: { title: 'Token of the application', type: 'secret' } },
  rate: null,
  form: plain(60_000),
  // In a header, never in the address: addresses end up in logs.
  to: settings => ({ url: under(settings, '/message'), headers: { 'x-gotify-key': textSetting(settings, 'token') } }),
  // Without `extras` nothing is read as Markdown, so no image is fetched.
  body: ({ text, title }) => ({ title, message: text, priority: 5 }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/id') !== undefined,
    statuses: { 400: 'refused', 413: 'refused' },
  },
}

const WEBEX = /^(?:webexapis\.com|api\.ciscospark\.com)$/
const webex: Row = {
  kind: 'webex',
  title: 'Webex',
  documentation: 'https://apphub.webex.com/applications/incoming-webhooks-cisco-systems-38054-23307-75252',
  settings: { url: hook(WEBEX, { path: /^\/v1\/webhooks\/incoming\/./, shown: '/v1/webhooks/incoming/' }) },
  vendorHosts: WEBEX,
  rate: { count: 1, perMs: SECOND },
  form: plain(7_000),
  to: hookUrl,
  // `markdown` would bring mentions, links and a part of HTML to life.
  body: ({ text }) => ({ text }),
  answers: {
    success: [200, 204],
    confirmed: (json, body) => body === '' || json !== undefined,
    statuses: { 400: 'refused', 413: 'refused', 415: 'refused' },
  },
}

/** The same robot under two names: one for China, one for everywhere else. */
const larkRow = (kind: string, title: string, vendorHosts: RegExp, documentation: string): Row => ({
  kind,
  title,
  documentation,
  settings: {
    url: hook(vendorHosts, { path: /^\/open-apis\/bot\/v2\/hook\/./, shown: '/open-apis/bot/v2/hook/' }),
    secret: { title: 'Signing secret of the robot', type: 'secret', optional: true },
  },
  vendorHosts,
  rate: { count: 100, perMs: MINUTE },
  form: plain(17_000),
  to: hookUrl,
  // In a text, <at> would notify people; in a card's plain text it is text.
  body: ({ text, title, at }, settings) => ({
    ...larkSignature(settings.secret, at),
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true },
      header: { title: { tag: 'plain_text', content: title } },
      elements: [{ tag: 'div', text: { tag: 'plain_text', content: text } }],
    },
  }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/code') === 0 || valueAt(json, '/StatusCode') === 0,
    code: ['/code', '/StatusCode'],
    codes: { refused: [9_499, 11_246], unavailable: [19_001, 19_021, 19_022, 19_024], retry: [11_232] },
    statuses: { 413: 'refused' },
  },
})
const lark = larkRow(
  'lark',
  'Lark',
  /^open\.larksuite\.com$/,
  'https://open.larksuite.com/document/client-docs/bot-v3/add-custom-bot',
)
const feishu = larkRow(
  'feishu',
  'Feishu',
  /^open\.feishu\.cn$/,
  'https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot',
)

const DINGTALK = /^oapi\.dingtalk\.com$/
const dingtalk: Row = {
  kind: 'dingtalk',
  title: 'DingTalk',
  documentation: 'https://open.dingtalk.com/document/robots/custom-robot-access',
  settings: {
    url: hook(DINGTALK, { path: /^\/robot\/send$/, shown: '/robot/send' }),
    secret: { title: 'Signing secret of the robot', type: 'secret', optional: true },
  },
  vendorHosts: DINGTALK,
  rate: { count: 20, perMs: MINUTE },
  form: plain(18_000),
  to: (settings, at) => ({ url: dingtalkSigned(textSetting(settings, 'url'), settings.secret, at) }),
  body: ({ text }) => ({
    msgtype: 'text',
    text: { content: text },
    at: { atMobiles: [], atUserIds: [], isAtAll: false },
  }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/errcode') === 0,
    code: ['/errcode'],
    codes: {
      refused: [40_035, 300_001, 460_101, 101_002],
      unavailable: [300_005, 310_000, 400_101, 400_102],
      retry: [130_101, 130_103, -1],
    },
    statuses: { 413: 'refused' },
  },
}

const WECOM = /^qyapi\.weixin\.qq\.com$/
const wecom: Row = {
  kind: 'wecom',
  title: 'WeCom',
  documentation: 'https://developer.work.weixin.qq.com/document/path/91770',
  settings: { url: hook(WECOM, { path: /^\/cgi-bin\/webhook\/send$/, shown: '/cgi-bin/webhook/send' }) },
  vendorHosts: WECOM,
  rate: { count: 20, perMs: MINUTE },
  form: plain(1_900),
  to: hookUrl,
  body: ({ text }) => ({ msgtype: 'text', text: { content: text } }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/errcode') === 0,
    code: ['/errcode'],
    codes: { refused: [40_008, 40_058, 44_004], unavailable: [93_000, 93_004, 93_008], retry: [45_009, -1] },
    statuses: { 413: 'refused' },
  },
}

const pagerduty: Row = {
  kind: 'pagerduty',
  title: 'PagerDuty',
  documentation: 'https://developer.pagerduty.com/docs/events-api-v2-overview',
  settings: { routingKey: { title: 'Integration key (Events API v2)', type: 'secret' }, url: ownServer },
  vendorHosts: /^events(?:\.eu)?\.pagerduty\.com$/,
  rate: { count: 120, perMs: MINUTE },
  form: plain(400_000),
  to: settings => ({ url: under(settings, '/v2/enqueue', 'https://events.pagerduty.com') }),
  // Everything about one ticket is one alert there; a repetition adds nothing.
  body: ({ text, title, id, event }, settings) => ({
    routing_key: textSetting(settings, 'routingKey'),
    event_action: 'trigger',
    dedup_key: event?.ticket.id ?? id,
    payload: { summary: title, source: 'support-relay', severity: 'warning', custom_details: { ticket: text } },
    ...(event?.ticketUrl && { links: [{ href: event.ticketUrl, text: 'Open the ticket' }] }),
  }),
  answers: {
    success: [202],
    confirmed: json => valueAt(json, '/status') === 'success',
    statuses: { 400: 'refused', 413: 'refused' },
  },
}

const jsmOps: Row = {
  kind: 'jsm-ops',
  title: 'Jira Service Management operations',
  documentation: 'https://support.atlassian.com/jira-service-management-cloud/docs/set-up-an-api-integration/',
  settings: { apiKey: { title: 'Key of the API integration', type: 'secret' }, url: ownServer },
  vendorHosts: /^api\.atlassian\.com$/,
  rate: { count: 60, perMs: MINUTE },
  form: plain(14_000),
  to: settings => ({
    url: under(settings, '/jsm/ops/integration/v2/alerts', 'https://api.atlassian.com'),
    headers: { authorization: `GenieKey ${textSetting(settings, 'apiKey')}` },
  }),
  // An alert under a name that is there already shows nothing new: so each event has its own, and only a repetition has the same.
  body: ({ text, title, id }) => ({ message: title, alias: id, description: text, source: 'support-relay' }),
  answers: {
    success: [202],
    confirmed: json => valueAt(json, '/requestId') !== undefined,
    statuses: { 400: 'refused', 413: 'refused', 422: 'refused' },
  },
}

export const rows: readonly Row[] = [ntfy, gotify, webex, lark, feishu, dingtalk, wecom, pagerduty, jsmOps]
