/** Mattermost, by an incoming webhook (https://developers.mattermost.com/integrate/webhooks/incoming/). The address is the password.
 *  Mentions are looked for in texts outside of code, in attachments too; and Slack's tokens are translated everywhere, so user text stands
 *  in code, its tokens with another bracket. */
import { utf16Units } from '../domain/cut.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import { words } from './answer-rules.ts'
import { accent, type Chat, excerpt, fromChat, short } from './chat.ts'
import type { Description } from './describe.ts'
import { codeLine, fencedBlock } from './dialects.ts'
import { postJson } from './post.ts'
import { ownHook, textSetting } from './settings.ts'
import type { Span, TextForm } from './text-message.ts'

/** A post may have 16,383 characters, and what is longer becomes several. */
const TEXT_MAX_UNITS = 12_000
const SUBJECT_MAX_UNITS = 1_000
const FIELD_MAX_UNITS = 300
/** Above it a value has a line of its own. */
const NARROW_UNITS = 40

/** `<!here>`, `<@U1>` and `<url|label>` would become mentions and links, even where they are shown as code. (At the end of the text, too:
 *  a part must not cost less than it does within the whole.) */
const inert = (text: string): string => text.replace(/<(?=[!@#]|[^\n<>|]+\||$)/g, '\u2039')
const dressed = ({ open, inner, close }: Span): Span => ({ open, inner: text => inner(inert(text)), close })
const line = dressed(codeLine)

const form: TextForm = {
  max: TEXT_MAX_UNITS,
  measure: utf16Units,
  line,
  block: message => dressed(fencedBlock(message)),
  strong: ours => `**${ours}**`,
  link: url => `[Open the ticket](${url})`,
}

const attachments = ({ title, subject, fields, message }: Description, event: OutgoingEvent) => {
  const color = accent(event)
  const look = { fallback: title, ...(color !== undefined && { color }) }
  const head = {
    ...look,
    fields: fields.map(([label, value]) => ({
      title: label,
      value: short(value, FIELD_MAX_UNITS, line),
      short: value.length <= NARROW_UNITS,
    })),
  }
  const ours = event.ticketUrl === null ? title : `[${title}](${event.ticketUrl})`
  const text = subject === '' ? `**${ours}**` : `**${ours}**: ${short(subject, SUBJECT_MAX_UNITS, line)}`
  const room = TEXT_MAX_UNITS - JSON.stringify([text, head]).length
  return {
    // What notifications show; it stands above the attachments.
    text,
    attachments: [
      head,
      ...(message === null ? [] : [{ ...look, text: excerpt(message, room, form.block(message), utf16Units) }]),
    ],
  }
}

const mattermost: Chat = {
  kind: 'mattermost',
  title: 'Mattermost',
  documentation: 'https://developers.mattermost.com/integrate/webhooks/incoming/',
  settings: { url: ownHook },
  rate: { count: 1, perMs: 1_000 },
  rich: attachments,
  form,
  text: text => ({ text }),
  request: (settings, body) => postJson(textSetting(settings, 'url'), body),
  answers: {
    success: [200],
    confirmed: (_json, body) => body.trim() === 'ok',
    code: ['/id'],
    codes: {
      refused: words(`web.incoming_webhook.attachment.app_error web.incoming_webhook.decode.app_error
        web.incoming_webhook.parse.app_error web.incoming_webhook.split_props_length.app_error
        web.incoming_webhook.text.app_error web.incoming_webhook.text.length.app_error`),
      unavailable: words(`api.post.create_post.can_not_post_to_deleted.error api.post.create_post.town_square_read_only
        web.incoming_webhook.channel.app_error web.incoming_webhook.channel_locked.app_error
        web.incoming_webhook.disabled.app_error web.incoming_webhook.invalid.app_error
        web.incoming_webhook.permissions.app_error web.incoming_webhook.user.app_error`),
    },
    statuses: { 413: 'refused' },
    waits: [{ at: 'x-ratelimit-reset', unit: 's' }],
  },
}

export default fromChat(mattermost)
