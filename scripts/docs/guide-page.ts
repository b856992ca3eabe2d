/** docs/developer-guide/support.md: the page of UCloud's developer guide for this service, in that guide's layout. */
import { errorCodes } from '../../src/api/errors.ts'
import { type CallWords, ERROR_MODEL, type Manual, type ModelWords, manual } from '../../src/api/manual.ts'
import { ticketTypes } from '../../src/api/ticket.ts'
import { example } from './guide-example.ts'
import { details, fenced, generated, page, propertyTable, signature, table } from './markdown.ts'

/** The last state of UCloud's guide that had this section. */
const UCLOUD = 'https://github.com/SDU-eScience/UCloud/blob/929337800f/docs/developer-guide'
const anchor = (name: string): string => `#${name.toLowerCase()}`

const API_BADGE = '[![API: Internal/Beta](../diagrams/badge-api-internal-beta.svg)](#badges)'
const AUTH_BADGES = {
  users: '[![Auth: Users](../diagrams/badge-auth-users.svg)](#badges)',
  staff: '[![Auth: Admin](../diagrams/badge-auth-admin.svg)](#badges)',
} as const

export const guidePage = (): string => {
  const content = manual()
  return page([
    generated('src/api/ and scripts/docs/'),
    neighbours,
    breadcrumb,
    '# Support',
    API_BADGE,
    '_Takes support messages from signed-in users, stores each one before it answers, and delivers it to wherever the team is._',
    rationale,
    ticketFormat,
    ...contents(content),
    ...example,
    '## Remote Procedure Calls',
    'Every call takes `Authorization: Bearer <token>`, or the session cookie of the service’s own pages. Every answer has the header `job-id`, which names the request in the log. The same as OpenAPI 3.1: `GET /openapi.json`.',
    ...content.calls.flatMap(callSection),
    '## Data Models',
    'Instants are integer milliseconds since 1970 (UTC). What is absent is `null`; an optional property may be left out as well.',
    ...content.models.flatMap(modelSection),
    badges,
  ])
}

const neighbours = `<p align="center">
<a href="${UCLOUD}/core/communication/tasks.md">« Previous section: Tasks</a>
&nbsp;&nbsp;·&nbsp;&nbsp;
<a href="../destinations/slack.md">Next section: Slack »</a>
</p>`

const breadcrumb = `[UCloud Developer Guide](${UCLOUD}/README.md) / [Core](${UCLOUD}/core/README.md) / [Communication](${UCLOUD}/core/communication/README.md) / Support`

const rationale = `## Rationale

Somebody who asks for help should have to ask once. So a message is stored, durably, before the call succeeds, and delivered afterwards: a chat that is
down, slow or misconfigured costs neither the message nor the user’s time. Each destination has its own retries, its own pace and its own record of
attempts; what could not be delivered stays visible and can be sent again. What is promised, and which test shows it: [guarantees](../guarantees.md).

Nothing here is tied to one chat. The team’s Slack channels (say \`#devsupport\` and \`#support\`) are two [destinations](../destinations.md), a signed
webhook to a help desk is a third, and [routes](../configuration.md#routes) pick between them by the type of the ticket, the writer’s organisation and more.

![A user sends a message to Support Relay, which stores it, answers with a reference, and delivers it to Slack channels and webhooks that the support team reads](../diagrams/support-flow.svg)`

const ticketFormat = `## Support ticket format

- User information
  - Username on the platform
  - Security role
  - Real name, mail address and organisation, where the token tells them
- Technical information
  - Request id (the header \`job-id\` of the answer)
  - User agent (browser)
  - The project the user was working in, and whether their token lists it
  - What the page adds as \`context\`, such as its address
- Type (${ticketTypes.map(type => type.charAt(0) + type.slice(1).toLowerCase()).join(', ')}), or none
- Subject, and the message exactly as written
- Reference (\`SUP-7K3F-Q2MX\`) and status: where the matter stands`

const contents = ({ calls, models }: Manual): readonly string[] => [
  '## Table of Contents',
  details('<a href="#example-creating-a-ticket">1. Examples</a>', [
    table(['Description'], [['[Creating a ticket](#example-creating-a-ticket)']]),
  ]),
  details('<a href="#remote-procedure-calls">2. Remote Procedure Calls</a>', [
    table(
      ['Name', 'Description'],
      calls.map(({ name, summary }) => [`[\`${name}\`](${anchor(name)})`, summary]),
    ),
  ]),
  details('<a href="#data-models">3. Data Models</a>', [
    table(
      ['Name', 'Description'],
      models.map(({ name, description }) => [`[\`${name}\`](${anchor(name)})`, description]),
    ),
  ]),
]

const callSection = ({
  name,
  method,
  path,
  who,
  summary,
  description,
  request,
  response,
  headers,
  errors,
}: CallWords) => [
  `### \`${name}\``,
  `${API_BADGE}\n${AUTH_BADGES[who]}`,
  `_${summary}_`,
  `\`${method} ${path}\`${method === 'GET' ? ', the request in the query' : ''}`,
  description,
  table(
    ['Request', 'Response', 'Error'],
    [[request, response, ERROR_MODEL].map(model => `[\`${model}\`](${anchor(model)})`)],
  ),
  ...(headers.length > 0
    ? [
        table(
          ['Request header', 'Meaning'],
          headers.map(({ name, description }) => [`\`${name}\``, description]),
        ),
      ]
    : []),
  details(`Errors (${errors.length})`, [
    table(
      ['Status', '`errorCode`', 'Meaning', 'What to do'],
      errors.map(({ code, status, meaning }) => [
        String(status),
        `[\`${code}\`](../errors.md)`,
        meaning,
        errorCodes[code].remedy,
      ]),
    ),
  ]),
]

const modelSection = (model: ModelWords): readonly string[] => [
  `### \`${model.name}\``,
  API_BADGE,
  `_${model.description}_`,
  fenced('ts', signature(model)),
  model.fields.length > 0
    ? details('<b>Properties</b>', [propertyTable(model, anchor)])
    : 'It has no properties of its own.',
]

const badges = `## Badges

| Badge | Meaning |
| --- | --- |
| API: Internal/Beta | Made for the platform’s own programs. It works and is tested; a later version may change it, and says so in the changelog. Properties may be added at any time. |
| Auth: Users | Any end user: the roles \`USER\` and \`ADMIN\`. |
| Auth: Admin | Staff: the role \`ADMIN\`. |`
