/** The only file that knows every room: configuration → store → http → engine; start, and stop. */
import type { Server } from 'node:http'
import type { Config } from './config/config.ts'
import { type Clock, type Random, systemClock, systemRandom } from './domain/clock.ts'
import { idMaker } from './domain/id.ts'
import { type ReferenceCode, referenceCode } from './domain/reference.ts'
import { StoreUnavailable } from './domain/store.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import { loadAssets } from './http/assets.ts'
import { registerDestinations } from './http/destinations.ts'
import { createIntake } from './http/intake.ts'
import { configuredKey, type KeySource, publishedKeys } from './http/keys.ts'
import { listen, refusedAddress } from './http/listen.ts'
import { registerLoopbackOnly } from './http/loopback-only.ts'
import { registerOperation } from './http/operation.ts'
import { pageTokens } from './http/page-token.ts'
import { registerPages } from './http/pages.ts'
import { registerReplay } from './http/replay.ts'
import { createServer } from './http/server.ts'
import { makeSessions } from './http/sessions.ts'
import { registerSupport } from './http/support.ts'
import { registerTickets } from './http/tickets.ts'
import { tokenVerifier } from './http/token.ts'
import { openThreadedStore, type ThreadedStore } from './store/sqlite/threaded.ts'
import type { Log } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { serveMetrics } from './telemetry/metrics-server.ts'
import { engineObserver, httpObserver, keysObserver } from './telemetry/observers.ts'
import { createHttpTransport } from './transport/http.ts'

// What the commands of cli/ need of the rooms: they know this file only.
export { explainRoutes, type RouteAnswer, type RouteQuestion } from './config/explain-routes.ts'
export { systemFiles } from './config/files.ts'
export { loadConfig } from './config/load.ts'
export type { ConfigProblem } from './config/problem.ts'
export { type Summary, summarize } from './config/summary.ts'
export { destinationKinds } from './destinations/index.ts'
export { typeFrom } from './domain/submission.ts'
export { demoToken, loginUrl } from './http/demo.ts'
export { AddressRefused } from './http/listen.ts'
export { announcedAddress, FolderRefused } from './store/sqlite/folder.ts'
export { createLog } from './telemetry/log.ts'
export type { Config }

export type Service = {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly address: string
  /** Stops within 10 s: turns `/status`, takes no more work, ends what is under way, closes the store. */
  stop(): Promise<void>
}

export type ServiceOptions = {
  readonly log: Log
  /** The store cannot go on by itself: end the process, so that it is started again. */
  readonly onFatal: (error: Error) => void
  readonly clock?: Clock
  readonly random?: Random
}

const PRUNE_EVERY_MS = 3_600_000
const PRUNE_SLICE = 1_000
/** Requests that are still under way when everything else has ended are cut off after this. */
const CLOSE_MS = 1_500

