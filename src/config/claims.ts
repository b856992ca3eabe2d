/** Under which names the issuer's tokens tell who somebody is. */
import { type Role, roles } from '../api/ticket.ts'
import { type ClaimNames, PLATFORM_CLAIMS } from '../domain/principal.ts'
import { groupEntries, optional, type Read, section, type Type } from './keys.ts'
import { oneOf, text } from './types.ts'

const role = oneOf(roles)

const roleMeanings: Type<Readonly<Record<string, Role>>> = {
  form: 'a group of names the issuer uses, each with USER or ADMIN',
  read(found, findings) {
    const entries = groupEntries(found, findings)
    if (entries === undefined) return undefined
    if (entries.size === 0) {
      findings.problem(
        found.place,
        'No role is named here, so nobody could be staff.',
        'Name at least one, like support-staff: ADMIN, or remove the key.',
      )
      return undefined
    }
    const read = [...entries].map(([name, { value }]) => [name, role.read(value, findings)] as const)
    return read.every((entry): entry is readonly [string, Role] => entry[1] !== undefined)
      ? Object.fromEntries(read)
      : undefined
  },
}

const name = (fallback: string, meaning: string, example?: string) =>
  optional(text('the name of a claim'), fallback, { meaning, ...(example !== undefined && { example }) })

export const claimKeys = {
  username: name('sub', 'Who the user is: stands on tickets, and limits count by it.', 'preferred_username'),
  name: name('name', "The user's name, where `firstNames` and `lastName` do not tell it."),
  email: name(
    'email',
    'Where the user can be reached. An address that the issuer calls unverified (`email_verified: false`) is left out.',
  ),
  organization: name('orgId', 'The organisation of the user.'),
  role: name('role', 'The role, or a list of roles or groups.', 'realm_access.roles'),
  roles: optional(roleMeanings, null, {
    meaning:
      'What the values of that claim mean here; whoever has none of them is a USER. Without it USER and ADMIN mean themselves, and who has another role is refused.',
    example: '{ support-staff: ADMIN }',
  }),
}

/** A name may be a path: `realm_access.roles`. */
export const claims = section(claimKeys)

/** @param given undefined where the file does not have the section
 *  @param isPublished the issuer publishes its keys: then it is no platform that names a role in every token */
export const claimNames = (given: Read<typeof claimKeys> | null, isPublished: boolean): ClaimNames => ({
  ...PLATFORM_CLAIMS,
  ...given,
  isRoleOptional: isPublished || (given !== null && given.roles !== null),
})
