/** Which hosts are reached without the proxy: `NO_PROXY`, as curl and others read it. */
import { parseHostName } from '../domain/allowed.ts'
import { isWithin, parseAddress, parseNetwork } from '../domain/network.ts'

export type IsDirect = (host: string, port: number) => boolean

/** @param list separated by commas or spaces: `*`, names (which mean those below them, too; a dot before one changes nothing), addresses and
 *  networks, each with a port where only that is meant: `example.org:8443`, `10.0.0.0/8`, `[::1]:80` */
export const createNoProxy = (list: string): IsDirect => {
  const rules = list
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(ruleOf)
  return (host, port) => isThisMachine(host) || rules.some(matches => matches(host, port))
}

/** The proxy would look for it on its own machine, which is never meant. */
const isThisMachine = (host: string): boolean => {
  const address = parseAddress(host)
  return address ? isWithin(address, LOOPBACK) : /^(?:.+\.)?localhost\.?$/.test(host)
}

const LOOPBACK = ['127.0.0.0/8', '::1'].map(text => parseNetwork(text)).filter(network => network !== undefined)

const ruleOf = (entry: string): IsDirect => {
  if (entry === '*') return () => true
  const whole = parseNetwork(entry.replace(/^\[([^\]]*)\]$/, '$1'))
  const [, target = '', digits] = (whole === undefined && /^(.*):(\d{1,5})$/.exec(entry)) || [entry, entry]
  const network = parseNetwork(target.replace(/^\[([^\]]*)\]$/, '$1'))
  const name = parseHostName(target.replace(/^\*?\.?/, ''))
  return (host, port) => {
    if (digits !== undefined && Number(digits) !== port) return false
    const address = parseAddress(host)
    if (address) return network !== undefined && isWithin(address, [network])
    const asked = parseHostName(host)
    return name !== undefined && asked !== undefined && (asked === name || asked.endsWith(`.${name}`))
  }
}
