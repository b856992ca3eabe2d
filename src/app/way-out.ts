/** What the way out of the process is given, of the configuration. */
import type { Config } from '../config/config.ts'
import type { Clock } from '../domain/clock.ts'
import type { HttpTransportOptions } from '../transport/http.ts'

export const wayOut = ({ network }: Config, clock: Clock): HttpTransportOptions => ({
  allow: network.allow,
  ca: network.caFile?.pem,
  proxy: network.proxy,
  noProxy: network.noProxy,
  clock,
})
