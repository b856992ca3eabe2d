/** Microsoft Teams, by a flow of its Workflows app that starts with a webhook and posts the card it gets
 *  (https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498).
 *  The answer says that the flow was started; what became of the card stands in the flow's own history. */
import type { KnownAnswer } from '../domain/classify.ts'
import { cutCounting, jsonBytes, type Measure } from '../domain/cut.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import { balanced } from '../domain/text.ts'
import { valueAt, words } from './answer-rules.ts'
import { type Chat, fromChat } from './chat.ts'
import type { Description } from './describe.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import { postJson } from './post.ts'
import { hook, textSetting } from './settings.ts'
import type { Span } from './text-message.ts'

const VENDOR_HOSTS =
  /\.(?:logic\.azure\.(?:com|us|cn)|environment\.api(?:\.gov|\.high)?\.powerplatform\.(?:com|us|microsoft\.us))$/
const RETIRED_HOSTS = /(?:^|\.)webhook\.office(?:365)?\.com$|^outlook\.office(?:365)?\.com$/
/** Teams takes 28,672 bytes of what it makes of the card: one of 24,453 was seen to be too large. */
const BODY_MAX_BYTES = 20_000
/** A subject has at most 1,000 units of at most 3 bytes. */
const SUBJECT_MAX_BYTES = 3_000
const FIELD_MAX_BYTES = 400
const COLORS = { BUG: 'Attention', SUGGESTION: 'Accent', QUESTION: 'Good' } as const

/** Runs of text read no Markdown, but renderers make dates of `{{DATE(...)}}`. */
const inert = (text: string): string => text.replace(/\{(?=\{(?:DATE|TIME)\(|$)/g, '{\u200b')
const inertBytes: Measure = text => jsonBytes(inert(text))

type Look = Readonly<Record<string, string | boolean>>
type Run = Look & { readonly type: 'TextRun'; readonly text: string }
const run = (text: string, look: Look = {}): Run => ({
  type: 'TextRun',
  text: inert(text),
  ...look,
})
/** TextBlock and FactSet would read Markdown: user text stands in runs only. */
const block = (inlines: readonly Run[], look: object = {}) => ({ type: 'RichTextBlock', inlines, ...look })

const cardBody = (items: readonly object[], ticketUrl: string | null = null) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        msteams: { width: 'Full' },
        body: items,
        ...(ticketUrl !== null && { actions: [{ type: 'Action.OpenUrl', title: 'Open the ticket', url: ticketUrl }] }),
      },
    },
  ],
})

const card = ({ title, subject, fields, message }: Description, { event, ticket, ticketUrl }: OutgoingEvent) => {
  const color: Look = event.kind === 'CREATED' && ticket.type !== null ? { color: COLORS[ticket.type] } : {}
  const heading = [run(title, { size: 'Medium', weight: 'Bolder', ...color })]
  if (subject !== '') heading.push(run(`: ${cutCounting(subject, SUBJECT_MAX_BYTES, inertBytes)}`, { size: 'Medium' }))
  const lines = fields.map(([label, value]) =>
    block([run(`${label}: `, { isSubtle: true }), run(cutCounting(value, FIELD_MAX_BYTES, inertBytes))], {
      spacing: 'None',
    }),
  )
  const head = [block(heading), ...lines]
  if (message === null) return cardBody(head, ticketUrl)
  // In a box of its own: no line of it can pose as one of ours.
  const whole = (text: string) =>
    cardBody([...head, { type: 'Container', style: 'emphasis', items: [block([run(text)])] }], ticketUrl)
  const room = BODY_MAX_BYTES - Buffer.byteLength(JSON.stringify(whole('')))
  return whole(balanced(cutCounting(message, room, inertBytes)))
}

const dressed = ({ open, inner, close }: Span): Span => ({ open, inner: text => inner(inert(text)), close })

const mistaken = ({ hostname, pathname, search }: URL): string | undefined => {
  if (RETIRED_HOSTS.test(hostname)) {
    return 'This is an Office 365 connector; Microsoft retired them in 2026. Open Workflows at the channel, choose a flow that starts when a Teams webhook request is received, and put the address it shows here.'
  }
  const isWhole = /\/workflows\/./.test(pathname) && /[?&]sig=./.test(search)
  return isWhole || !VENDOR_HOSTS.test(hostname)
    ? undefined
    : 'The address that the flow shows has /workflows/ in its path and a sig=… behind it; copy all of it.'
}

const OWN_REQUEST: Readonly<Record<string, KnownAnswer>> = {
  413: { as: 'refused', reason: 'teams-own-413' },
  429: { as: 'limited', reason: 'teams-own-429' },
}

const teams: Chat = {
  kind: 'teams',
  title: 'Microsoft Teams',
  documentation:
    'https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498',
  settings: { url: hook(VENDOR_HOSTS, { path: /./, shown: '/' }, mistaken) },
  vendorHosts: VENDOR_HOSTS,
  rate: { count: 1, perMs: 1_000 },
  rich: card,
  form: {
    max: BODY_MAX_BYTES - 1_000,
    measure: jsonBytes,
    line: dressed(plainLine),
    block: () => dressed(quotedBlock()),
  },
  text: text => cardBody([block([{ type: 'TextRun', text }])]),
  // Without the charset an older address was seen to count each byte twice.
  request: (settings, body) =>
    postJson(textSetting(settings, 'url'), body, { 'content-type': 'application/json; charset=utf-8' }),
  answers: {
    // 202 with nothing, or what a flow that answers by itself says; a page of somebody's proxy is neither.
    success: [200, 202],
    confirmed: (json, body) =>
      !/^\s*<|^Webhook message delivery failed/.test(body) && valueAt(json, '/error') === undefined,
    // An older address says 200, and in words what its own request was told.
    judge: ({ body }) =>
      OWN_REQUEST[/^Webhook message delivery failed with error:.*HTTP error (\d{3})\b/.exec(body)?.[1] ?? ''],
    code: ['/error/code'],
    codes: {
      refused: ['TriggerInputSchemaMismatch', 'InvalidRequestContent', 'MessageSizeExceeded', 'RequestEntityTooLarge'],
      unavailable:
        words(`AuthorizationFailed DirectApiAuthorizationRequired WorkflowNotFound WorkflowTriggerIsNotEnabled
        WorkflowTriggerNotFound`),
    },
    statuses: { 413: 'refused' },
  },
}

export default fromChat(teams)
