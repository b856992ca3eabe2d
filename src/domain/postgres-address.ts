/** Where a PostgreSQL is, and as whom one comes to it. */
export type PostgresAddress = {
  /** All hosts of the cluster; whichever of them takes writes is looked for. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user: string
  readonly password: string | null
  /** Null: in the clear. `ca` is PEM; without it the authorities of the system count. */
  readonly tls: { readonly ca: string | null; readonly isVerified: boolean } | null
  /** `transaction`: a pooler stands in front that hands out a session for one transaction only. */
  readonly pooler: 'none' | 'transaction'
}
