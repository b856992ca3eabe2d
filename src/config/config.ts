/** A configuration that was checked: what every other room is given. */

import type { Destination } from '../domain/destination.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import type { Route } from '../domain/routing.ts'
import type { Auth } from './auth.ts'
import type { Read } from './keys.ts'
import type { networkKeys } from './network.ts'
import type { ConfigProblem } from './problem.ts'
import type { alertKeys, limitKeys, metricsKeys, retentionKeys, serverKeys } from './schema.ts'

export type Config = {
  readonly server: Read<typeof serverKeys>
  /** `folder` is absolute, and unused with a database. */
  readonly store: { readonly folder: string; readonly postgres: PostgresAddress | null }
  readonly auth: Auth
  /** At least one, in the order of the file. */
  readonly destinations: readonly Destination[]
  /** The last has no `when`; every name in it is one of `destinations`. */
  readonly routes: readonly Route[]
  readonly alerts: Read<ReturnType<typeof alertKeys>>
  readonly limits: Read<typeof limitKeys>
  /** `allow`: each `address/prefix length`, or a name, with a dot before it for all below it. `noProxy`: of the environment. */
  readonly network: Read<ReturnType<typeof networkKeys>> & { readonly noProxy: string }
  readonly metrics: Read<typeof metricsKeys>
  /** Milliseconds. */
  readonly retention: Read<typeof retentionKeys>
  /** Null where a configuration file was read. */
  readonly evaluation: Evaluation | null
}

export type Evaluation = {
  /** 32 bytes that sign-in links are signed with. */
  readonly loginSecret: Uint8Array
  /** Where the generated secrets are kept. */
  readonly secretsFile: string
}

/** `file` is the configuration file as it was named; null in the evaluation mode. */
export type Loaded =
  | { readonly config: Config; readonly file: string | null; readonly warnings: readonly ConfigProblem[] }
  | {
      readonly problems: readonly ConfigProblem[]
      readonly file: string | null
      readonly warnings: readonly ConfigProblem[]
    }
