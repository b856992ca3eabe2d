/** Reading and checking what the settings of the kinds have in common. */
import type { Setting, Settings } from '../domain/destination.ts'

export const MINUTE = 60_000
/** As one part of a path. */
export const path = (text: string) => encodeURIComponent(text)

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

/** The setting, where a value that is not of this shape cannot be right. @param otherwise the sentence for that */
export const shaped = (setting: Setting, right: RegExp, otherwise: string): Setting => ({
  ...setting,
  problem: value => setting.problem?.(value) ?? (right.test(value) ? undefined : otherwise),
})

/** The address of a hook on a server of somebody's own. */
export const ownHook: Setting = shaped(
  { title: 'Address of the incoming webhook', type: 'url', isSecret: true, problem: urlProblem },
  /\/hooks\/./,
  'The path of an incoming webhook holds /hooks/: copy it from the integration.',
)

/** The vendor's path under the address of the service, which may have a path of its own. */
export const under = (settings: Settings, path: string, vendor?: string): string => {
  const base = new URL(vendor !== undefined && settings.url === undefined ? vendor : textSetting(settings, 'url'))
  const [pathname = '', query] = path.split('?')
  base.pathname = base.pathname.replace(/\/+$/, '') + pathname
  if (query !== undefined) base.search = query
  return base.href
}

/** The address of a hook, which is the password. On the vendor's hosts its path is looked at, elsewhere anything may stand before it.
 *  @param shape how the path of one begins
 *  @param mistaken what else such an address may be, in a sentence that says what to do */
export const hook = (
  vendorHosts: RegExp,
  shape: { readonly path: RegExp; readonly shown: string },
  mistaken: (url: URL) => string | undefined = () => undefined,
): Setting => ({
  title: 'Address of the incoming webhook',
  type: 'url',
  isSecret: true,
  problem(value) {
    const problem = urlProblem(value)
    if (problem !== undefined) return problem
    const url = new URL(value)
    const mistake = mistaken(url)
    if (mistake !== undefined || !vendorHosts.test(url.hostname)) return mistake
    if (url.protocol !== 'https:') return 'The address must begin with https://.'
    return shape.path.test(url.pathname) ? undefined : `The path of an incoming webhook begins with ${shape.shown}.`
  },
})

/** A key in its usual header; nothing when there is none. */
export const bearer = (token: Settings[string] | undefined): Readonly<Record<string, string>> =>
  typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}

/** Name and password as HTTP's oldest scheme wants them. */
export const basic = (name: string, password: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

/** The address with more in its query; what stands there stays as it is, byte for byte: it may be signed. */
export const withQuery = (address: string, query: string): string => {
  const url = new URL(address)
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url.href
}
