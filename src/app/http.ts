/** Puts the HTTP server together: every route with what it needs. */
import type { FastifyRequest } from 'fastify'
import type { Config } from '../config/config.ts'
import { ownAddresses } from '../domain/automatic-sender.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import { idMaker } from '../domain/id.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import { takersOf } from '../domain/routing.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { loadAssets } from '../http/assets.ts'
import { makeCalls } from '../http/call.ts'
import { makeConversation, registerConversation } from '../http/conversation.ts'
import { registerDeliveries } from '../http/deliveries.ts'
import { registerDestinations, type TestResult } from '../http/destinations.ts'
import { registerDocs } from '../http/docs.ts'
import { createIntake } from '../http/intake.ts'
import { configuredKey, type KeySource, publishedKeys } from '../http/keys.ts'
import { registerLoopbackOnly } from '../http/loopback-only.ts'
import { registerOperation } from '../http/operation.ts'
import { withOperator } from '../http/operator.ts'
import { pageTokens } from '../http/page-token.ts'
import { registerPages } from '../http/pages.ts'
import { type Replayed, registerReplay } from '../http/replay.ts'
import { registerSearch } from '../http/search.ts'
import { createServer } from '../http/server.ts'
import { makeSessions, withTokens } from '../http/sessions.ts'
import { registerSupport } from '../http/support.ts'
import { registerTicketPages } from '../http/ticket-pages.ts'
import { registerTickets } from '../http/tickets.ts'
import { tokenVerifier } from '../http/token.ts'
import type { Log } from '../telemetry/log.ts'
import type { createMetrics } from '../telemetry/metrics.ts'
import { httpObserver, keysObserver } from '../telemetry/observers.ts'
import { createHttpTransport } from '../transport/http.ts'
import type { ServiceStore } from './store-shapes.ts'
import { versionOfPackage } from './version.ts'

export type Parts = {
  readonly config: Config
  readonly store: ServiceStore
  readonly keys: KeySource
  readonly references: ReferenceCode
  readonly metrics: ReturnType<typeof createMetrics>
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  /** What the command line signs in with. */
  readonly operator: string
}

/** Made at each start. */
export const newOperatorSecret = (random: Random): string => Buffer.from(random.bytes(32)).toString('base64url')

/** The server with every route on it; it does not listen yet. */
export const assembleHttp = async (
  { config, store, keys, references, metrics, log, clock, random, operator }: Parts,
  hooks: {
    readonly onPending: (destinations: readonly string[]) => void
    readonly onSteered: () => void
    /** Sends a test message; undefined when its turn did not come. */
    readonly onTest: (destination: Destination) => Promise<TestResult | undefined>
    readonly isStopping: () => boolean
  },
) => {
  const nextId = idMaker(clock, random)
  const { messageMaxLength } = config.limits
  const observer = httpObserver(log, metrics)
  const app = createServer({
    messageMaxLength,
    trustProxy: config.server.trustProxy,
    nextId,
    observer,
    crowd: {
      isCrowded: () => store.isCrowded(),
      monotonic: () => clock.monotonic(),
      onTurnedAway() {
        metrics.ticketRefused('STORE_UNAVAILABLE')
        metrics.requestAnswered('/api/support/ticket', 'POST', 503, 0)
      },
      onCrowd: turnedAway => log.warn('more tickets than can be stored: turned away', { turnedAway }),
    },
  })
  const sessions = makeSessions({ store, clock, random })
  const intake = createIntake({
    store,
    clock,
    nextId,
    references,
    routes: config.routes,
    takers: takersOf(config.destinations),
    own: ownAddresses(config.destinations),
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
  const verify = withOperator(tokenVerifier(config.auth, keys, clock), operator)
  const pages = { assets: loadAssets(), random, clock, sessions, evaluation, failed: observer.failed }

  if (evaluation) registerLoopbackOnly(app)
  registerOperation(app, {
    trouble: () => (hooks.isStopping() ? Promise.resolve('The service is stopping.') : trouble(store)),
  })
  const callers = { verify, sessionOf: (request: FastifyRequest) => sessions.sessionOf(request) }
  const calls = makeCalls(app, callers)
  const { destinations } = config
  const { onPending } = hooks
  const looking = { store, references, destinations, pageTokens: pageTokens(store.keys.reference) }
  registerSupport(app, calls, { intake, store, references })
  registerTickets(calls, looking)
  registerSearch(calls, looking)
  registerDeliveries(calls, looking)
  const acting = {
    ...looking,
    clock,
    nextId,
    messageMaxLength,
    onPending,
    onSteered: hooks.onSteered,
    test: hooks.onTest,
    onReplayed: ({ by, count, asked }: Replayed) => log.info('replayed', { by, count, ...asked }),
  }
  const conversation = makeConversation(acting)
  registerConversation(calls, conversation)
  registerDestinations(calls, acting)
  registerReplay(calls, acting)
  registerPages(app, { ...pages, sessions: withTokens(sessions, verify), intake, messageMaxLength })
  registerDocs(app, { ...pages, version: versionOfPackage() })
  registerTicketPages(app, { ...pages, ...looking, ...acting, ...callers, conversation })
  if (evaluation) {
    // Loaded only where it is used.
    const { registerEvaluation } = await import('../http/evaluation.ts')
    const { openEvaluationInbox } = await import('../http/evaluation-inbox.ts')
    registerEvaluation(app, {
      ...pages,
      inbox: openEvaluationInbox(evaluation.dataFolder),
      destinations: destinations.map(({ name }) => name),
    })
  }
  return app
}

const trouble = async (store: ServiceStore): Promise<string | undefined> => {
  try {
    await store.check()
    return undefined
  } catch (error) {
    const why = error instanceof StoreUnavailable ? error.message : 'the store does not work'
    return `Tickets cannot be taken at the moment: ${why}. What was accepted is safe.`
  }
}

const ISSUER_TIMEOUT_MS = 5_000
/** Issuers publish certificates beside their keys: the largest sets take some 50 kB. */
const KEY_SET_MAX_BYTES = 512 * 1024

/** What tokens are checked with. The issuer is no destination: it is the operator's own choice whom to trust, and often lies within
 *  their network, so `network.allow` does not bind it. */
export const issuerKeys = ({ auth, network }: Config, clock: Clock, log: Log) => {
  if (auth.key.kind !== 'published') return { keys: configuredKey(auth.key), close: async () => {} }
  const { url } = auth.key
  const ca = network.caFile?.pem
  const transport = createHttpTransport({ allow: ['0.0.0.0/0', '::/0'], ca, clock, bodyMaxBytes: KEY_SET_MAX_BYTES })
  const step = { method: 'GET', url, headers: { accept: 'application/json' }, body: '' } as const
  const keys = publishedKeys({
    fetch: () => transport.send(step, { timeoutMs: ISSUER_TIMEOUT_MS }),
    clock,
    observer: keysObserver(log),
  })
  return { keys, close: () => transport.close() }
}
