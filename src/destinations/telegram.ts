/** Telegram, as a bot (https://core.telegram.org/bots/api#sendmessage). Nothing is parsed: what is code is said by offsets, so that user text
 *  needs no escaping, and nothing in it is a mention, a command or a link. */
import { jsonBytes, utf16Units } from '../domain/cut.ts'
import type { DestinationKind, RequestStep, Settings } from '../domain/destination.ts'
import { type AnswerRules, outcomeBy, valueAt } from './answer-rules.ts'
import { describe } from './describe.ts'
import { postJson } from './post.ts'
import { shaped, textSetting, under } from './settings.ts'
import { fullText, noticeText, type Span, shortText, type TextForm, within } from './text-message.ts'

/** Stand where an entity begins and ends until the offsets are known; user text holds none of them. */
const MARKS = { bold: '\ue000', code: '\ue001', pre: '\ue002' } as const
const END = '\ue003'
const span = (type: keyof typeof MARKS): Span => ({
  open: MARKS[type],
  inner: text => text.replace(/[\ue000-\ue003]/g, ''),
  close: END,
})

/** 4,096 UTF-16 units after the entities were taken out. */
const FORM: TextForm = {
  max: 3_900,
  measure: utf16Units,
  line: span('code'),
  block: () => span('pre'),
  strong: ours => MARKS.bold + ours + END,
}

type Entity = { readonly type: keyof typeof MARKS; readonly offset: number; readonly length: number }
const TYPES: Readonly<Record<string, Entity['type']>> = { '\ue000': 'bold', '\ue001': 'code', '\ue002': 'pre' }

const withEntities = (marked: string): { readonly text: string; readonly entities: Entity[] } => {
  const entities: Entity[] = []
  let text = ''
  let begun: { type: Entity['type']; offset: number } | undefined
  for (const part of marked.split(/([\ue000-\ue003])/)) {
    const type = TYPES[part]
    if (type !== undefined) begun = { type, offset: text.length }
    else if (part !== END) text += part
    else if (begun && text.length > begun.offset) entities.push({ ...begun, length: text.length - begun.offset })
  }
  return { text, entities }
}

const CLOSED = [
  'chat not found|chat_id is empty|message thread not found|group chat was upgraded to a supergroup chat',
  'not enough rights to send text messages to the chat|need administrator rights in the channel chat',
  'have no rights to send a message|CHAT_RESTRICTED|CHAT_WRITE_FORBIDDEN|TOPIC_CLOSED|TOPIC_DELETED',
].flatMap(some => some.split('|').map(why => `Bad Request: ${why}`))

const answers: AnswerRules = {
  success: [200],
  confirmed: json => valueAt(json, '/ok') === true,
  ref: '/result/message_id',
  // Whatever the words: the id says it, and the advice tells it.
  judge: (_answer, json) => {
    const moved = String(valueAt(json, '/parameters/migrate_to_chat_id'))
    if (!/^-?\d+$/.test(moved)) return undefined
    return { as: 'unavailable', reason: `telegram-migrate-to-chat-id-${moved.replace('-', '')}` }
  },
  code: ['/description'],
  codes: {
    unavailable: CLOSED,
  },
  statuses: { 400: 'refused', 413: 'refused' },
  waits: [{ at: '/parameters/retry_after', unit: 's' }],
}

const send = (settings: Settings, marked: string, ref: string | null): RequestStep =>
  postJson(
    under(settings, `/bot${textSetting(settings, 'token')}/sendMessage`, 'https://api.telegram.org'),
    JSON.stringify({
      chat_id: textSetting(settings, 'chat'),
      ...withEntities(marked),
      link_preview_options: { is_disabled: true },
      ...(ref && { reply_parameters: { message_id: Number(ref), allow_sending_without_reply: true } }),
    }),
  )

const TOKEN = 'A token of BotFather is a number, a colon and the key: 123456:ABC….'
const CHAT = 'Id of the chat (-100… for groups), or @name of a public channel'
const telegram: DestinationKind = {
  kind: 'telegram',
  title: 'Telegram',
  documentation: 'https://core.telegram.org/bots/api#sendmessage',
  settings: {
    token: shaped({ title: 'Token of the bot', type: 'secret' }, /^\d+:[\w-]+$/, TOKEN),
    chat: shaped({ title: CHAT, type: 'text' }, /^(?:-?\d+|@\w+)$/, `Write this: ${CHAT}.`),
    url: { title: 'Address of a Bot API server of your own', type: 'url', optional: true },
  },
  vendorHosts: /^api\.telegram\.org$/,
  // 20 messages a minute to a group.
  rate: { count: 20, perMs: 60_000 },
  concurrency: 1,
  levels: ['plain', 'minimal'],
  isPrivate: true,
  start(event, settings, { level }) {
    const described = describe(event)
    const full = fullText(described, event.ticketUrl, FORM)
    const minimal = () => shortText(described, event.ticketUrl, within(FORM, jsonBytes(full)))
    return send(settings, level === 'minimal' ? minimal() : full, event.ref)
  },
  notice: (notice, settings) => send(settings, noticeText(notice, FORM), null),
  next: (_step, answer, now) => outcomeBy('telegram', answers, answer, now),
}

export default telegram
