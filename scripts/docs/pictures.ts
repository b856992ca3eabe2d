/** The pictures of docs/, by their path in it. */
import { badge } from './badge.ts'
import { exchange } from './exchange.ts'
import { flow } from './flow.ts'

export const EXAMPLE = { subject: 'My subject', message: 'My job stops after one minute.' } as const

const supportFlow = flow(`
title How a message reaches the team
desc A user sends a message to Support Relay, which stores it and answers with a reference. Then it delivers the message to several destinations by itself: two Slack channels and a signed webhook in this picture. The support team reads all of them.
(A user)
> message | < reference
[*Support Relay | stores, then answers]
> delivers, tries again
[Slack | #devsupport] [Slack | #support] [Webhook | anything that takes one]
> reads
(Support team)
`)

const createTicket = exchange(`
title Creating a ticket
desc A user sends createTicket to Support Relay with a subject and a message. Support Relay answers 200 OK with an empty object; the reference of the ticket stands in the header ticket-reference.
A user | Support Relay
> createTicket
CreateTicketRequest
{
  "subject": "${EXAMPLE.subject}",
  "message": "${EXAMPLE.message}"
}
< 200 OK
CreateTicketResponse
ticket-reference: SUP-7K3F-Q2MX

{ }
`)

export const pictures: Readonly<Record<string, string>> = {
  'diagrams/support-flow.svg': supportFlow,
  'diagrams/create-ticket.svg': createTicket,
  'diagrams/badge-api-internal-beta.svg': badge('API', 'Internal/Beta', 'internal'),
  'diagrams/badge-auth-users.svg': badge('Auth', 'Users', 'information'),
  'diagrams/badge-auth-admin.svg': badge('Auth', 'Admin', 'information'),
}
