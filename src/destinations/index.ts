/** Every kind of destination there is. A new one is a file, a test and a line here; or a row of rows.ts. */
import type { DestinationKind } from '../domain/destination.ts'
import acknowledgement from './acknowledgement.ts'
import cloudevents from './cloudevents.ts'
import discord from './discord.ts'
import email from './email.ts'
import googleChat from './google-chat.ts'
import { helpDesks } from './help-desks.ts'
import local from './local.ts'
import matrix from './matrix.ts'
import mattermost from './mattermost.ts'
import rocketchat from './rocketchat.ts'
import { fromRow } from './row.ts'
import { rows } from './rows.ts'
import slack from './slack.ts'
import slackBot from './slack-bot.ts'
import teams from './teams.ts'
import telegram from './telegram.ts'
import template from './template.ts'
import { fromTracker } from './tracker.ts'
import { trackers } from './trackers.ts'
import webhook from './webhook.ts'
import zulip from './zulip.ts'

export const destinationKinds: readonly DestinationKind[] = [
  slack,
  webhook,
  slackBot,
  teams,
  discord,
  mattermost,
  rocketchat,
  googleChat,
  email,
  acknowledgement,
  zulip,
  matrix,
  telegram,
  cloudevents,
  template,
  ...rows.map(fromRow),
  ...[...trackers, ...helpDesks].map(fromTracker),
  local,
]
