/** A start that finds its database away: the service is alive and says so at its address, and begins as soon as it can. */
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/config.ts'
import type { Finding } from '../domain/finding.ts'
import { listen } from '../http/listen.ts'
import { waitingApp } from '../http/waiting.ts'
import type { Log } from '../telemetry/log.ts'
import { openWhenReady } from './store.ts'
import type { ServiceStore, StoreOptions } from './store-shapes.ts'

/** @throws FolderRefused, DatabaseRefused, AddressRefused */
export const openWaiting = async (
  config: Config,
  { log, ...options }: StoreOptions & { readonly log: Log; readonly waiting: AbortSignal | undefined },
): Promise<ServiceStore> => {
  let why = ''
  let app: FastifyInstance | undefined
  const onWarning = ({ subject, what, fix }: Finding) => log.warn('the database could be safer', { subject, what, fix })
  const onStep = ({ name }: { readonly name: string }) =>
    log.info('changing the schema of the database', { step: name })
  const onWaiting = async (reason: string) => {
    if (reason !== why) log.warn('waiting for the database', { why: reason })
    why = reason
    if (app) return
    app = waitingApp(() => `Tickets cannot be taken yet: ${why}.`)
    await listen(app, config.server)
  }
  try {
    return await openWhenReady(config, { ...options, onWaiting, onWarning, onStep })
  } finally {
    await app?.close()
  }
}
