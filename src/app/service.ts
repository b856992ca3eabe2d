/** The service put together: configuration → store → http → engine; start, and stop. */
import type { Server } from 'node:http'
import type { Config } from '../config/config.ts'
import { type Clock, type Random, systemClock, systemRandom } from '../domain/clock.ts'
import { idMaker } from '../domain/id.ts'
import { referenceCode } from '../domain/reference.ts'
import { watchForAlerts } from '../engine/alerts.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import { startForgetting } from '../engine/forgetting.ts'
import { startIndexing } from '../engine/indexing.ts'
import { unservedWatch } from '../engine/unserved.ts'
import { listen, refusedAddress } from '../http/listen.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { serveMetrics } from '../telemetry/metrics-server.ts'
import { engineObserver } from '../telemetry/observers.ts'
import { createTransport } from '../transport/transport.ts'
import { watchFlow } from './flow.ts'
import { assembleHttp, issuerKeys, newOperatorSecret, type Parts } from './http.ts'
import { testMessage, testResult } from './test-message.ts'
import { openWaiting } from './waiting.ts'
import { wayOut } from './way-out.ts'

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
  /** Whether many tickets come and are stored as fast, at the start and at each change: for a process that trades memory for speed then. */
  readonly onFlow?: (isFast: boolean) => void
  readonly clock?: Clock
  readonly random?: Random
  /** Aborted when a start that still waits for its database is to be given up. */
  readonly waiting?: AbortSignal
}

/** Requests that are still under way when everything else has ended are cut off after this. */
const CLOSE_MS = 1_500

/** Resolves when tickets are taken and deliveries go out. @throws FolderRefused, AddressRefused */
export const startService = async (config: Config, options: ServiceOptions): Promise<Service> => {
  const { log, clock = systemClock, random = systemRandom } = options
  const store = await openWaiting(config, { clock, random, onFatal: options.onFatal, log, waiting: options.waiting })
  const configured = new Set(config.destinations.map(({ name }) => name))
  const metrics = createMetrics(
    () => store.destinations(),
    () => clock.now(),
    configured,
  )
  const transport = createTransport(wayOut(config, clock))
  const issuer = issuerKeys(config, clock, log)
  const references = referenceCode(store.keys.reference)
  const operator = newOperatorSecret(random)
  const parts = { config, store, keys: issuer.keys, references, metrics, log, clock, random, operator }
  let engine: Engine | undefined
  let isStopping = false

  const app = await assembleHttp(parts, {
    onPending: destinations => engine?.nudge(destinations),
    onSteered: () => void engine?.refresh(),
    async onTest({ name }) {
      const told = await engine?.tell(name, testMessage(idMaker(clock, random)(), clock.now()))
      return told && testResult(told)
    },
    isStopping: () => isStopping,
  })
  const closers: (() => Promise<unknown>)[] = [() => store.close(), () => transport.close(), () => issuer.close()]
  try {
    const address = await listen(app, config.server)
    closers.push(() => closeWithin(app, CLOSE_MS, clock))
    const metricsServer = await listenForMetrics(metrics, config, log)
    if (metricsServer) closers.push(() => new Promise(resolve => metricsServer.close(resolve)))
    store.announce({ address, operator })
    const destinations = config.destinations.map(destination => evaluated(destination, config, address))
    const observer = engineObserver(log, metrics)
    const { publicUrl } = config.server
    const nextId = idMaker(clock, random)
    engine = createEngine({
      id: nextId(),
      destinations,
      store,
      transport,
      clock,
      random,
      references,
      ticketUrl: (id, reader) =>
        publicUrl && `${publicUrl.replace(/\/+$/, '')}/${reader === 'staff' ? 'console' : 'tickets'}/${id}`,
      observer,
      onRenderError: (destination, error) => log.error('a message could not be rendered', error, { destination }),
    })
    const lookForUnserved = unservedWatch({ store, configured, clock, observer })
    await lookForUnserved(await store.destinations())
    await engine.start()
    store.onPending(names => {
      engine?.nudge(names ?? destinations.map(({ name }) => name))
      // Staff may have paused one, through another process.
      if (names === null) void engine?.refresh()
    })
    const stopForgetting = startForgetting({
      store,
      clock,
      keep: config.retention,
      onForgotten: removed => log.info('forgot what is older than it is to be kept', removed),
      onError: error => log.error('could not remove what is old; it is tried again in an hour', error),
    })
    const stopIndexing = startIndexing({
      store,
      clock,
      onError: error => log.error('could not make new tickets searchable; it is tried again all along', error),
    })
    const running = engine
    const stopAlerts = watchForAlerts({
      store,
      clock,
      nextId,
      observer,
      destinations,
      onLook: lookForUnserved,
      to: config.alerts.to,
      tell: running.tell,
      healthOf: running.healthOf,
    })
    const { onFlow } = options
    if (onFlow) {
      const stopWatching = watchFlow({ flow: () => store.flow(), clock, onFlow })
      closers.push(async () => stopWatching())
    }
    log.info('ready', { address, destinations: config.destinations.length })
    return {
      address,
      async stop() {
        isStopping = true
        stopForgetting()
        stopIndexing()
        await Promise.all([stopAlerts(), running.stop()])
        await closeAll(closers)
        log.info('stopped')
      },
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

/** The evaluation mode's destinations are pages of our own, whose address is known only now. */
const evaluated = (destination: Config['destinations'][number], config: Config, address: string) =>
  config.evaluation === null
    ? destination
    : { ...destination, settings: { url: `${address}/evaluation/receive/${destination.name}` } }

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

const closeWithin = async (app: Awaited<ReturnType<typeof assembleHttp>>, ms: number, clock: Clock): Promise<void> => {
  const cancel = clock.after(ms, () => app.server.closeAllConnections())
  await app.close()
  cancel()
}

/** In the opposite order of opening; one that fails does not keep the others from closing. */
const closeAll = async (closers: readonly (() => Promise<unknown>)[]): Promise<void> => {
  for (const close of closers.toReversed()) await close().catch(() => {})
}
