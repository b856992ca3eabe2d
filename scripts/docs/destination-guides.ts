/** What a person needs to know of each service to set it up: where to click, and what to know before. Facts of the vendors, as of November 2026. */

import type { Guide } from './guide.ts'
import { trackerGuides } from './tracker-guides.ts'

const hookGuide = (variable: string, value: string, steps: readonly string[], notes: readonly string[]): Guide => ({
  settings: { url: `\${${variable}}` },
  environment: { [variable]: value },
  steps,
  notes,
})
const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
/** Of robots in group chats. */
const ROBOT = 'A robot that is limited to keywords needs one that every message holds: `SUP` stands in each reference.'

export const guides: Readonly<Record<string, Guide>> = {
  slack: hookGuide(
    'SUPPORT_HOOK',
    'https://hooks.slack.com/services/T0/B0/x',
    [
      'At api.slack.com/apps choose **Create New App**, **From scratch**, and your workspace.',
      'Under **Incoming Webhooks** switch them on, choose **Add New Webhook**, and the channel.',
      'Copy the address: it begins with `https://hooks.slack.com/services/`.',
    ],
    [
      'An incoming webhook cannot post into threads: what follows a ticket is a message of its own that names the reference. The kind [slack-bot](slack-bot.md) can.',
      'Addresses with `/triggers/` or `/workflows/` belong to the Workflow Builder, which takes no messages of this form.',
    ],
  ),
  'slack-bot': {
    settings: { token: '${SLACK_TOKEN}', channel: 'C0123456789' },
    environment: { SLACK_TOKEN: 'xoxb-not-a-real-token' },
    steps: [
      'At api.slack.com/apps create an app; under **OAuth & Permissions** add the bot scopes `chat:write` and `files:write` (and `chat:write.public` to post where it was not invited).',
      'Install it into the workspace and copy the **Bot User OAuth Token** (`xoxb-…`).',
      'Invite the bot into the channel. The id of a channel stands at the end of its details.',
    ],
    notes: [
      'What follows a ticket is posted into its thread. A text too long for a message follows whole, as a file; where Slack takes none (a bot without `files:write`), the thread says so.',
    ],
  },
  teams: hookGuide(
    'TEAMS_HOOK',
    'https://prod-12.westeurope.logic.azure.com/workflows/0f3c/triggers/manual/paths/invoke?api-version=2016-06-01&sp=x&sv=1.0&sig=x',
    [
      'In the channel open **…**, **Workflows**, and choose **Send webhook alerts to a channel**.',
      'Save it under an account that stays: the flow belongs to a person and ends with their account.',
      'Copy the address it shows, with everything behind the question mark.',
    ],
    [
      'The connectors of Office 365 (`webhook.office.com`) were retired in 2026; their addresses are refused with that explanation.',
      'Teams says yes when the flow has begun. What goes wrong in it shows in the run history of the flow only.',
    ],
  ),
  discord: hookGuide(
    'DISCORD_HOOK',
    'https://discord.com/api/webhooks/123456789012345678/not-a-real-token',
    [
      'In the settings of the channel open **Integrations**, **Webhooks**, **New Webhook**.',
      'Give it a name and choose **Copy Webhook URL**.',
    ],
    [
      'Nobody is ever notified by what a user writes. A text too long for a message follows whole, as a file in the same message.',
    ],
  ),
  mattermost: hookGuide(
    'MATTERMOST_HOOK',
    'https://chat.example.org/hooks/abcdefghijklmnopqrstuvwxyz',
    [
      'Open **Integrations**, **Incoming Webhooks**, **Add Incoming Webhook**, and choose the channel; lock it to that channel.',
      'Create it under an account that may not use channel-wide mentions.',
      'Copy the address: its path begins with `/hooks/`.',
    ],
    ['Where the server is in a private network, its range belongs into `network.allow`.'],
  ),
  rocketchat: hookGuide(
    'ROCKETCHAT_HOOK',
    'https://chat.example.org/hooks/integration/token',
    [
      'Open **Administration**, **Workspace**, **Integrations**, **New**, **Incoming**; enable it, choose the channel and the user it posts as.',
      'Choose a user without the permissions `mention-all` and `mention-here`. Save and copy the webhook address.',
    ],
    ['A disabled integration answers 503, so it looks like a service that is down for a while: the deliveries wait.'],
  ),
  'google-chat': hookGuide(
    'GOOGLE_CHAT_HOOK',
    'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=x&token=x',
    [
      'In the space open its menu, **Apps & integrations**, **Webhooks**, **Add webhook**; copy the address with key and token.',
    ],
    [
      'A space takes about one message a second from all its apps together. What follows a ticket stands in its thread.',
    ],
  ),
  zulip: {
    settings: {
      url: 'https://chat.example.org',
      email: 'support-bot@chat.example.org',
      apiKey: '${ZULIP_KEY}',
      stream: 'support',
    },
    environment: { ZULIP_KEY: 'not-a-real-key' },
    steps: [
      'Open **Personal settings**, **Bots**, **Add a new bot** of the type *Incoming webhook* or *Generic*.',
      'Copy its e-mail address and API key, and subscribe it to the channel.',
    ],
    notes: ['Each ticket is a topic: its reference and the beginning of its subject.'],
  },
  matrix: {
    settings: { url: 'https://matrix.example.org', token: '${MATRIX_TOKEN}', room: '#support:example.org' },
    environment: { MATRIX_TOKEN: 'not-a-real-token' },
    steps: [
      'Create an account for the bot and log in with it once; the access token stands in the settings of most clients under **Help & About**.',
      'Invite the bot into the room and join. The room is named by its alias (`#…`) or its id (`!…`).',
    ],
    notes: [
      'The room must not be encrypted: what arrives there unencrypted is marked as such by clients.',
      'A repetition is recognised by the server, so no message appears twice. What follows a ticket stands in its thread.',
    ],
  },
  telegram: {
    settings: { token: '${TELEGRAM_TOKEN}', chat: '"-1001557912345"' },
    environment: { TELEGRAM_TOKEN: '110201543:not-a-real-token' },
    steps: [
      'Write `/newbot` to @BotFather and copy the token.',
      'Add the bot to the group. The id of the chat (`-100…`) stands in the answer of the Bot API to `getUpdates` after somebody wrote there.',
    ],
    notes: [
      'A group that becomes a supergroup gets a new id: the deliveries wait, and the answer that is shown holds it (`migrate_to_chat_id`).',
    ],
  },
  ntfy: {
    settings: { topic: '${NTFY_TOPIC}', token: '${NTFY_TOKEN}' },
    environment: { NTFY_TOPIC: 'support-3f9c2b7a', NTFY_TOKEN: 'tk_notarealtoken' },
    steps: [
      'Choose a topic that nobody guesses, reserve it for your account, and create an access token under **Account**.',
      'On a server of your own, `url` is its address.',
    ],
    notes: ['Whoever knows a topic of a public server without protection reads what arrives there.'],
  },
  gotify: {
    settings: { url: 'https://push.example.org', token: '${GOTIFY_TOKEN}' },
    environment: { GOTIFY_TOKEN: 'notarealtoken' },
    steps: ['In the web page of the server open **Apps**, **Create application**, and copy its token.'],
    notes: [],
  },
  webex: hookGuide(
    'WEBEX_HOOK',
    'https://webexapis.com/v1/webhooks/incoming/x',
    ['At apphub.webex.com open **Incoming Webhooks**, **Connect**, choose the space, and copy the address.'],
    [],
  ),
  lark: hookGuide(
    'LARK_HOOK',
    'https://open.larksuite.com/open-apis/bot/v2/hook/x',
    [
      'In the group open **Settings**, **Bots**, **Add Bot**, **Custom Bot**, and copy the address. With **Set signature verification** its secret is `secret`.',
    ],
    [ROBOT],
  ),
  feishu: hookGuide(
    'FEISHU_HOOK',
    'https://open.feishu.cn/open-apis/bot/v2/hook/x',
    [
      'In the group open **Settings**, **Bots**, **Add Bot**, **Custom Bot**, and copy the address. With **Set signature verification** its secret is `secret`.',
    ],
    [ROBOT],
  ),
  dingtalk: {
    settings: { url: '${DINGTALK_HOOK}', secret: '${DINGTALK_SECRET}' },
    environment: { DINGTALK_HOOK: 'https://oapi.dingtalk.com/robot/send?access_token=x', DINGTALK_SECRET: 'SECx' },
    steps: [
      'In the group open **Group Settings**, **Bots**, **Add Robot**, **Custom**; choose **Additional Signature** as its security and copy address and secret.',
    ],
    notes: [ROBOT],
  },
  wecom: hookGuide(
    'WECOM_HOOK',
    'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x',
    ['In the group open its menu, **Add Group Bot**, and copy the webhook address.'],
    ['A text may have 2,048 bytes.'],
  ),
  pagerduty: {
    settings: { routingKey: '${PAGERDUTY_KEY}' },
    environment: { PAGERDUTY_KEY: '0123456789abcdef0123456789abcdef' },
    steps: [
      'In the service open **Integrations**, **Add an integration**, **Events API V2**, and copy the integration key.',
    ],
    notes: ['All that happens to one ticket is one alert. In Europe `url` is `https://events.eu.pagerduty.com`.'],
  },
  'jsm-ops': {
    settings: { apiKey: '${JSM_OPS_KEY}' },
    environment: { JSM_OPS_KEY: '0f3c9a52-0000-0000-0000-000000000000' },
    steps: [
      'In the team under **Operations** open **Integrations**, **Add integration**, **API**, switch it on, and copy its key.',
    ],
    notes: ['For Opsgenie, which ends in April 2027, there is no kind of its own.'],
  },
  email: {
    settings: {
      smtp: 'smtp://mail.example.org:587?starttls=required',
      from: 'support@example.org',
      to: 'desk@example.org',
      username: 'support@example.org',
      password: '${MAIL_PASSWORD}',
    },
    environment: { MAIL_PASSWORD: 'not-a-real-password' },
    steps: [
      '`from` is an address of your own domain that the server may send for (SPF, DKIM); `to` is one mailbox. Two people are two destinations.',
      '`smtp://` uses STARTTLS where the server offers it, `smtp://…?starttls=required` insists on it, `smtps://` begins encrypted.',
    ],
    notes: [
      'A reply goes to the user who wrote the ticket. Repetitions carry the same Message-ID, which most mailboxes show once.',
    ],
  },
  acknowledgement: {
    settings: {
      smtp: 'smtp://mail.example.org:587?starttls=required',
      from: 'support@example.org',
      replyTo: 'desk@example.org',
      username: 'support@example.org',
      password: '${MAIL_PASSWORD}',
    },
    environment: { MAIL_PASSWORD: 'not-a-real-password' },
    beside: 'support',
    steps: [
      '`from` is an address of your own domain that the server may send for (SPF, DKIM); `replyTo` is the mailbox where the team reads answers. Without it the mail says that nobody reads them.',
      'Name it in a route beside a destination of the team. Whoever writes a ticket that takes this route is told by mail that it arrived.',
    ],
    notes: [
      "The mail goes to the address in the token, unless the issuer says that nobody has confirmed it. It holds the reference and the link, and nothing that the user typed: an account under somebody else's address is no way to write to them.",
      'One mail for each ticket, three to one address within an hour, none to machines (`noreply@`, `mailer-daemon@`, lists, return paths, …) nor to any address that stands in your destinations. The ticket itself is stored and delivered in any case.',
      'What follows a ticket, answers of the team included, is not sent there.',
      'An address that the server refuses is given up for this one ticket, and shows among what is not delivered. Without a login the return path is empty, so bounces go nowhere; with one it is `from`.',
      'The link needs `server.publicUrl`.',
    ],
  },
  webhook: {
    settings: { url: 'https://example.org/hook', secret: '${ARCHIVE_SECRET}' },
    environment: { ARCHIVE_SECRET: SIGNING_SECRET },
    steps: [
      'Make a secret: `whsec_` and 24 to 64 random bytes in base64. The receiver checks every request with it; [events](../events.md) shows how.',
      'To change it, give a list of both secrets for a while: each signs.',
    ],
    notes: [
      'The receiver gets everything, whole and as written. It drops repetitions by `webhook-id`.',
      'Every 2xx counts as taken, whatever stands in it.',
    ],
  },
  cloudevents: {
    settings: { url: 'https://events.example.org/in', source: 'https://support.example.org' },
    environment: {},
    steps: ['`url` is an address that takes CloudEvents over HTTP, in structured mode.'],
    notes: [
      '`id` is the same on every attempt, so that `source` and `id` together tell a repetition.',
      'Every 2xx counts as taken, whatever stands in it.',
    ],
  },
  template: {
    settings: {
      url: 'https://desk.example.org/api/messages',
      body: '{ title: "{{title}}", text: "{{message|max:4000}}", tags: [support] }',
      headers: '{ Authorization: "Bearer ${DESK_TOKEN}" }',
      success: '200 /ok=true',
    },
    environment: { DESK_TOKEN: 'not-a-real-token' },
    steps: [
      'Write the JSON that the service wants as YAML, with placeholders in its texts: `reference`, `title` (type and reference), `subject`, `message`, `author`, `username`, `name`, `email`, `role`, `organization`, `project`, `page`, `requestId`, `userAgent`, `type`, `status`, `event`, `url` (of the ticket), `id`, `createdAt`.',
      'What users wrote is escaped for Markdown, unless a filter says how the service reads it: `{{message|slack}}`, `{{message|html}}`, `{{message|plain}}`. `max:N` cuts at N characters, and says how many are left out.',
      '`success` says which answer counts: statuses, a place in the JSON, its value. Without it every 2xx counts, but for a web page.',
    ],
    notes: [
      'At least one text of `body` has to hold `{{reference}}` or `{{title}}`, so that every message names its ticket.',
    ],
  },
  ...trackerGuides,
}
