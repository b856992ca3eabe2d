/** What a configuration amounts to, without its secrets: for `check`, and for the log at the start. */
import type { Destination, Setting } from '../domain/destination.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import type { Condition } from '../domain/routing.ts'
import type { AuthKey } from './auth.ts'
import type { Config } from './config.ts'
import { formatDuration, formatRate } from './pace.ts'

/** Plain data that may be printed anywhere. */
export type Summary = {
  readonly isEvaluation: boolean
  readonly listens: string
  /** Null with a database. */
  readonly folder: string | null
  readonly database: string | null
  readonly tokens: { readonly issuer: string; readonly key: string; readonly audience: string | null }
  readonly destinations: readonly DestinationSummary[]
  readonly routes: readonly { readonly when: Condition | null; readonly to: readonly string[] }[]
  /** Who is told of what stays undelivered; null for the first private destination that works. */
  readonly alerts: string | null
  readonly limits: Config['limits']
  readonly network: { readonly allow: readonly string[]; readonly proxy: string | null; readonly caFile: string | null }
  readonly metrics: string
  readonly keeps: { readonly tickets: string; readonly attempts: string }
}

export type DestinationSummary = {
  readonly name: string
  readonly kind: string
  readonly title: string
  /** Secrets as `(secret)`. */
  readonly settings: Readonly<Record<string, string>>
  readonly rate: string
  readonly concurrency: number
  readonly timeout: string
}

export const summarize = (config: Config): Summary => ({
  isEvaluation: config.evaluation !== null,
  listens: address(config.server.host, config.server.port),
  folder: config.store.postgres === null ? config.store.folder : null,
  database: config.store.postgres && databaseInWords(config.store.postgres),
  tokens: { issuer: config.auth.issuer, key: keyInWords(config.auth.key), audience: config.auth.audience },
  destinations: config.destinations.map(summarizeDestination),
  routes: config.routes,
  alerts: config.alerts.to,
  limits: config.limits,
  network: networkInWords(config.network),
  metrics: `${address(config.metrics.host, config.metrics.port)}/metrics`,
  keeps: { tickets: formatDuration(config.retention.tickets), attempts: formatDuration(config.retention.attempts) },
})

const summarizeDestination = ({
  name,
  kind,
  settings,
  rate,
  concurrency,
  timeoutMs,
}: Destination): DestinationSummary => ({
  name,
  kind: kind.kind,
  title: kind.title,
  settings: Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, mask(kind.settings[key], value)])),
  rate: formatRate(rate),
  concurrency,
  timeout: formatDuration(timeoutMs),
})

/** A setting nobody described counts as a secret. Of an address only what cannot be one is left: no query. */
const mask = (setting: Setting | undefined, value: string | readonly string[]): string => {
  if (setting === undefined || setting.isSecret === true || typeof value !== 'string') return '(secret)'
  switch (setting.type) {
    case 'secret':
    case 'secrets':
    case 'headers':
      return '(secret)'
    case 'url':
      return value.replace(/\?.*$/s, '?…')
    case 'text':
    case 'tree':
      return value
    default:
      return setting.type satisfies never
  }
}

const keyInWords = (key: AuthKey): string => {
  switch (key.kind) {
    case 'secret':
      return 'HS512 (shared secret)'
    case 'certificate':
      return 'RS256 (certificate)'
    case 'published':
      return `published by the issuer (${key.url.replace(/\?.*$/s, '?…')})`
    default:
      return key satisfies never
  }
}

/** Such as `relay on db1:5432`: nobody's name or password. */
export const databaseInWords = ({ hosts, database }: PostgresAddress): string =>
  `${database} on ${hosts.map(({ host, port }) => hostAndPort(host, port)).join(', ')}`

const networkInWords = ({ allow, proxy, caFile }: Config['network']): Summary['network'] => ({
  allow,
  proxy: proxy && address(proxy.host, proxy.port),
  caFile: caFile?.path ?? null,
})

const address = (host: string, port: number) => `http://${hostAndPort(host, port)}`

const hostAndPort = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`
