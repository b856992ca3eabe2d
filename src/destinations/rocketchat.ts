/** Rocket.Chat, by an incoming webhook (https://docs.rocket.chat/docs/integrations). One text: in attachments some clients join the lines of
 *  a message, and show Markdown that others do not. */
import { utf16Units } from '../domain/cut.ts'
import { valueAt, words } from './answer-rules.ts'
import { codeLine, shortFence } from './dialects.ts'
import { fromRow, type Row } from './row.ts'
import { ownHook, textSetting } from './settings.ts'
import type { Span } from './text-message.ts'

/** Servers look for mentions in code, too: where a space or nothing stands before the sign. */
const unheard = ({ open, inner, close }: Span): Span => ({
  open,
  inner: text => inner(text.replace(/(?<!\w)@/g, '@\u200b')),
  close,
})

const row: Row = {
  kind: 'rocketchat',
  title: 'Rocket.Chat',
  documentation: 'https://docs.rocket.chat/docs/integrations',
  settings: { url: ownHook },
  rate: { count: 10, perMs: 60_000 },
  form: {
    max: 4_500,
    measure: utf16Units,
    line: unheard(codeLine),
    block: message => unheard(shortFence(message)),
    strong: ours => `*${ours}*`,
    link: url => `[Open the ticket](${url})`,
  },
  to: settings => ({ url: textSetting(settings, 'url') }),
  body: ({ text }) => ({ text, parseUrls: false }),
  answers: {
    success: [200],
    // A script of the integration may answer in its own words, or in none; a page of somebody's proxy is none of them.
    confirmed: (json, body) => (json === undefined ? !/^\s*</.test(body) : valueAt(json, '/success') === true),
    code: ['/errorType', '/error'],
    codes: {
      refused: ['error-message-size-exceeded'],
      unavailable: words(`invalid-channel error-invalid-room error-not-allowed room_is_blocked room_is_read_only`),
    },
    statuses: { 413: 'refused' },
    waits: [{ at: 'x-ratelimit-reset', unit: 'epoch-ms' }],
  },
}

export default fromRow(row)
