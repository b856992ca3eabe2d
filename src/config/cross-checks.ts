/** What no value shows by itself: how the parts of a configuration fit together. */
import { tellAcknowledgements } from './acknowledgement-checks.ts'
import { child, type Found } from './document.ts'
import type { Read } from './keys.ts'
import type { Findings } from './problem.ts'
import { tellOtherHosts, warnNearAddress, warnPlainHttp } from './reach-checks.ts'
import type { rootKeys } from './schema.ts'

type Values = Read<ReturnType<typeof rootKeys>>

export const crossCheck = (values: Values, root: Found, findings: Findings): void => {
  for (const check of [
    tellPortTwice,
    tellNarrowFallback,
    tellPublicAlerts,
    tellAcknowledgements,
    tellOtherHosts,
    warnUnused,
    warnPlainHttp,
    warnNearAddress,
    warnTrustAll,
  ])
    check(values, root, findings)
}

/** The fallback takes what no rule took: one of its destinations has to take everything. */
const tellNarrowFallback = ({ destinations, routes }: Values, root: Found, findings: Findings): void => {
  const fallback = routes.at(-1)
  const team = destinations.filter(({ name, kind }) => fallback?.to.includes(name) && !kind.isToWriter)
  if (!fallback || team.length === 0 || team.some(({ when }) => when === undefined)) return
  const place = child(root, 'routes')?.place ?? root.place
  findings.problem(
    place,
    'Every destination of the last rule has a `when` of its own, so a ticket that none of them takes would reach nobody.',
    'Name a destination without `when` in the last rule.',
  )
}

const tellPublicAlerts = ({ alerts, destinations }: Values, root: Found, findings: Findings): void => {
  const told = destinations.find(({ name }) => name === alerts.to)
  if (!told?.kind.isPublic) return
  const place = child(child(root, 'alerts') ?? root, 'to')?.place ?? root.place
  findings.problem(
    place,
    `What ${told.kind.title}s hold may be read by others than the team, and "${told.name}" is one.`,
    'Name a chat or a mailbox of the team.',
  )
}

const tellPortTwice = ({ server, metrics }: Values, root: Found, findings: Findings): void => {
  if (server.port === 0 || server.port !== metrics.port || !isOverlap(server.host, metrics.host)) return
  const place = child(root, 'metrics')?.place ?? root.place
  findings.problem(
    { ...place, key: 'metrics.port' },
    `The metrics have the same port as the service, ${server.port}.`,
    'Give one of them another port.',
  )
}

/** Who listens on every network leaves none for the other. */
const isOverlap = (a: string, b: string) => a === b || [a, b].some(host => host === '0.0.0.0' || host === '::')

const warnUnused = ({ destinations, routes }: Values, root: Found, findings: Findings): void => {
  const group = child(root, 'destinations')
  const used = new Set(routes.flatMap(route => route.to))
  for (const { name } of destinations) {
    const entry = group?.kind === 'group' ? group.entries.get(name) : undefined
    if (used.has(name) || entry === undefined) continue
    findings.warning(
      entry.keyPlace,
      `No route names "${name}", so it gets no ticket.`,
      'Name it in a rule of `routes`, or remove it.',
    )
  }
}

const warnTrustAll = ({ server }: Values, root: Found, findings: Findings): void => {
  if (!server.trustProxy.some(range => range.endsWith('/0'))) return
  const place = child(child(root, 'server') ?? root, 'trustProxy')?.place ?? root.place
  const what = 'Every address counts as a proxy, so anybody can write whence a request comes.'
  findings.warning(place, what, 'Name only the addresses of your own proxies.')
}
