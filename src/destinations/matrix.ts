/** Matrix (https://spec.matrix.org, client-server API): a notice in a room. The transaction id makes a repetition the same message. */
import { jsonBytes } from '../domain/cut.ts'
import type { DestinationKind, Level, OutgoingEvent, RequestStep, Settings } from '../domain/destination.ts'
import { type AnswerRules, jsonOf, outcomeBy, valueAt } from './answer-rules.ts'
import { describe } from './describe.ts'
import { escapeHtml, plainLine, quotedBlock } from './dialects.ts'
import { bearer, textSetting, under, urlProblem } from './settings.ts'
import { fullText, noticeText, shortText, type TextForm, within } from './text-message.ts'

/** An event may have 65,536 bytes, ids and signatures included: both bodies share them. */
const PLAIN: TextForm = { max: 28_000, measure: jsonBytes, line: plainLine, block: quotedBlock }
const HTML: TextForm = {
  max: 28_000,
  measure: jsonBytes,
  line: { open: '<code>', inner: escapeHtml, close: '</code>' },
  // In <pre> a line break is one; outside of it ours become <br>.
  block: () => ({
    open: '<pre><code>',
    inner: text => escapeHtml(text).replaceAll('\n', '&#10;'),
    close: '</code></pre>',
  }),
  strong: ours => `<strong>${ours}</strong>`,
  link: url => `<a href="${escapeHtml(url)}">Open the ticket</a>`,
}

const answers: AnswerRules = {
  success: [200],
  confirmed: json => valueAt(json, '/event_id') !== undefined,
  ref: '/event_id',
  code: ['/errcode'],
  codes: {
    refused: ['M_TOO_LARGE', 'M_BAD_JSON', 'M_NOT_JSON', 'M_INVALID_PARAM'],
    unavailable: ['M_UNKNOWN_TOKEN', 'M_MISSING_TOKEN', 'M_FORBIDDEN', 'M_NOT_FOUND', 'M_USER_DEACTIVATED'],
    limited: ['M_LIMIT_EXCEEDED'],
  },
  statuses: { 413: 'refused' },
  waits: [{ at: '/retry_after_ms', unit: 'ms' }],
}

/** Without `m.mentions` clients look for names to notify in the text. */
const content = (body: string, html: string | null, ref: string | null): string =>
  JSON.stringify({
    msgtype: 'm.notice',
    body,
    ...(html !== null && { format: 'org.matrix.custom.html', formatted_body: html.replaceAll('\n', '<br>') }),
    'm.mentions': {},
    ...(ref && {
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: ref,
        is_falling_back: true,
        'm.in_reply_to': { event_id: ref },
      },
    }),
  })

/** Into the room; an alias is asked for first. */
const into = (settings: Settings, transaction: string, body: string): RequestStep => {
  const room = textSetting(settings, 'room')
  if (!room.startsWith('#')) return put(settings, room, transaction, body)
  const url = under(settings, `/_matrix/client/v3/directory/room/${encodeURIComponent(room)}`)
  return { method: 'GET', url, headers: bearer(settings.token), body: '', state: { settings, transaction, body } }
}

const put = (settings: Settings, room: string, transaction: string, body: string): RequestStep => ({
  method: 'PUT',
  url: under(
    settings,
    `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(transaction)}`,
  ),
  headers: { 'content-type': 'application/json', ...bearer(settings.token) },
  body,
})

const bodyOf = (event: OutgoingEvent, level: Level): string => {
  const described = describe(event)
  const full = fullText(described, event.ticketUrl, PLAIN)
  if (level === 'rich') return content(full, fullText(described, event.ticketUrl, HTML), event.ref)
  if (level === 'plain') return content(full, null, event.ref)
  return content(shortText(described, event.ticketUrl, within(PLAIN, jsonBytes(full))), null, event.ref)
}

type Waiting = { readonly settings: Settings; readonly transaction: string; readonly body: string }

const matrix: DestinationKind = {
  kind: 'matrix',
  title: 'Matrix',
  documentation: 'https://spec.matrix.org/latest/client-server-api/#sending-events-to-a-room',
  settings: {
    url: { title: 'Address of the homeserver', type: 'url', problem: urlProblem },
    token: { title: 'Access token of the bot', type: 'secret' },
    room: {
      title: 'Room: its id (!…) or alias (#…)',
      type: 'text',
      problem: value => (/^[!#]./.test(value) ? undefined : 'A room begins with ! (its id) or # (its alias).'),
    },
  },
  rate: { count: 1, perMs: 1_000 },
  concurrency: 1,
  levels: ['rich', 'plain', 'minimal'],
  isPrivate: true,
  start: (event, settings, { level }) => into(settings, event.deliveryId, bodyOf(event, level)),
  notice: (notice, settings) => into(settings, notice.id, content(noticeText(notice, PLAIN), null, null)),
  next(step, answer, now) {
    if (step.method === 'PUT' || answer.kind === 'no-answer' || answer.status !== 200)
      return outcomeBy('matrix', answers, answer, now)
    const room = valueAt(jsonOf(answer.body), '/room_id')
    if (typeof room !== 'string') return outcomeBy('matrix', answers, answer, now)
    const { settings, transaction, body } = step.state as Waiting // made by `into`
    return put(settings, room, transaction, body)
  },
}

export default matrix
