/** Which proxies' word counts for where a request comes from. */
import { BlockList, isIP } from 'node:net'

/** Whether the address, as a socket or a header names it, lies in one of the networks (`10.0.0.0/8`). */
export const proxyTrust = (networks: readonly string[]): ((address: string) => boolean) => {
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    trusted.addSubnet(address, Number(prefix), familyOf(address))
  }
  return address => {
    const plain = plainAddress(address)
    return plain !== undefined && trusted.check(plain, familyOf(plain))
  }
}

/** The address without what proxies write around it: a port, brackets, a zone, an IPv4 address in IPv6 clothes. Undefined when it is none. */
export const plainAddress = (text: string): string | undefined => {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? []
  const [, withPort] = /^([\d.]+):\d+$/.exec(text) ?? []
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(address) === 0 ? undefined : address
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
