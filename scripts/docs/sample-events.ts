/** What is sent for one made-up ticket: the webhook's own bodies, laid out for reading. */
import type { Ticket, TicketEvent } from '../../src/api/ticket.ts'
import webhook from '../../src/destinations/webhook.ts'
import type { OutgoingEvent } from '../../src/domain/destination.ts'

const AT = Date.UTC(2026, 10, 25, 14, 3, 11)
const ID = '019abb53-2c98-7000-8000-4f2f6d1c9a10'
const SETTINGS = { url: 'https://example.org/hook', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }

const ticket: Ticket = {
  id: ID,
  reference: 'SUP-7K3F-Q2MX',
  createdAt: AT,
  status: 'RECEIVED',
  type: 'BUG',
  subject: 'My subject',
  message: 'My job stops after one minute, since yesterday.',
  user: {
    username: 'Ada#1234',
    role: 'USER',
    name: 'Ada Lovelace',
    email: 'ada@example.org',
    organization: 'example.org',
  },
  project: { id: '3f2b5a52-0b7e-4d52-9a0c-2f1f1f3b8f10', listed: true },
  technical: { requestId: '019abb53-2c97-7000-8000-0d6a1a5b7c33', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' },
  context: { page: '/app/jobs' },
}

const created: TicketEvent = {
  id: `${ID}-1`,
  ticketId: ID,
  kind: 'CREATED',
  at: AT,
  by: { username: 'Ada#1234', name: 'Ada Lovelace', staff: false },
  message: null,
  internal: false,
  status: null,
}
const answered: TicketEvent = {
  ...created,
  id: `${ID}-2`,
  kind: 'COMMENTED',
  at: AT + 540_000,
  by: { username: 'grace', name: 'Grace Hopper', staff: true },
  message: 'The queue had a limit of one minute. It is gone; please start it again.',
  status: 'ANSWERED',
}
const closed: TicketEvent = { ...created, id: `${ID}-3`, kind: 'UPDATED', at: AT + 900_000, status: 'CLOSED' }

/** The ticket on its way to some chat. */
export const createdOutgoing: OutgoingEvent = {
  deliveryId: `${created.id}-support`,
  event: created,
  ticket,
  ticketUrl: `https://support.example.org/console/${ID}`,
  ref: null,
}

/** By `type`. */
export const bodies = (): Readonly<Record<string, string>> => {
  const steps = [
    ...[created, answered, closed].map(event =>
      webhook.start(
        {
          deliveryId: `${event.id}-archive`,
          event,
          ticket: { ...ticket, status: event.status ?? ticket.status },
          ticketUrl: null,
          ref: null,
        },
        SETTINGS,
        { level: 'rich', at: event.at },
      ),
    ),
    webhook.notice(
      {
        id: 'alert-1',
        type: 'support.alert',
        at: AT,
        headline: 'Support Relay cannot deliver to devsupport: http-404',
        text: 'Since 2026-11-25 13:58 UTC. 12 deliveries wait for it; nothing is lost.',
      },
      SETTINGS,
      { at: AT },
    ),
  ]
  return Object.fromEntries(
    steps.map(({ body }) => {
      const value = JSON.parse(body)
      return [value.type, JSON.stringify(value, null, 2)]
    }),
  )
}
