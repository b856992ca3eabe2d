/** What the operator lists in `network.allow`: networks, by their addresses, and hosts, by their names. */
import { domainToASCII } from 'node:url'
import { isWithin, type Network, parseAddress, parseNetwork } from './network.ts'

export type Allowed = {
  hasAddress(address: Uint8Array): boolean
  /** Whether the host stands there by its name; never for a literal address. */
  hasName(host: string): boolean
  /** Whether an address of a destination may name the host: one that stands there, or a literal address of a network there. */
  hasHost(host: string): boolean
}

/** @param entries networks (`10.1.0.0/16`, `fd00::/8`, single addresses), names (`chat.example.org`), and all names below one (`.example.org`)
 *  @throws when one of them is neither: the configuration is checked before */
export const createAllowed = (entries: readonly string[]): Allowed => {
  const networks: Network[] = []
  const names = new Set<string>()
  for (const entry of entries) {
    const network = parseNetwork(entry)
    const name = network ? undefined : parseHostName(entry)
    if (network) networks.push(network)
    else if (name) names.add(name)
    else throw new Error(`neither a network nor a host: ${entry}`)
  }
  const hasAddress = (address: Uint8Array) => isWithin(address, networks)
  const hasName = (host: string): boolean => {
    const name = parseHostName(host)
    if (name === undefined || name.startsWith('.')) return false
    return names.has(name) || suffixes(name).some(suffix => names.has(suffix))
  }
  return {
    hasAddress,
    hasName,
    hasHost(host) {
      const address = parseAddress(host.replace(/^\[|\]$/g, ''))
      return address === undefined ? hasName(host) : hasAddress(address)
    },
  }
}

const LABELS = /^\.?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/

/** The name as it is compared: small, in ASCII, without the dot of the root; `*.example.org` as `.example.org`. Undefined for anything else,
 *  for what any reader takes for an address (`127.1`), and for a suffix that is a whole top-level domain. */
export const parseHostName = (text: string): string | undefined => {
  const isBelow = /^\*?\./.test(text)
  const bare = text.replace(/^\*?\./, '').replace(/\.$/, '')
  const name = domainToASCII(bare)
  const labels = name.split('.')
  // No top-level domain begins with a digit; `10.0.0.0-8` is a slip.
  if (!LABELS.test(name) || name.length > 253 || (/^\d/.test(labels.at(-1) ?? '') && labels.length > 1))
    return undefined
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(name)) return undefined
  return isBelow ? (labels.length > 1 ? `.${name}` : undefined) : name
}

/** `.b.c`, `.c` of `a.b.c`. */
const suffixes = (name: string): string[] =>
  name.split('.').flatMap((_, index, labels) => (index === 0 ? [] : [`.${labels.slice(index).join('.')}`]))
