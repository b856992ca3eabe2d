/** Services that differ from each other by an address, a few names and a table of codes. Numbers and codes are the vendors'. */
import { jsonBytes, utf16Units } from '../domain/cut.ts'
import { valueAt } from './answer-rules.ts'
import { codeLine, plainLine, quotedBlock, shortFence } from './dialects.ts'
import type { Row } from './row.ts'
import { textSetting, under, urlProblem } from './settings.ts'
import type { Span, TextForm } from './text-message.ts'

/** A text that nobody reads markup in. */
const plain = (max: number): TextForm => ({ max, measure: jsonBytes, line: plainLine, block: quotedBlock })

const gotify: Row = {
  kind: 'gotify',
  title: 'Gotify',
  documentation: 'https://gotify.net/docs/pushmsg',
  settings: {
    url: { title: 'Address of the server', type: 'url', problem: urlProblem },
    token: { title: 'Token of the application', type: 'secret' },
  },
  rate: null,
  form: plain(60_000),
  // In the header, never in the address: addresses end up in logs.
  to: settings => ({ url: under(settings, '/message'), headers: { 'x-gotify-key': textSetting(settings, 'token') } }),
  // Without `extras` nothing is read as Markdown, so no image is fetched.
  body: ({ text, title }) => ({ title, message: text, priority: 5 }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/id') !== undefined,
    statuses: { 400: 'refused', 413: 'refused' },
  },
}

/** Servers look for mentions in code, too: where a space or nothing stands before the sign. */
const unheard = ({ open, inner, close }: Span): Span => ({
  open,
  inner: text => inner(text.replace(/(?<!\w)@/g, '@\u200b')),
  close,
})

/** One text: in attachments some clients join the lines of a message, and show Markdown that others do not. */
const rocketchat: Row = {
  kind: 'rocketchat',
  title: 'Rocket.Chat',
  documentation: 'https://docs.rocket.chat/docs/integrations',
  settings: { url: { title: 'Address of the incoming webhook', type: 'url', isSecret: true, problem: urlProblem } },
  rate: { count: 10, perMs: 60_000 },
  form: {
    max: 4_500,
    measure: utf16Units,
    line: unheard(codeLine),
    block: () => unheard(shortFence),
    strong: ours => `*${ours}*`,
    link: url => `[Open the ticket](${url})`,
  },
  to: settings => ({ url: textSetting(settings, 'url') }),
  body: ({ text }) => ({ text, parseUrls: false }),
  answers: {
    success: [200],
    // A script of the integration may answer in its own words; a page of somebody's proxy is none of them.
    confirmed: (json, body) => (json === undefined ? /^\s*[^<\s]/.test(body) : valueAt(json, '/success') === true),
    code: ['/errorType', '/error'],
    codes: {
      refused: ['error-message-size-exceeded'],
      unavailable: [
        'invalid-channel',
        'error-invalid-room',
        'error-not-allowed',
        'room_is_blocked',
        'room_is_read_only',
      ],
    },
    statuses: { 413: 'refused' },
    waits: [{ at: 'x-ratelimit-reset', unit: 'epoch-ms' }],
  },
}

export const rows: readonly Row[] = [gotify, rocketchat]
