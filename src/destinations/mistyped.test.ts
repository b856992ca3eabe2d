/** Settings that were copied wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { destinationKinds } from './index.ts'

test('a setting that was copied wrong is told before anything is sent, and what is right is not', () => {
  for (const [name, setting, wrong, told, ...right] of [
    [
      'dingtalk',
      'url',
      'https://oapi.dingtalk.com/robot/send',
      /access_token=/,
      'https://oapi.dingtalk.com/robot/send?access_token=a',
    ],
    [
      'wecom',
      'url',
      'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=',
      /key=/,
      'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a',
    ],
    ['telegram', 'token', 'AAF-abcdef', /a number, a colon/, '123456:AAF-ab_cd'],
    ['telegram', 'chat', 'My group', /Id of the chat/, '-1001557912345', '77', '@channel'],
    ['slack-bot', 'token', 'xoxp-1-2', /begins with xoxb-/, 'xoxb-1-2'],
    ['slack-bot', 'token', 'https://hooks.slack.com/services/T/B/x', /begins with xoxb-/],
    [
      'pagerduty',
      'url',
      'https://events.pagerduty.com/v2/enqueue',
      /without \/v2\/enqueue/,
      'https://events.eu.pagerduty.com',
      'https://own.example.org/v2/enqueue',
    ],
    [
      'jira',
      'url',
      'https://x.atlassian.net/jira/software/projects/DESK/boards/1',
      /a page of the site/,
      'https://x.atlassian.net/',
      'https://own.example.org/jira/',
    ],
    ['mattermost', 'url', 'https://chat.example.org/', /holds \/hooks\//, 'https://chat.example.org/chat/hooks/a'],
    [
      'rocketchat',
      'url',
      'https://chat.example.org/channel/x',
      /holds \/hooks\//,
      'https://chat.example.org/hooks/a/b',
    ],
    [
      'redmine',
      'url',
      'https://desk.example.org/projects/x/issues',
      /a page of the help desk/,
      'https://desk.example.org/redmine/',
    ],
    [
      'freshdesk',
      'url',
      'https://desk.freshdesk.com/a/tickets',
      /a page of the help desk/,
      'https://desk.freshdesk.com',
    ],
    ['gitlab', 'project', 'https://gitlab.com/group/desk', /its path/, 'group/desk', '7'],
    ['ntfy', 'topic', 'my topic', /One word/, 'support-3f9c2b7a'],
    ['ntfy', 'topic', 'https://ntfy.sh/support', /One word/],
    ['email', 'from', 'Support <a@b.org>', /Only the address/, 'a@b.org'],
  ] as const) {
    const problem = destinationKinds.find(({ kind }) => kind === name)?.settings[setting]?.problem ?? assert.fail(name)
    assert.match(problem(wrong) ?? '', told, name)
    for (const value of right) assert.equal(problem(value), undefined, value)
  }
})
