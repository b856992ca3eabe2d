/** A page for each kind of destination: how to set it up, what it takes, what arrives. */
import { kindSection } from '../../src/config/docs.ts'
import {
  type DestinationKind,
  isOutcome,
  type OutgoingEvent,
  type Settings,
  type Step,
} from '../../src/domain/destination.ts'
import { defaultRedaction, redacted } from '../../src/domain/redaction.ts'
import { guides } from './destination-guides.ts'
import type { Guide } from './guide.ts'
import { createdOutgoing } from './sample-events.ts'

const GENERATED =
  '<!-- Made from the code by `node scripts/docs.js`; changes belong into src/destinations/ and scripts/docs/destination-guides.ts. -->'

/** By path under docs/. */
export const destinationPages = (kinds: readonly DestinationKind[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    kinds.filter(kind => !kind.evaluationOnly).map(kind => [`destinations/${kind.kind}.md`, pageOf(kind)]),
  )

const pageOf = (kind: DestinationKind): string => {
  const guide = guideOf(kind)
  const [, summary = '', settings = ''] = kindSection(kind)
  const notes = guide.notes.map(note => `- ${note}`)
  const parts = [
    `# ${kind.title}`,
    GENERATED,
    `${summary} [All kinds](../destinations.md).`,
    '## Setting it up',
    guide.steps.map((step, i) => `${i + 1}. ${step}`).join('\n'),
    `\`\`\`yaml\n${example(kind.kind, guide)}\n\`\`\``,
    '`support-relay destinations test desk` sends a marked test and says what the service answered.',
    settings,
    ...(notes.length > 0 ? ['## Good to know', notes.join('\n')] : []),
    '## What arrives',
    ...lengthOf(kind),
    `For [the ticket of the guide](../developer-guide/support.md):\n\n\`\`\`\`text\n${arriving(kind)}\n\`\`\`\``,
  ]
  return `${parts.join('\n\n')}\n`
}

const example = (kind: string, { settings, ownHost, beside }: Guide): string => {
  const lines = Object.entries(settings).map(([name, value]) => `    ${name}: ${yaml(value)}`)
  const allow = ownHost === undefined ? [] : [`network: { allow: [${ownHost}] }`]
  const team = beside === undefined ? [] : [`  ${beside}: { kind: slack, url: "\${SUPPORT_HOOK}" }`]
  const to = ['desk', ...(beside === undefined ? [] : [beside])].join(', ')
  const destination = ['  desk:', `    kind: ${kind}`, ...lines]
  return ['destinations:', ...team, ...destination, 'routes:', `  - { to: [${to}] }`, ...allow].join('\n')
}

/** A tree, and what stands in quotes, as it is. */
const yaml = (value: string): string =>
  /^(?:[{"]|[\w.@/-]+$)/.test(value) && !value.startsWith('${') ? value : JSON.stringify(value)

/** What the kind makes of the ticket, laid out for reading; secrets are those of the example. */
const arriving = (kind: DestinationKind): string => {
  const { ticketUrl } = createdOutgoing
  const url = kind.isToWriter ? (ticketUrl?.replace('/console/', '/tickets/') ?? null) : ticketUrl
  return readable(messageFor(kind, { ...createdOutgoing, ticketUrl: url }))
}

/** The request that shows the ticket; where a name has to be asked for first, the one after it. */
const messageFor = (kind: DestinationKind, outgoing: OutgoingEvent): Step => {
  const event = redacted(outgoing, defaultRedaction(kind))
  const { at } = event.event
  const first = kind.start(event, exampleSettings(kind), { level: kind.levels[0] ?? 'rich', at })
  if (first.body !== '') return first
  const named = { kind: 'answer', status: 200, headers: {}, body: '{"room_id":"!support:example.org"}' } as const
  const next = kind.next(first, named, at)
  if (isOutcome(next)) throw new Error(`the kind ${kind.kind} shows no message`)
  return next
}

const LONGEST = 512 * 1024
/** How much of the longest message is shown, found out by making one. */
const lengthOf = (kind: DestinationKind): readonly string[] => {
  if (kind.kind === 'template')
    return ['How long a text may be is for the template to say (`max:N`); by itself nothing is cut.']
  const { ticket } = createdOutgoing
  const { body } = messageFor(kind, { ...createdOutgoing, ticket: { ...ticket, message: 'q'.repeat(LONGEST) } })
  const [, left] = /([\d,]+) more characters/.exec(body.replaceAll('+', ' ').replaceAll('%2C', ',')) ?? []
  if (left === undefined) return body.includes('q'.repeat(LONGEST)) ? ['A message of any length is sent whole.'] : []
  const shown = Math.floor((LONGEST - Number(left.replaceAll(',', ''))) / 100) * 100
  return [
    `Of a message some ${shown.toLocaleString('en')} characters are shown, fewer where what else is in the ticket is long or letters take several bytes. Of a longer one the beginning is shown, with how many characters are left out and a link to the ticket where \`server.publicUrl\` is set.`,
  ]
}

/** The settings of the kind's example, filled in. */
export const exampleSettings = (kind: DestinationKind): Settings => {
  const { settings, environment } = guideOf(kind)
  const filledIn = (value: string) =>
    value.replace(/^"(.*)"$/, '$1').replace(/\$\{(\w+)\}/g, (_, variable) => environment[variable] ?? '')
  return kind.kind === 'template'
    ? TEMPLATE
    : Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, filledIn(value)]))
}

const guideOf = ({ kind }: DestinationKind): Guide => {
  const guide = guides[kind]
  if (!guide) throw new Error(`the kind ${kind} has no guide in destination-guides.ts`)
  return guide
}

const TEMPLATE = {
  url: 'https://desk.example.org/api/messages',
  body: '{"title":"{{title}}","text":"{{message|max:4000}}","tags":["support"]}',
}

const readable = ({ method, body }: Step): string => {
  if (method === 'MAIL') return body
  if (body.startsWith('{')) return JSON.stringify(JSON.parse(body), null, 2)
  return [...new URLSearchParams(body)].map(([name, value]) => `${name}: ${value}`).join('\n')
}
