/** Whether the addresses of the destinations may be reached, as far as it shows before anything is sent. */
import { createAllowed } from '../domain/allowed.ts'
import type { Destination } from '../domain/destination.ts'
import { child, type Found } from './document.ts'
import type { Findings, Place } from './problem.ts'

type Values = {
  readonly destinations: readonly Destination[]
  readonly network: { readonly allow: readonly string[] }
}

/** A kind of one vendor goes to that vendor, or to a server of the operator's own that they say is one: a hook that was pasted wrong, or changed by
 *  somebody, sends tickets to nobody else. */
export const tellOtherHosts = ({ destinations, network }: Values, root: Found, findings: Findings): void => {
  const allowed = createAllowed(network.allow)
  for (const { kind, url, place } of urlsOf(destinations, root)) {
    if (kind.vendorHosts === undefined || kind.vendorHosts.test(url.hostname) || allowed.hasHost(url.hostname)) continue
    // The host is not shown: the address may be a secret, and no sound one.
    findings.problem(
      place,
      `The address is on no host of ${kind.title}, and \`network.allow\` does not list its host.`,
      'Correct the address; or, if it is a server of your own, add its host name to `network.allow`.',
    )
  }
}

/** The address guard lets plain http through to what is allowed only, so without any such a destination fails from the start. */
export const warnPlainHttp = ({ destinations, network }: Values, root: Found, findings: Findings): void => {
  if (network.allow.length > 0) return
  for (const { url, place } of urlsOf(destinations, root)) {
    if (url.protocol !== 'http:') continue
    const what = 'The address is plain http, which is for what `network.allow` lists only, and that lists nothing.'
    findings.warning(place, what, 'Write https://, or add the host to `network.allow`.')
  }
}

/** The plainest of what the guard blocks (transport/address-guard.ts): this machine, its neighbours, metadata services. */
const NEAR = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]

export const warnNearAddress = ({ destinations, network }: Values, root: Found, findings: Findings): void => {
  const allowed = createAllowed(network.allow)
  const near = createAllowed(NEAR)
  for (const { url, place } of urlsOf(destinations, root)) {
    const isToldAlready = url.protocol === 'http:' && network.allow.length === 0
    if (isToldAlready || !near.hasHost(url.hostname) || allowed.hasHost(url.hostname)) continue
    const what =
      'The address is within a network of your own, and `network.allow` does not list it, so nothing is sent there.'
    findings.warning(place, what, 'Correct the address, or add it to `network.allow`.')
  }
}

type Address = { readonly kind: Destination['kind']; readonly url: URL; readonly place: Place }

const urlsOf = (destinations: readonly Destination[], root: Found): Address[] =>
  destinations.flatMap(({ name, kind, settings }) =>
    Object.entries(settings).flatMap(([key, value]) => {
      if (typeof value !== 'string') return []
      const isAddress = kind.settings[key]?.type === 'url' || /^smtps?:/.test(value)
      const url = isAddress ? URL.parse(value) : null
      if (url === null) return []
      const destination = child(child(root, 'destinations') ?? root, name)
      return [{ kind, url, place: child(destination ?? root, key)?.place ?? root.place }]
    }),
  )
