/** docs/events.md: what a webhook receives, made of the shapes in src/api/events.ts. */
import { webhookEvents } from '../../src/api/events.ts'
import { type ModelWords, modelsOf } from '../../src/api/manual.ts'
import type { Schema } from '../../src/api/schema.ts'
import { fenced, generated, page, propertyTable, signature, table } from './markdown.ts'
import { bodies } from './sample-events.ts'

const GUIDE = 'developer-guide/support.md'

export const eventsPage = (): string => {
  const models = modelsOf(webhookEvents)
  const own = new Set(
    models.filter(({ name }) => /^(Ticket(Created|Changed)|SupportNotice)/.test(name)).map(({ name }) => name),
  )
  const link = (model: string) => `${own.has(model) ? '' : GUIDE}#${model.toLowerCase()}`
  return page([
    '# Events',
    generated('src/api/events.ts and scripts/docs/'),
    'A destination of kind [`webhook`](destinations/webhook.md) gets each event as one `POST` of JSON, signed as [Standard Webhooks](https://www.standardwebhooks.com) says.',
    table(['`type`', 'When', 'Shape'], webhookEvents.flatMap(eventRows)),
    '## Headers',
    table(['Header', 'Holds'], HEADERS),
    rules,
    '## Verifying',
    verifying,
    '## Examples',
    ...Object.entries(bodies()).flatMap(([type, body]) => [`\`${type}\`:`, fenced('json', body)]),
    '## Shapes',
    `What is not here is in the [developer guide](${GUIDE}#data-models).`,
    ...models.filter(({ name }) => own.has(name)).flatMap(model => shape(model, link)),
  ])
}

const WHEN: Readonly<Record<string, string>> = {
  'ticket.created': 'A user has sent a ticket.',
  'ticket.commented': 'Somebody has added a text that the user sees. Notes among staff go nowhere.',
  'ticket.updated': 'The status changed without a text.',
  'support.alert': 'Something stays undelivered somewhere, and `alerts.to` names this destination.',
  'support.test': 'Staff try whether messages arrive (`testDestination`).',
}

const eventRows = (event: Schema<unknown>): string[][] =>
  (event.fields?.type?.json.enum ?? []).map(type => {
    const when = WHEN[String(type)]
    if (when === undefined) throw new Error(`scripts/docs/events-page.ts does not say when ${type} is sent`)
    return [`\`${type}\``, when, `[\`${event.name}\`](#${event.name?.toLowerCase()})`]
  })

const HEADERS = [
  ['`webhook-id`', 'The delivery’s id: the same on every attempt, and when it is replayed. Drop what you have seen.'],
  ['`webhook-timestamp`', 'When this attempt was made, in seconds since 1970.'],
  [
    '`webhook-signature`',
    'One signature for each configured secret, divided by spaces: `v1,` and HMAC-SHA256 (`whsec_…`), or `v1a,` and ed25519 (`whsk_…`), in base64.',
  ],
  ['`content-type`', '`application/json`'],
] as const

const rules = `- Any 2xx within the destination’s \`timeout\` means that it has arrived. Everything else is tried again, for days if need be; what the answers mean is in [guarantees.md](guarantees.md).
- The body is the same, byte for byte, on every attempt: the ticket as it was at that event. Timestamp and signature are those of the attempt.
- Events of one ticket come in their order: a later one waits until the earlier has arrived or was given up.
- Fields may be added. Pass over what you do not know, a \`type\` too: answer it with 200.`

const verifying = `What is signed is \`<webhook-id>.<webhook-timestamp>.<body>\`: the bytes as they came, before any parser. The key is what follows \`whsec_\`, decoded from base64.
Any library of Standard Webhooks does it (an old timestamp is refused, so that nobody can send a recorded message again). By hand, in Node:

${fenced(
  'js',
  `import { createHmac, timingSafeEqual } from 'node:crypto'

/** @param {Record<string, string>} headers  @param {Buffer} body as received  @param {string} secret whsec_… */
export const isGenuine = (headers, body, secret, now = Date.now()) => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (!id || !signatures || !/^\\d+$/.test(timestamp) || Math.abs(now / 1000 - timestamp) > 300) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(\`\${id}.\${timestamp}.\`).update(body).digest()
  return signatures.split(' ').some(signature => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64')
    return signature.startsWith('v1,') && given.length === expected.length && timingSafeEqual(given, expected)
  })
}`,
)}`

const shape = (model: ModelWords, link: (model: string) => string): readonly string[] => [
  `### \`${model.name}\``,
  `_${model.description}_`,
  fenced('ts', signature(model)),
  propertyTable(model, link),
]
