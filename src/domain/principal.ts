/** The authenticated caller, as the verified token describes it (claims: reference of UCloud's tokens, both generations). */
import type { Role, TicketUser } from '../api/ticket.ts'
import { roles } from '../api/ticket.ts'

export type Principal = {
  readonly username: string
  readonly role: Role
  readonly name: string | null
  readonly email: string | null
  readonly organization: string | null
  /** The part after the @ of the mail address, in lower case; for routing. */
  readonly mailDomain: string | null
  /** Ids of all projects the token lists. */
  readonly projects: readonly string[]
}

/** A ticket keeps at most this many of its writer's project ids. */
export const PROJECTS_MAX = 100

/** What a ticket keeps of its writer. */
export const ticketUser = (principal: Principal): TicketUser => ({
  username: principal.username,
  role: principal.role,
  name: principal.name,
  email: principal.email,
  organization: principal.organization,
})

export type Claims = Readonly<Record<string, unknown>>

/** Reads the principal from claims whose signature, issuer and times hold. `no-subject` and `role` are reasons to refuse;
 *  everything else that is missing or null is simply not known. */
export const principalFrom = (claims: Claims): Principal | 'no-subject' | 'role' => {
  const username = claims.sub
  if (typeof username !== 'string' || username === '') return 'no-subject'
  const role = roles.find(known => known === claims.role)
  if (!role) return 'role'
  const email = text(claims.email)
  return {
    username,
    role,
    name: [text(claims.firstNames), text(claims.lastName)].filter(part => part !== null).join(' ') || null,
    email,
    organization: text(claims.orgId),
    mailDomain: (text(claims.domain) ?? domainOf(email))?.toLowerCase() ?? null,
    projects: projectIds(claims.membership),
  }
}

const text = (claim: unknown): string | null => (typeof claim === 'string' && claim.trim() !== '' ? claim : null)

const domainOf = (email: string | null): string | null => text(email?.split('@').slice(1).at(-1))

const projectIds = (membership: unknown): string[] =>
  typeof membership === 'object' && membership !== null && !Array.isArray(membership) ? Object.keys(membership) : []

/** Whether the token's audience, read as UCloud's scopes (`path:access`), allows `needed` (`support.createTicket:write`).
 *  None at all means everything; `all` covers every path, a path covers what lies below it, and write covers read. */
export const isInScope = (audience: unknown, needed: string): boolean => {
  const scopes = typeof audience === 'string' ? [audience] : Array.isArray(audience) ? audience : []
  if (scopes.length === 0) return true
  const [path = '', access] = needed.split(':')
  return scopes.some(scope => {
    if (typeof scope !== 'string') return false
    const [allowedPath = '', allowedAccess] = scope.split(':')
    const coversPath = allowedPath === 'all' || allowedPath === path || path.startsWith(`${allowedPath}.`)
    return coversPath && (allowedAccess === 'write' || allowedAccess === access)
  })
}
