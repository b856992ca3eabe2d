/** Every kind of destination there is. A new one is a file, a test and a line here; or a row of rows.ts. */
import type { DestinationKind } from '../domain/destination.ts'
import discord from './discord.ts'
import googleChat from './google-chat.ts'
import local from './local.ts'
import mattermost from './mattermost.ts'
import { fromRow } from './row.ts'
import { rows } from './rows.ts'
import slack from './slack.ts'
import slackBot from './slack-bot.ts'
import teams from './teams.ts'
import webhook from './webhook.ts'

export const destinationKinds: readonly DestinationKind[] = [
  slack,
  webhook,
  slackBot,
  teams,
  discord,
  mattermost,
  googleChat,
  ...rows.map(fromRow),
  local,
]
