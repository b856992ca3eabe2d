/** Reading and checking what the settings of the kinds have in common. */
import type { Settings } from '../domain/destination.ts'

/** A setting that is one text. The configuration was checked before: its absence is our mistake. */
export const textSetting = (settings: Settings, name: string): string => {
  const value = settings[name]
  if (typeof value !== 'string') throw new Error(`setting ${name} is not a text`)
  return value
}

/** A setting that is one text or several. */
export const listSetting = (settings: Settings, name: string): readonly string[] => {
  const value = settings[name]
  if (value === undefined) throw new Error(`setting ${name} is missing`)
  return typeof value === 'string' ? [value] : value
}

/** What keeps the value from being the address of a hook or a service, as a sentence; the value itself is never quoted, it may be a secret. */
export const urlProblem = (value: string): string | undefined => {
  const url = URL.parse(value)
  if (url === null) return 'This is no complete address: it begins with https:// and names a host.'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The address must begin with https://.'
  if (url.username !== '' || url.password !== '')
    return 'The address must not hold a user name or a password before the host.'
  return undefined
}

/** The vendor's path under the address of the service, which may have a path of its own. */
export const under = (settings: Settings, path: string, vendor?: string): string => {
  const base = new URL(vendor !== undefined && settings.url === undefined ? vendor : textSetting(settings, 'url'))
  const [pathname = '', query] = path.split('?')
  base.pathname = base.pathname.replace(/\/+$/, '') + pathname
  if (query !== undefined) base.search = query
  return base.href
}

/** The address with more in its query; what stands there stays as it is, byte for byte: it may be signed. */
export const withQuery = (address: string, query: string): string => {
  const url = new URL(address)
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url.href
}

/** What keeps the value from being a hook's address. @param shape asked of the vendor's own hosts only: elsewhere any path may stand */
export const hookProblem =
  (vendorHosts: RegExp, shape: (url: URL) => string | undefined) =>
  (value: string): string | undefined => {
    const problem = urlProblem(value)
    if (problem !== undefined) return problem
    const url = new URL(value)
    if (!vendorHosts.test(url.hostname)) return undefined
    return url.protocol === 'https:' ? shape(url) : 'The address must begin with https://.'
  }