/** Resolves when tickets are taken and deliveries go out. @throws FolderRefused, AddressRefused */
export const startService = async (config: Config, options: ServiceOptions): Promise<Service> => {
  const { log, clock = systemClock, random = systemRandom } = options
  const store = await openThreadedStore(config.store.folder, { clock, onFatal: options.onFatal })
  const metrics = createMetrics(
    () => store.destinations(),
    () => clock.now(),
  )
  const transport = createHttpTransport({ allow: config.network.allow, clock })
  const issuer = issuerKeys(config, clock, log)
  const references = referenceCode(store.keys.reference)
  const parts = { config, store, keys: issuer.keys, references, metrics, log, clock, random }
  let engine: Engine | undefined
  let isStopping = false

  const app = await http(parts, {
    onPending: destinations => engine?.nudge(destinations),
    onSteered: () => void engine?.refresh(),
    isStopping: () => isStopping,
  })
  const closers: (() => Promise<unknown>)[] = [() => store.close(), () => transport.close(), () => issuer.close()]
  try {
    const address = await listen(app, config.server)
    closers.push(() => closeWithin(app, CLOSE_MS, clock))
    const metricsServer = await listenForMetrics(metrics, config, log)
    if (metricsServer) closers.push(() => new Promise(resolve => metricsServer.close(resolve)))
    store.announce(address)
    engine = createEngine({
      id: idMaker(clock, random)(),
      destinations: config.destinations.map(destination => evaluated(destination, config, address)),
      store,
      transport,
      clock,
      random,
      references,
      ticketUrl: () => null,
      observer: engineObserver(log, metrics),
      onRenderError: (destination, error) => log.error('a message could not be rendered', error, { destination }),
    })
    await engine.start()
    const cancelPrune = every(PRUNE_EVERY_MS, clock, () => prune(store, clock, log))
    const running = engine
    log.info('ready', { address, destinations: config.destinations.length })
    return {
      address,
      async stop() {
        isStopping = true
        cancelPrune()
        await running.stop()
        await closeAll(closers)
        log.info('stopped')
      },
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

type Parts = {
  readonly config: Config
  readonly store: ThreadedStore
  readonly keys: KeySource
  readonly references: ReferenceCode
  readonly metrics: ReturnType<typeof createMetrics>
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
}

const http = async (
  { config, store, keys, references, metrics, log, clock, random }: Parts,
  hooks: {
    readonly onPending: (destinations: readonly string[]) => void
    readonly onSteered: () => void
    readonly isStopping: () => boolean
  },
) => {
  const nextId = idMaker(clock, random)
  const { messageMaxLength } = config.limits
  const observer = httpObserver(log, metrics)
  const app = createServer({ messageMaxLength, trustProxy: config.server.trustProxy, nextId, observer })
  const sessions = makeSessions({ store, clock, random })
  const intake = createIntake({
    store,
    clock,
    nextId,
    references,
    routes: config.routes,
    limits: config.limits,
    onAccepted(destinations) {
      metrics.ticketAccepted()
      hooks.onPending(destinations)
    },
    onRefused: problem => metrics.ticketRefused(problem.code),
    onStoreTrouble: error => log.error('a ticket could not be stored', error, { outcome: error.outcome }),
  })
  const evaluation = config.evaluation && {
    loginSecret: config.evaluation.loginSecret,
    dataFolder: config.store.folder,
  }
  const pages = { assets: loadAssets(), random, clock, sessions, evaluation, failed: observer.failed }

  if (evaluation) registerLoopbackOnly(app)
  registerOperation(app, {
    trouble: () => (hooks.isStopping() ? Promise.resolve('The service is stopping.') : trouble(store)),
  })
  const callers = {
    verify: tokenVerifier(config.auth, keys, clock),
    sessionOf: (request: Parameters<typeof sessions.sessionOf>[0]) => sessions.sessionOf(request),
  }
  registerSupport(app, { ...callers, intake, store, references })
  const { destinations } = config
  registerTickets(app, { ...callers, store, references, destinations, pageTokens: pageTokens(store.keys.reference) })
  registerDestinations(app, { ...callers, store, clock, destinations, onSteered: hooks.onSteered })
  registerReplay(app, {
    ...callers,
    store,
    references,
    clock,
    nextId,
    destinations,
    onPending: hooks.onPending,
    onReplayed: ({ by, count, asked }) => log.info('replayed', { by, count, ...asked }),
  })
  registerPages(app, { ...pages, intake, messageMaxLength })
  if (evaluation) {
    // Loaded only where it is used: what it needs takes 8 MB.
    const { registerEvaluation } = await import('./http/evaluation.ts')
    const { openEvaluationInbox } = await import('./http/evaluation-inbox.ts')
    registerEvaluation(app, {
      ...pages,
      inbox: openEvaluationInbox(evaluation.dataFolder),
      destinations: destinations.map(({ name }) => name),
    })
  }
  return app
}

const ISSUER_TIMEOUT_MS = 5_000
/** Issuers publish certificates beside their keys: the largest sets take some 50 kB. */
const KEY_SET_MAX_BYTES = 512 * 1024

/** What tokens are checked with. The issuer is no destination: it is the operator's own choice whom to trust, and often lies within
 *  their network, so `network.allow` does not bind it. */
const issuerKeys = ({ auth }: Config, clock: Clock, log: Log) => {
  if (auth.key.kind !== 'published') return { keys: configuredKey(auth.key), close: async () => {} }
  const { url } = auth.key
  const transport = createHttpTransport({ allow: ['0.0.0.0/0', '::/0'], clock, bodyMaxBytes: KEY_SET_MAX_BYTES })
  const step = { method: 'GET', url, headers: { accept: 'application/json' }, body: '' } as const
  const keys = publishedKeys({
    fetch: () => transport.send(step, { timeoutMs: ISSUER_TIMEOUT_MS }),
    clock,
    observer: keysObserver(log),
  })
  return { keys, close: () => transport.close() }
}

/** The evaluation mode's destinations are pages of our own, whose address is known only now. */
const evaluated = (destination: Config['destinations'][number], config: Config, address: string) =>
  config.evaluation === null
    ? destination
    : { ...destination, settings: { url: `${address}/evaluation/receive/${destination.name}` } }

const trouble = async (store: ThreadedStore): Promise<string | undefined> => {
  try {
    await store.check()
    return undefined
  } catch (error) {
    const why = error instanceof StoreUnavailable ? error.message : 'the store does not work'
    return `Tickets cannot be taken at the moment: ${why}. What was accepted is safe.`
  }
}

/** Whoever only tries the service out must not be stopped by a port that nobody asked for. */
const listenForMetrics = async (metrics: Parts['metrics'], config: Config, log: Log): Promise<Server | undefined> => {
  try {
    return await serveMetrics(metrics, config.metrics)
  } catch (error) {
    if (config.evaluation === null) throw refusedAddress(error, config.metrics, '"metrics.port" in the configuration')
    log.warn('no metrics: their port cannot be listened on', { port: config.metrics.port })
    return undefined
  }
}

const closeWithin = async (app: ReturnType<typeof createServer>, ms: number, clock: Clock): Promise<void> => {
  const cancel = clock.after(ms, () => app.server.closeAllConnections())
  await app.close()
  cancel()
}

/** In the opposite order of opening; one that fails does not keep the others from closing. */
const closeAll = async (closers: readonly (() => Promise<unknown>)[]): Promise<void> => {
  for (const close of closers.toReversed()) await close().catch(() => {})
}

const every = (ms: number, clock: Clock, work: () => Promise<void>): (() => void) => {
  let cancel = () => {}
  const next = () => {
    cancel = clock.after(ms, () => void work().finally(next))
  }
  next()
  return () => cancel()
}

const prune = async (store: ThreadedStore, clock: Clock, log: Log): Promise<void> => {
  try {
    while ((await store.prune({ now: clock.now(), limit: PRUNE_SLICE })) >= PRUNE_SLICE);
  } catch (error) {
    log.error('could not remove what ran out; it is tried again in an hour', error)
  }
}
