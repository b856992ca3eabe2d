/** The same HTTP API as the service's, put up for the moment on the folder or the database itself, for a command that finds no service. Deliveries
 *  go out with the service only. */
import type { Config } from '../config/config.ts'
import type { Clock, Random } from '../domain/clock.ts'
import type { Destination } from '../domain/destination.ts'
import { idMaker } from '../domain/id.ts'
import { referenceCode } from '../domain/reference.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { sendNotice } from '../engine/notices.ts'
import { listen } from '../http/listen.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createTransport } from '../transport/transport.ts'
import { assembleHttp, issuerKeys, newOperatorSecret } from './http.ts'
import { DatabaseRefused } from './refused.ts'
import { openStore } from './store.ts'
import { testMessage, testResult } from './test-message.ts'
import { wayOut } from './way-out.ts'

/** @returns where it listens, and what signs in there as the operator. @throws FolderRefused, DatabaseRefused */
export const standIn = async (
  config: Config,
  clock: Clock,
  random: Random,
): Promise<{ readonly address: string; readonly operator: string; close(): Promise<void> }> => {
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
    address,
    operator,
    async close() {
      await app.close()
      await transport.close()
      await issuer.close()
      await store.close()
    },
  }
}

const START_FIRST = 'it is a page of the service itself, which does not run; start it with npm start'
