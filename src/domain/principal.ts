/** The authenticated caller, as the verified token describes it (claims: reference of UCloud's tokens, both generations). */
import type { Role, TicketUser } from '../api/ticket.ts'
import { roles } from '../api/ticket.ts'
import { cutText } from './text.ts'

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

/** Of name, address and organisation, in UTF-16 units. */
export const CLAIM_MAX = 500
/** Who has a longer one is nobody: it could be neither cut, since two users would become one, nor kept in an index. */
const USERNAME_MAX = 500
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

/** Under which names an issuer tells who somebody is. A name may be a path: `realm_access.roles`. */
export type ClaimNames = {
  readonly username: string
  readonly name: string
  readonly email: string
  readonly organization: string
  readonly role: string
  /** What the role claim's values mean here. Null: `USER` and `ADMIN` mean themselves, and everything else is refused. */
  readonly roles: Readonly<Record<string, Role>> | null
  /** Whoever the issuer names no role for is a USER. False where the issuer always names one (UCloud). */
  readonly isRoleOptional: boolean
}

/** UCloud's own. */
export const PLATFORM_CLAIMS: ClaimNames = {
  username: 'sub',
  name: 'name',
  email: 'email',
  organization: 'orgId',
  role: 'role',
  roles: null,
  isRoleOptional: false,
}

/** Reads the principal from claims whose signature, issuer and times hold. `no-subject` and `role` are reasons to refuse;
 *  everything else that is missing or null is simply not known. */
export const principalFrom = (
  claims: Claims,
  names: ClaimNames = PLATFORM_CLAIMS,
): Principal | 'no-subject' | 'role' => {
  const username = claimAt(claims, names.username)
  // The subject is what makes a token one of a user (RFC 7519, 4.1.2), also where people go by another name.
  const isName = (id: unknown) => typeof id === 'string' && id !== '' && id.length <= USERNAME_MAX
  if (![claims.sub, username].every(isName)) return 'no-subject'
  const role = roleOf(claimAt(claims, names.role), names)
  if (!role) return 'role'
  // An address that its issuer says nobody has confirmed may be somebody else's.
  const isUnverified = [false, 'false', 0, '0'].some(no => claims.email_verified === no)
  const email = isUnverified ? null : shortText(claimAt(claims, names.email))
  return {
    username: wellFormed(username as string), // as just seen
    role,
    name: shortText(fullName(claims) ?? claimAt(claims, names.name)),
    email,
    organization: shortText(claimAt(claims, names.organization)),
    mailDomain: (text(claims.domain) ?? domainOf(email))?.toLowerCase() ?? null,
    projects: projectIds(claims.membership),
  }
}

/** The claim of this name; else, where the name has dots, what lies at the end of that path. */
const claimAt = (claims: Claims, name: string): unknown => {
  if (Object.hasOwn(claims, name)) return claims[name]
  return name
    .split('.')
    .reduce<unknown>((at, step) => (isGroup(at) && Object.hasOwn(at, step) ? at[step] : undefined), claims)
}

const isGroup = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The highest role among those named: one text, or, where the issuer is no platform, a list. */
const roleOf = (claim: unknown, { roles: meanings, isRoleOptional }: ClaimNames): Role | undefined => {
  const named = (Array.isArray(claim) && isRoleOptional ? claim : [claim]).filter(value => typeof value === 'string')
  const meant =
    meanings === null ? named : named.map(value => (Object.hasOwn(meanings, value) ? meanings[value] : undefined))
  const role = roles.toReversed().find(known => meant.includes(known))
  if (role) return role
  const isNamed = meanings === null && named.length > 0
  return isRoleOptional && !isNamed ? 'USER' : undefined
}

const fullName = (claims: Claims): string | null =>
  [text(claims.firstNames), text(claims.lastName)].filter(part => part !== null).join(' ') || null

const text = (claim: unknown): string | null => (typeof claim === 'string' && claim.trim() !== '' ? claim : null)

/** Half a character has no UTF-8 form, and would be stored as the same sign whichever it was: two users would become one. */
const wellFormed = (username: string): string =>
  username.replace(/\p{Surrogate}|\0/gu, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** What every ticket keeps and every list shows has an end, however long an issuer lets a name be. */
const shortText = (claim: unknown): string | null => {
  const given = text(claim)
  return given && cutText(given, CLAIM_MAX)
}

const domainOf = (email: string | null): string | null => text(email?.split('@').slice(1).at(-1))

const projectIds = (membership: unknown): string[] => (isGroup(membership) ? Object.keys(membership) : [])

/** Whether the token's audience, read as UCloud's scopes (`path:access`), allows `needed` (`support.createTicket:write`).
 *  None at all means everything; `all` covers every path, a path covers what lies below it, and write covers read. */
export const isInScope = (audience: unknown, needed: string): boolean => {
  const scopes = Array.isArray(audience) ? audience : [audience]
  if (audience === undefined || audience === null || scopes.length === 0) return true
  const [path = '', access] = needed.split(':')
  return scopes.some(scope => {
    if (typeof scope !== 'string') return false
    const [allowedPath = '', allowedAccess] = scope.split(':')
    const coversPath = allowedPath === 'all' || allowedPath === path || path.startsWith(`${allowedPath}.`)
    return coversPath && (allowedAccess === 'write' || allowedAccess === access)
  })
}
