/** From a file (or none) to a checked configuration, or to everything that is wrong with it, told at once. */
import { resolve } from 'node:path'
import type { DestinationKind } from '../domain/destination.ts'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import type { Config, Loaded } from './config.ts'
import { crossCheck } from './cross-checks.ts'
import { child, type Found, isSafeName, readDocument } from './document.ts'
import { evaluationConfig } from './evaluation.ts'
import { type Decoded, decodeUtf8, expandTree } from './expand.ts'
import type { Files } from './files.ts'
import { readKeys, type Type } from './keys.ts'
import { Findings, inOrder, nowhere } from './problem.ts'
import { port, rootKeys } from './schema.ts'
import { folder } from './store.ts'

export type LoadOptions = {
  /** `--config`. Undefined: the environment's SUPPORT_RELAY_CONFIG, else ./support-relay.yaml if there is one, else the evaluation mode. */
  readonly config?: string | undefined
  /** `--port`, as typed; wins over `server.port`. */
  readonly port?: string | undefined
  /** `--data`; wins over `store`. */
  readonly data?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** What every relative path is relative to: the data folder, the configuration file, `${file:…}`. */
  readonly cwd: string
  /** Every kind of destination there is, those of the evaluation mode included. */
  readonly kinds: readonly DestinationKind[]
  readonly files: Files
  readonly randomBytes: (count: number) => Uint8Array
  /** False for commands that only look: the evaluation mode then writes no secrets. Default true. */
  readonly mayWrite?: boolean
}

const CONFIG_FILE = './support-relay.yaml'
const CONFIG_VARIABLE = 'SUPPORT_RELAY_CONFIG'

/** The configuration, or its problems, and warnings in either case. Reads files and may write the evaluation mode's secrets;
 *  never throws for what an operator can put right. */
export const loadConfig = (options: LoadOptions): Loaded => {
  const findings = new Findings()
  const given = {
    port: readOption('--port', options.port, port, findings),
    data: readOption('--data', options.data, folder, findings),
  }
  const { file, content } = findFile(options)
  const config =
    content === undefined ? evaluation(options, given, findings) : fromContent(file, content, options, given, findings)
  const warnings = inOrder(findings.warnings)
  if (config !== undefined && findings.problems.length === 0) return { config, file, warnings }
  return { problems: inOrder(findings.problems), file, warnings }
}

/** Of the command line, checked. */
type Given = { readonly port: number | undefined; readonly data: string | undefined }

type FoundFile =
  | { readonly file: string; readonly content: Decoded }
  | { readonly file: null; readonly content: undefined }

/** A file that was asked for must be there; the one that is looked for by itself need not. */
const findFile = (options: LoadOptions): FoundFile => {
  const open = (file: string) => decodeUtf8(() => options.files.read(resolve(options.cwd, file)))
  const asked = options.config ?? (options.env[CONFIG_VARIABLE] || undefined)
  if (asked !== undefined) return { file: asked, content: open(asked) }
  const content = open(CONFIG_FILE)
  return content.ok || content.code !== 'ENOENT' ? { file: CONFIG_FILE, content } : { file: null, content: undefined }
}

const fromContent = (
  file: string,
  content: Decoded,
  options: LoadOptions,
  given: Given,
  findings: Findings,
): Config | undefined => {
  if (content.ok) return fromText(file, content.text, options, given, findings)
  findings.problem(
    { ...nowhere, file },
    `The configuration file ${content.why}.`,
    'Name the right file with --config, or let the user of the service read it.',
  )
  return undefined
}

const fromText = (
  file: string,
  source: string,
  options: LoadOptions,
  given: Given,
  findings: Findings,
): Config | undefined => {
  const document = readDocument(source, file, findings)
  if (document === undefined) return undefined
  const sources = { env: options.env, readFile: options.files.read, cwd: options.cwd }
  const root = expandTree(document, sources, findings)
  const readFile = (path: string) => options.files.read(resolve(options.cwd, path))
  const values = readKeys(rootKeys(options.kinds, destinationNames(root), readFile), root, findings)
  if (values === undefined) return undefined
  const server = { ...values.server, port: given.port ?? values.server.port }
  crossCheck({ ...values, server }, root, findings)
  return {
    server,
    store: storeOf(given.data ?? values.store, options),
    auth: values.auth,
    destinations: values.destinations,
    routes: values.routes,
    alerts: values.alerts,
    limits: values.limits,
    network: { ...values.network, noProxy: noProxyOf(options) },
    metrics: values.metrics,
    retention: values.retention,
    evaluation: null,
  }
}

/** With a database the folder is the one that would be used without. */
const storeOf = (store: string | PostgresAddress, { cwd }: LoadOptions): Config['store'] =>
  typeof store === 'string'
    ? { folder: resolve(cwd, store), postgres: null }
    : { folder: resolve(cwd, './data'), postgres: store }

const evaluation = (options: LoadOptions, given: Given, findings: Findings): Config | undefined => {
  const misnamed = './support-relay.yml'
  if (decodeUtf8(() => options.files.read(resolve(options.cwd, misnamed))).ok) {
    const what = 'This file is not read, and the evaluation mode is on.'
    findings.warning({ ...nowhere, file: misnamed }, what, 'Name it support-relay.yaml, or give it with --config.')
  }
  const { server, alerts, limits, network, metrics, retention } = rootKeys(options.kinds, undefined)
  const defaults = {
    server: { ...server.fallback.value, port: given.port ?? server.fallback.value.port },
    alerts: alerts.fallback.value,
    limits: limits.fallback.value,
    network: { ...network.fallback.value, noProxy: noProxyOf(options) },
    metrics: metrics.fallback.value,
    retention: retention.fallback.value,
  }
  // After a wrong option nothing starts, so nothing is written either; least of all in another folder than the one meant.
  const mayWrite = (options.mayWrite ?? true) && findings.problems.length === 0
  return evaluationConfig({ ...options, data: given.data, mayWrite }, defaults, findings)
}

const noProxyOf = ({ env }: LoadOptions): string => env.NO_PROXY ?? env.no_proxy ?? ''

const readOption = <T>(name: string, typed: string | undefined, type: Type<T>, findings: Findings): T | undefined => {
  if (typed === undefined) return undefined
  const place = { ...nowhere, key: name }
  return type.read({ kind: 'scalar', place, value: typed, source: typed, isInserted: false }, findings)
}

/** The names that routes may use: those in the file, sound or not, so that one bad destination is not told twice. They are
 *  listed where a route names another, so what may be a secret in the wrong place is no name. */
const destinationNames = (root: Found): readonly string[] | undefined => {
  const group = child(root, 'destinations')
  const names = group?.kind === 'group' ? [...group.entries.keys()].filter(isSafeName) : []
  return names.length > 0 ? names : undefined
}
