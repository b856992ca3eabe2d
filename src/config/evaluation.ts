/** The evaluation mode: what the service runs with when there is no configuration. It listens on loopback only, and makes up its own secrets. */
import { join, resolve } from 'node:path'
import type { Destination, DestinationKind } from '../domain/destination.ts'
import { PLATFORM_CLAIMS } from '../domain/principal.ts'
import type { Config } from './config.ts'
import { type EvaluationSecrets, secretsAt } from './evaluation-secrets.ts'
import type { Files } from './files.ts'
import type { Findings } from './problem.ts'

const EVALUATION_ISSUER = 'support-relay-evaluation'
const TICKETS_PER_USER_PER_HOUR = 1_000

export type EvaluationOptions = {
  readonly kinds: readonly DestinationKind[]
  readonly files: Files
  readonly cwd: string
  /** The data folder, where one was given. */
  readonly data: string | undefined
  readonly randomBytes: (count: number) => Uint8Array
  /** False: secrets that do not exist yet are made up, but not written. */
  readonly mayWrite: boolean
}

/** The evaluation mode's configuration; undefined after a problem with its secrets was told. `defaults` are those of the schema. */
export const evaluationConfig = (
  options: EvaluationOptions,
  defaults: Pick<Config, 'server' | 'alerts' | 'limits' | 'network' | 'metrics' | 'retention'>,
  findings: Findings,
): Config | undefined => {
  const folder = resolve(options.cwd, options.data ?? './data')
  const secretsFile = join(folder, 'evaluation-secrets.json')
  const secrets = secretsAt(secretsFile, options, findings)
  return secrets && compose(folder, secretsFile, secrets, localKind(options.kinds), defaults)
}

const compose = (
  folder: string,
  secretsFile: string,
  secrets: EvaluationSecrets,
  kind: DestinationKind,
  defaults: Pick<Config, 'server' | 'alerts' | 'limits' | 'network' | 'metrics' | 'retention'>,
): Config => ({
  // Named here and not taken from the defaults: the promise "loopback only" must not hang on another key's default.
  server: { ...defaults.server, host: '127.0.0.1' },
  store: { folder, postgres: null },
  auth: {
    issuer: EVALUATION_ISSUER,
    key: { kind: 'secret', secret: secrets.sharedSecret },
    audience: null,
    claims: PLATFORM_CLAIMS,
  },
  destinations: [local('devsupport', kind), local('support', kind)],
  routes: [
    { when: { type: ['BUG'] }, to: ['devsupport'] },
    { when: null, to: ['support'] },
  ],
  alerts: defaults.alerts,
  limits: { ...defaults.limits, ticketsPerUserPerHour: TICKETS_PER_USER_PER_HOUR },
  network: { ...defaults.network, allow: ['127.0.0.0/8', '::1/128'] },
  metrics: { ...defaults.metrics, host: '127.0.0.1' },
  retention: defaults.retention,
  evaluation: { loginSecret: secrets.loginSecret, secretsFile },
})

const local = (name: string, kind: DestinationKind): Destination => ({
  name,
  kind,
  settings: {},
  rate: kind.rate,
  concurrency: kind.concurrency,
  timeoutMs: 15_000,
})

const localKind = (kinds: readonly DestinationKind[]): DestinationKind => {
  const kind = kinds.find(({ kind }) => kind === 'local')
  if (kind === undefined) throw new Error('the list of kinds has no "local", which the evaluation mode stands on')
  return kind
}
