/** Services that differ from each other by an address, a few names and a table of codes. Numbers and codes are the vendors'. */
import { jsonBytes } from '../domain/cut.ts'
import { valueAt } from './answer-rules.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import type { Row } from './row.ts'
import { textSetting, under, urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'

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

export const rows: readonly Row[] = [gotify]
