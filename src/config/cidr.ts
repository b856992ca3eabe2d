/** Address ranges: `10.0.0.0/8`, `fd00::/8`; a bare address is a range of one. */
import { isIP } from 'node:net'

/** `address/prefix length`, or undefined when it is none. Bits behind the prefix are left as written: they do not count. */
export const parseCidr = (text: string): string | undefined => {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  // A zone (fe80::1%eth0) belongs to one machine's interface; it is no range.
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined
  const bits = version === 4 ? 32 : 128
  if (prefix === undefined) return `${address}/${bits}`
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits ? `${address}/${Number(prefix)}` : undefined
}
