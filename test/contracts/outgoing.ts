/** Events on their way out, for the tests of destinations. */
import type { Ticket, TicketEvent } from '../../src/api/ticket.ts'
import type { OutgoingEvent } from '../../src/domain/destination.ts'

const ID = '0199c0de-0000-7000-8000-000000000001'
export const AT = 1_764_028_800_000

export type Changes = {
  readonly ticket?: Partial<Ticket>
  readonly event?: Partial<TicketEvent>
  readonly outgoing?: Partial<OutgoingEvent>
}

/** A bug report with everything filled in. */
export const createdEvent = (changes: Changes = {}): OutgoingEvent => {
  const ticket: Ticket = {
    id: ID,
    reference: 'SUP-7K3F-Q2MX',
    createdAt: AT,
    status: 'RECEIVED',
    type: 'BUG',
    subject: 'My subject',
    message: 'The job stops after one minute.\nSince yesterday.',
    user: { username: 'Ada#1234', role: 'USER', name: 'Ada Lovelace', email: 'ada@sdu.dk', organization: 'sdu.dk' },
    project: { id: '3f2b', listed: true },
    technical: { requestId: 'request-1', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' },
    context: { page: '/app/jobs' },
    ...changes.ticket,
  }
  const event: TicketEvent = {
    id: `${ID}-1`,
    ticketId: ID,
    kind: 'CREATED',
    at: AT,
    by: { username: ticket.user.username, name: ticket.user.name, staff: false },
    message: null,
    internal: false,
    status: null,
    ...changes.event,
  }
  return {
    deliveryId: `${ID}-1-support`,
    event,
    ticket,
    ticketUrl: `https://support.example.org/console/${ID}`,
    ref: null,
    ...changes.outgoing,
  }
}

/** A public reply by staff that closes the ticket. */
export const commentedEvent = (changes: Changes = {}): OutgoingEvent =>
  createdEvent({
    ...changes,
    event: {
      id: `${ID}-2`,
      kind: 'COMMENTED',
      by: { username: 'grace', name: 'Grace Hopper', staff: true },
      message: 'It works again.',
      status: 'CLOSED',
      ...changes.event,
    },
    outgoing: { deliveryId: `${ID}-2-support`, ...changes.outgoing },
  })

/** The user says that it came back. */
export const updatedEvent = (changes: Changes = {}): OutgoingEvent =>
  createdEvent({
    ...changes,
    event: { id: `${ID}-3`, kind: 'UPDATED', status: 'IN_PROGRESS', ...changes.event },
    outgoing: { deliveryId: `${ID}-3-support`, ...changes.outgoing },
  })

/** As little as a ticket can hold. */
export const bareEvent = (changes: Changes = {}): OutgoingEvent =>
  createdEvent({
    ...changes,
    ticket: {
      type: null,
      user: { username: 'x', role: 'USER', name: null, email: null, organization: null },
      project: null,
      technical: { requestId: 'r', userAgent: null },
      context: null,
      message: 'hi',
      ...changes.ticket,
    },
    outgoing: { ticketUrl: null, ...changes.outgoing },
  })
