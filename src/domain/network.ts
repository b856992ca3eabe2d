/** Addresses and networks as bytes: 4 for IPv4, 16 for IPv6. */
import { isIP } from 'node:net'

export type Network = { readonly bytes: Uint8Array; readonly prefix: number }

/** An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) is the IPv4 address. Undefined for anything but an address. */
export const parseAddress = (text: string): Uint8Array | undefined => {
  const bytes = parseBytes(text)
  return bytes !== undefined && isMapped(bytes) ? bytes.slice(12) : bytes
}

/** `10.1.0.0/16`, `fd00::/8`, or one address. Undefined for anything else. */
export const parseNetwork = (text: string): Network | undefined => {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const written = parseBytes(address)
  const bytes = parseAddress(address)
  if (written === undefined || bytes === undefined) return undefined
  const bits = written.length * 8
  const prefix = (digits === undefined ? bits : Number(digits)) - (written.length - bytes.length) * 8
  return prefix >= 0 && prefix <= bytes.length * 8 ? { bytes, prefix } : undefined
}

export const isWithin = (bytes: Uint8Array, networks: readonly Network[]): boolean =>
  networks.some(network => network.bytes.length === bytes.length && sharesPrefix(bytes, network))

const sharesPrefix = (bytes: Uint8Array, { bytes: network, prefix }: Network): boolean => {
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = bit + 8 <= prefix ? 0xff : (0xff << (8 - (prefix - bit))) & 0xff
    if ((((bytes[bit / 8] ?? 0) ^ (network[bit / 8] ?? 0)) & mask) !== 0) return false
  }
  return true
}

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.length === 16 && bytes.every((byte, index) => index >= 12 || byte === (index >= 10 ? 0xff : 0))

const parseBytes = (text: string): Uint8Array | undefined => {
  const address = text.replace(/%.*$/, '')
  switch (isIP(address)) {
    case 4:
      return Uint8Array.from(address.split('.'), Number)
    case 6:
      return parseV6(address)
    default:
      return undefined
  }
}

/** Of what `isIP` calls IPv6: the IPv4 tail becomes two groups, `::` the groups that are missing. */
const parseV6 = (address: string): Uint8Array => {
  const inGroups = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [head = '', tail] = inGroups.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail ?? '')]
  return Uint8Array.from(all.flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]))
}
