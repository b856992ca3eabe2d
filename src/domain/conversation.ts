/** What a comment or a change of status makes of a ticket. The table:
 *
 *  public reply by staff      ANSWERED, or what they say: WAITING_FOR_USER, CLOSED
 *  internal note              as it was
 *  what the user adds         IN_PROGRESS, unless nobody has looked at it yet (RECEIVED)
 *  a change of status alone   what was asked for; by the user: CLOSED ("this is solved") or IN_PROGRESS ("it came back")
 *
 *  A status that a comment brings about stands in the comment's own event; one that the ticket has already makes no event. */
import type { TicketEvent, TicketStatus } from '../api/ticket.ts'

/** What somebody does to a ticket. */
export type Act = {
  readonly by: TicketEvent['by']
  /** Null for a change of status alone. */
  readonly message: string | null
  readonly internal: boolean
  /** What they ask for; null when they say nothing of it. */
  readonly status: TicketStatus | null
}

/** The statuses that each may ask for, alone and with a public comment. */
export const USER_MAY_SET: readonly TicketStatus[] = ['CLOSED', 'IN_PROGRESS']
export const STAFF_MAY_SET_WITH_REPLY: readonly TicketStatus[] = ['WAITING_FOR_USER', 'CLOSED', 'ANSWERED']

/** The status that the act brings about; null when it stays as it is. */
export const statusAfter = (before: TicketStatus, act: Act): TicketStatus | null => {
  const wanted = act.message === null ? act.status : afterComment(before, act)
  return wanted === before ? null : wanted
}

const afterComment = (before: TicketStatus, { by, internal, status }: Act): TicketStatus | null => {
  if (internal) return null
  if (by.staff) return status ?? 'ANSWERED'
  return before === 'RECEIVED' ? null : 'IN_PROGRESS'
}
