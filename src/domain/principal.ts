/** The authenticated caller, as the verified token describes it. */
import type { Role, TicketUser } from '../api/ticket.ts'

export type Principal = {
  readonly username: string
  readonly role: Role
  readonly name: string | null
  readonly email: string | null
  readonly organization: string | null
  /** The part after the @ of the mail address, in lower case; for routing. */
  readonly mailDomain: string | null
  /** Ids of the projects the token lists, at most 100. */
  readonly projects: readonly string[]
}

export const PROJECTS_MAX = 100

/** What a ticket keeps of its writer. */
export const ticketUser = (principal: Principal): TicketUser => ({
  username: principal.username,
  role: principal.role,
  name: principal.name,
  email: principal.email,
  organization: principal.organization,
})
