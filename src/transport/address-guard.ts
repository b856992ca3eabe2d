/** Which addresses a request may reach. A destination's address is typed by an operator, but names resolve to whatever their owner
 *  says: without this, `https://hooks.example` could lead into our own network or to a cloud's metadata service. */
import { createAllowed } from '../domain/allowed.ts'
import { isWithin, type Network, parseAddress, parseNetwork } from '../domain/network.ts'

export type AddressGuard = {
  /** The addresses among `resolved` that may be connected to, or why none may. Plain http is for addresses and hosts the operator allowed.
   *  @param host the name that led to them */
  admit(resolved: readonly string[], protocol: 'http:' | 'https:', host?: string): Admission
  /** Whether the operator vouches for the host by its name. */
  isNamed(host: string): boolean
}

export type Admission =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly why: string }

/** @param allow networks that are reachable though they are not public, and hosts (allowed.ts)
 *  @throws when one of them is neither: the configuration is checked before */
export const createAddressGuard = (allow: readonly string[]): AddressGuard => {
  const allowed = createAllowed(allow)
  return {
    isNamed: allowed.hasName,
    admit(resolved, protocol, host = '') {
      const parsed = resolved.map(text => ({ text, bytes: parseAddress(text) }))
      const isNamed = allowed.hasName(host)
      const fits = (bytes: Uint8Array) =>
        allowed.hasAddress(bytes) || (isNamed && (isPublic(bytes) || isPrivate(bytes)))
      const chosen = parsed.filter(({ bytes }) => bytes !== undefined && fits(bytes))
      // A name that leads to allowed and to other addresses (localhost: 127.0.0.1 and ::1) is used by the allowed ones.
      if (chosen.length > 0) return { ok: true, addresses: chosen.map(({ text }) => text) }

      const inner = parsed.find(({ bytes }) => bytes === undefined || !isPublic(bytes))
      // One inner address among public ones condemns the name: honest names do not mix them.
      if (inner !== undefined)
        return { ok: false, why: `${inner.text} is not a public address, and network.allow does not list it` }
      if (resolved.length === 0) return { ok: false, why: 'the name of the host has no address' }
      if (protocol === 'http:')
        return { ok: false, why: 'plain http is only for addresses and hosts that network.allow lists' }
      return { ok: true, addresses: resolved }
    },
  }
}

// IANA's special-purpose registries; 168.63.129.16 is a public address that answers from within Azure's hosts.
const INNER_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].map(known)
/** Of IPv6 only global unicast is public, and these parts of it are not (Teredo and ORCHID, documentation, 6to4 apart). */
const INNER_V6 = ['2001::/23', '2001:db8::/32', '3fff::/20'].map(known)
const GLOBAL_UNICAST = [known('2000::/3')]
const SIX_TO_FOUR = [known('2002::/16')]
const NAT64 = [known('64:ff9b::/96')]

/** Where a host that is allowed by its name may be, too: somebody's own network. What a name cannot open is what no service of anybody's is
 *  at: link-local addresses, multicast, and the metadata services of the clouds that lie within private networks. */
const PRIVATE = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
].map(known)
const METADATA = ['100.100.100.200/32', 'fd00:ec2::/32', 'fd20:ce::254/128'].map(known)

const isPrivate = (bytes: Uint8Array): boolean => isWithin(bytes, PRIVATE) && !isWithin(bytes, METADATA)

const isPublic = (bytes: Uint8Array): boolean => {
  if (bytes.length === 4) return !isWithin(bytes, INNER_V4)
  // Both carry an IPv4 address that somebody on the way will send the packet to.
  if (isWithin(bytes, NAT64)) return isPublic(bytes.slice(12))
  if (isWithin(bytes, SIX_TO_FOUR)) return isPublic(bytes.slice(2, 6))
  return isWithin(bytes, GLOBAL_UNICAST) && !isWithin(bytes, INNER_V6)
}

function known(text: string): Network {
  const network = parseNetwork(text)
  if (network === undefined) throw new Error(`not a network: ${text}`)
  return network
}
