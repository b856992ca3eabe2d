/** What a destination of kind `webhook` is sent, as Standard Webhooks: the shapes of its bodies. docs/events.md is made of them. */
import { object, oneOf, text } from './schema.ts'
import { type EventKind, ticket, ticketEvent } from './ticket.ts'

/** What the body calls the event. */
export const eventTypes = {
  CREATED: 'ticket.created',
  COMMENTED: 'ticket.commented',
  UPDATED: 'ticket.updated',
} as const satisfies Record<EventKind, string>

const timestamp = text('When it happened: ISO 8601, in UTC. The only instant that is no number.', {
  format: 'date-time',
})

export const ticketCreated = object(
  {
    type: oneOf([eventTypes.CREATED], 'What happened.'),
    timestamp,
    data: object({ ticket }, { name: 'TicketCreatedData', description: 'The ticket as it was written.' }),
  },
  { name: 'TicketCreated', description: 'A user has sent a ticket.' },
)

export const ticketChanged = object(
  {
    type: oneOf(
      [eventTypes.COMMENTED, eventTypes.UPDATED],
      'What happened: a public text was added, or the status changed.',
    ),
    timestamp,
    data: object(
      { ticket, event: ticketEvent },
      { name: 'TicketChangedData', description: 'The ticket as it was at that event, and the event.' },
    ),
  },
  { name: 'TicketChanged', description: 'Something was said about a ticket, or it stands differently now.' },
)

export const supportNotice = object(
  {
    type: oneOf(
      ['support.alert', 'support.test'],
      'Something stays undelivered and is announced here, or staff try whether messages arrive.',
    ),
    timestamp,
    data: object(
      {
        headline: text('What happened, in one line.'),
        text: text('What follows from it and what to do, in sentences. No ticket, no user, no secret.'),
      },
      { name: 'SupportNoticeData', description: 'Words to the team.' },
    ),
  },
  { name: 'SupportNotice', description: 'Words of the service itself; no ticket is meant.' },
)

export const webhookEvents = [ticketCreated, ticketChanged, supportNotice] as const
