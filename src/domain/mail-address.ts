/** Addresses of mail, checked before any library sees them: what one reads as a name or a quoted part, another takes for a second address. */
import { domainToASCII } from 'node:url'

const ATOM = "[\\w!#$%&'*+/=?^`{|}~-]"
const LOCAL_PART = new RegExp(`^${ATOM}+(?:\\.${ATOM}+)*$`)
/** The same with letters of other scripts, for servers that take them (SMTPUTF8). */
const WIDE_LOCAL_PART = new RegExp(`^(?:${ATOM}|[^\\x00-\\x9f\\s\\p{Default_Ignorable_Code_Point}])+$`, 'u')
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
const LOCAL_PART_MAX = 64
const ADDRESS_MAX = 254

/** The address with its domain in ASCII; undefined when it is not one plain address. A local part in quotes is none.
 *  @param options.isWide takes letters beyond ASCII before the `@`, too */
export const mailAddress = (text: string, options: { readonly isWide?: boolean } = {}): string | undefined => {
  const [local = '', domain = '', more] = text.split('@')
  const isLocalPart = (options.isWide ? WIDE_LOCAL_PART : LOCAL_PART).test(local) && !/^\.|\.\.|\.$/.test(local)
  if (more !== undefined || !isLocalPart || local.length > LOCAL_PART_MAX) return undefined
  const ascii = domainToASCII(domain)
  if (!ascii.split('.').every(label => LABEL.test(label))) return undefined
  const address = `${local}@${ascii}`
  return address.length <= ADDRESS_MAX ? address : undefined
}

export const mailDomain = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

export const ONE_ADDRESS =
  'One address stands here. Two people are two destinations: give each its own, and name both in the route.'

/** What keeps a setting from being the address of one mailbox, as a sentence. */
export const addressProblem = (value: string): string | undefined => {
  if (/^[^<>@]*<[^<>@,;\s]+@[^<>@,;\s]+>$/.test(value.trim()))
    return 'Only the address stands here, without a name and brackets: support@example.org.'
  if (/[,;\s]/.test(value.trim()) || value.split('@').length > 2) return ONE_ADDRESS
  return mailAddress(value, { isWide: true }) === undefined
    ? 'This is no address of a mailbox: it looks like support@example.org.'
    : undefined
}
