/** Robots in group chats, each under an address that is its password. Numbers and codes are the vendors'. */
import { valueAt } from './answer-rules.ts'
import { dingtalkSigned, larkSignature } from './robot-signatures.ts'
import type { Row } from './row.ts'
import { hookUrl, plain, SECOND } from './row-parts.ts'
import { hook, MINUTE, textSetting } from './settings.ts'

/** On the vendor's hosts, a query without it is cut off. */
const withKey =
  (hosts: RegExp, name: string) =>
  ({ hostname, searchParams }: URL) =>
    hosts.test(hostname) && !searchParams.get(name)
      ? `The address ends with ${name}= and the robot’s key; copy all of it from the robot’s page.`
      : undefined

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
    codes: { refused: [9_499, 11_246], unavailable: [19_001, 19_021, 19_022, 19_024], limited: [11_232] },
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
    url: hook(DINGTALK, { path: /^\/robot\/send$/, shown: '/robot/send' }, withKey(DINGTALK, 'access_token')),
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
    // The code alone is that of any parameter.
    settings: { status: 200, at: '/errmsg', words: /^token is not exist/ },
    code: ['/errcode'],
    codes: {
      refused: [40_035, 300_001, 460_101, 101_002],
      unavailable: [300_005, 310_000, 400_101, 400_102],
      retry: [130_103, -1],
      limited: [130_101],
    },
    statuses: { 413: 'refused' },
  },
}

const WECOM = /^qyapi\.weixin\.qq\.com$/
const wecom: Row = {
  kind: 'wecom',
  title: 'WeCom',
  documentation: 'https://developer.work.weixin.qq.com/document/path/91770',
  settings: {
    url: hook(WECOM, { path: /^\/cgi-bin\/webhook\/send$/, shown: '/cgi-bin/webhook/send' }, withKey(WECOM, 'key')),
  },
  vendorHosts: WECOM,
  rate: { count: 20, perMs: MINUTE },
  form: plain(1_900),
  to: hookUrl,
  body: ({ text }) => ({ msgtype: 'text', text: { content: text } }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/errcode') === 0,
    code: ['/errcode'],
    codes: { refused: [40_008, 40_058, 44_004], unavailable: [93_000, 93_004, 93_008], retry: [-1], limited: [45_009] },
    statuses: { 413: 'refused' },
  },
}

export const robotRows: readonly Row[] = [webex, lark, feishu, dingtalk, wecom]
