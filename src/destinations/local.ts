/** The evaluation mode's stand-in for Slack: the same message, posted to a page of our own that shows what would have landed in chat. */
import { DELIVERY_HEADER, type DestinationKind } from '../domain/destination.ts'
import { postJson } from './post.ts'
import { textSetting } from './settings.ts'
import { slackOutcome } from './slack-answer.ts'
import { slackMessage } from './slack-message.ts'
import { slackNotice } from './slack-text.ts'

const local: DestinationKind = {
  kind: 'local',
  title: 'Local page',
  // The address is handed in as `url` by whoever starts the evaluation mode; nobody configures it.
  settings: {},
  rate: null,
  concurrency: 4,
  levels: ['rich', 'plain', 'minimal'],
  isPrivate: true,
  evaluationOnly: true,
  start: (event, settings, { level }) =>
    postJson(textSetting(settings, 'url'), slackMessage(event, level), { [DELIVERY_HEADER]: event.deliveryId }),
  notice: (notice, settings) =>
    postJson(textSetting(settings, 'url'), slackNotice(notice), { [DELIVERY_HEADER]: notice.id }),
  next: (_step, answer, now) => slackOutcome(answer, now),
}

export default local
