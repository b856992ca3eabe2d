/** How a command reaches the tickets: through the service that runs on the folder, or, when none does, through the same HTTP API put up for
 *  the moment on the folder itself. Deliveries go out with the service only. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { type Clock, type Random, systemClock, systemRandom } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import { idMaker } from '../domain/id.ts'
import { referenceCode } from '../domain/reference.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { sendNotice } from '../engine/notices.ts'
import { listen } from '../http/listen.ts'
import { announcedService, FolderRefused, isTaken } from '../store/sqlite/folder.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createTransport } from '../transport/transport.ts'
import { assembleHttp, issuerKeys, newOperatorSecret } from './http.ts'
import { DatabaseRefused, openStore } from './store.ts'
import { testMessage, testResult } from './test-message.ts'
import { wayOut } from './way-out.ts'

export type ApiRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Parameters of a GET, the body of a POST; what is undefined is left out. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}
/** `body` is JSON. */
export type ApiAnswer = { readonly status: number; readonly body: string }
export type Api = {
  /** @throws FolderRefused when the service did not answer: what it did then is not known */
  call(request: ApiRequest): Promise<ApiAnswer>
  close(): Promise<void>
}

/** @throws FolderRefused, DatabaseRefused with a sentence that says what to do */
export const openApi = async (
  config: Config,
  { clock = systemClock, random = systemRandom }: { readonly clock?: Clock; readonly random?: Random } = {},
): Promise<Api> => {
  const { folder, postgres } = config.store
  if (postgres === null && !existsSync(join(folder, 'support-relay.db'))) {
    throw new FolderRefused(
      `There is no data in ${folder}. Name the folder of the service with --data or its --config.`,
    )
  }
  if (postgres === null && isTaken(folder)) return running(folder)
  const store = await openStore(config, {
    clock,
    random,
    onFatal: error => {
      throw error
    },
  }).catch((error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error
    throw new DatabaseRefused(`The database cannot be asked: ${error.message}. Try again once it answers.`, {
      cause: error,
    })
  })
  const log = createLog(() => {}, 'silent')
  const issuer = issuerKeys(config, clock, log)
  const metrics = createMetrics(
    () => store.destinations(),
    () => clock.now(),
    new Set(),
  )
  const operator = newOperatorSecret(random)
  const references = referenceCode(store.keys.reference)
  const transport = createTransport(wayOut(config, clock))
  const onTest = async (destination: Destination) => {
    // The evaluation mode's stand-in for Slack is a page of the service itself.
    if (destination.kind.evaluationOnly) return { outcome: 'RETRY', status: null, excerpt: START_FIRST } as const
    const message = testMessage(idMaker(clock, random)(), clock.now())
    const told = await sendNotice({ transport, clock }, destination, message, new AbortController().signal)
    return told && testResult(told)
  }
  const app = await assembleHttp(
    { config, store, keys: issuer.keys, references, metrics, log, clock, random, operator },
    { onPending: () => {}, onSteered: () => {}, isStopping: () => false, onTest },
  )
  const address = await listen(app, { host: '127.0.0.1', port: 0 })
  return {
    call: request => send(address, operator, request),
    async close() {
      await app.close()
      await transport.close()
      await issuer.close()
      await store.close()
    },
  }
}

const running = (folder: string): Api => {
  const service = announcedService(folder)
  if (!service) {
    throw new FolderRefused(
      `The service that uses ${folder} does not say where it listens. Wait until it has started, or stop it; nothing was changed.`,
    )
  }
  return {
    async call(request) {
      try {
        return await send(service.address, service.operator, request)
      } catch (cause) {
        const what = `The service that uses ${folder} did not answer to the end, so it may have done a part of it.`
        throw new FolderRefused(`${what} Ask again once it runs: what was done already is not done twice.`, { cause })
      }
    },
    close: async () => {},
  }
}

const START_FIRST = 'it is a page of the service itself, which does not run; start it with npm start'

/** A replay of very many takes a while; nothing takes longer. */
const TIMEOUT_MS = 300_000

const send = async (address: string, secret: string, request: ApiRequest): Promise<ApiAnswer> => {
  const { method, path, fields, headers } = request
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  const url = new URL(path, address)
  if (method === 'GET') for (const [name, value] of given) url.searchParams.set(name, String(value))
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(method === 'POST' && { body: JSON.stringify(Object.fromEntries(given)) }),
  })
  const body = await answer.text()
  JSON.parse(body) // Something else that listens there now answers otherwise.
  return { status: answer.status, body }
}
