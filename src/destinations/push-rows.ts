/** Push services: short texts on somebody's phone. Numbers and codes are the vendors'. */
import { valueAt } from './answer-rules.ts'
import type { Row } from './row.ts'
import { DAY, ownServer, plain, SECOND, server } from './row-parts.ts'
import { bearer, MINUTE, shaped, textSetting, under } from './settings.ts'

/** The quotas of a day, for bytes and for messages. They begin anew at midnight UTC; by then and five minutes, by every clock. */
const DAILY: ReadonlySet<unknown> = new Set([42_905, 42_908])
const untilNextDay = (now: number) => DAY - ((now - 5 * MINUTE) % DAY)

const ntfy: Row = {
  kind: 'ntfy',
  title: 'ntfy',
  documentation: 'https://docs.ntfy.sh/publish/#publish-as-json',
  // Whoever knows a topic of a public server reads it.
  settings: {
    topic: shaped({ title: 'Topic', type: 'secret' }, /^[-\w]{1,64}$/, 'One word: letters, digits, - and _.'),
    url: ownServer,
    token: { title: 'Access token', type: 'secret', optional: true },
  },
  vendorHosts: /^ntfy\.sh$/,
  rate: { count: 1, perMs: 5 * SECOND },
  // A longer message becomes a file, or is refused.
  form: plain(3_800),
  to: settings => ({ url: under(settings, '/', 'https://ntfy.sh'), headers: bearer(settings.token) }),
  body: ({ text, title }, settings) => ({ topic: textSetting(settings, 'topic'), title, message: text }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/id') !== undefined,
    code: ['/code'],
    codes: { refused: [41_301, 41_303], unavailable: [40_009, 40_010, 40_101, 40_301] },
    statuses: { 400: 'refused', 413: 'refused' },
    unnamedMs: (json, now) => (DAILY.has(valueAt(json, '/code')) ? untilNextDay(now) : undefined),
  },
}

const gotify: Row = {
  kind: 'gotify',
  title: 'Gotify',
  documentation: 'https://gotify.net/docs/pushmsg',
  settings: { url: server, token: { title: 'Token of the application', type: 'secret' } },
  rate: null,
  form: plain(60_000),
  // In a header, never in the address: addresses end up in logs.
  to: settings => ({ url: under(settings, '/message'), headers: { 'x-gotify-key': textSetting(settings, 'token') } }),
  // Without `extras` nothing is read as Markdown, so no image is fetched.
  body: ({ text, title }) => ({ title, message: text, priority: 5 }),
  answers: {
    success: [200],
    confirmed: json => valueAt(json, '/id') !== undefined,
    statuses: { 400: 'refused', 413: 'refused' },
  },
}

export const pushRows: readonly Row[] = [ntfy, gotify]
