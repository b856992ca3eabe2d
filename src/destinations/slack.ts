/** Slack, by an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). The address is the password. */
import type { DestinationKind } from '../domain/destination.ts'
import { postJson } from './post.ts'
import { hook, textSetting } from './settings.ts'
import { slackOutcome } from './slack-answer.ts'
import { slackMessage } from './slack-message.ts'
import { slackNotice } from './slack-text.ts'

const VENDOR_HOSTS = /^hooks\.slack(?:-gov)?\.com$/

const triggerInstead = ({ hostname, pathname }: URL): string | undefined =>
  VENDOR_HOSTS.test(hostname) && /^\/(?:workflows|triggers)\//.test(pathname)
    ? 'This is a trigger of the Workflow Builder, which takes no messages. Create an incoming webhook; its path begins with /services/.'
    : undefined

const slack: DestinationKind = {
  kind: 'slack',
  title: 'Slack',
  documentation: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  settings: { url: hook(VENDOR_HOSTS, { path: /^\/services\/./, shown: '/services/' }, triggerInstead) },
  // One message a second and channel, short bursts apart; going on after a 429 can get the app switched off.
  rate: { count: 1, perMs: 1_000 },
  concurrency: 1,
  levels: ['rich', 'plain', 'minimal'],
  vendorHosts: VENDOR_HOSTS,
  isPrivate: true,
  start: (event, settings, { level }) => postJson(textSetting(settings, 'url'), slackMessage(event, level)),
  notice: (notice, settings) => postJson(textSetting(settings, 'url'), slackNotice(notice)),
  next: (_step, answer, now) => slackOutcome(answer, now),
}

export default slack
