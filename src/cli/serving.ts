/** How `serve` is wired to the process it runs in. */
import { setFlagsFromString } from 'node:v8'
import { type Config, createLog, demoToken, loginUrl, startService } from '../app.ts'
import { bytes, load, refusal, type Where, whereOf } from './system.ts'
import { welcomeLines } from './welcome.ts'
import { freeYoungGeneration } from './young-generation.ts'

export function servingParts(where: Where) {
  // Tickets are nobody's business but this user's, also in a folder that others may enter.
  process.umask(0o077)
  setFlagsFromString(OLD_GENERATION_SMALL)
  // A newcomer reads a page of plain sentences; an operator's log collector reads lines of JSON.
  const logFor = (config: Config) => createLog(line => process.stderr.write(line), config.evaluation ? 'warn' : 'info')
  return {
    load: () => load(whereOf(where), true),
    start: (config: Config, onFatal: (error: Error) => void, waiting: AbortSignal) =>
      startService(config, { log: logFor(config), onFatal, onFlow: tradeMemory, waiting }),
    welcome: async (config: Config, address: string) => {
      if (config.evaluation === null || config.auth.key.kind !== 'secret')
        return [`Support Relay listens on ${address}`]
      const link = { secret: config.evaluation.loginSecret, now: Date.now(), randomBytes: bytes }
      return welcomeLines({
        address,
        userLink: loginUrl(address, { ...link, role: 'USER' }),
        staffLink: loginUrl(address, { ...link, role: 'ADMIN' }),
        token: demoToken({ issuer: config.auth.issuer, secret: config.auth.key.secret }, link.now),
        folder: config.store.folder,
        newLink: `npx support-relay login-link${where.data ? ` --data ${where.data}` : ''}`,
      })
    },
    refusal,
    onStopSignal(listener: () => void) {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, listener)
      if (process.env.SUPPORT_RELAY_LAUNCHED) {
        // The launcher's channel closes when it is gone, even by kill -9 (bin/support-relay.js).
        process.once('disconnect', listener)
        process.channel?.unref()
      } else if (process.env.npm_lifecycle_event === 'start') onParentGone(listener)
    },
    exit: (code: number) => process.exit(code),
  }
}

/** The old generation is collected when it has grown by a fifth, unless memory brings speed. */
const tradeMemory = (isFast: boolean): void => {
  freeYoungGeneration(isFast)
  setFlagsFromString(isFast ? '--heap-growing-percent=0' : OLD_GENERATION_SMALL)
}

const OLD_GENERATION_SMALL = '--heap-growing-percent=20'

/** npm hands signals on, but a npm that is killed with -9 would leave us running, with nobody to stop us and the folder taken. */
function onParentGone(listener: () => void): void {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    listener()
  }, 250)
  watch.unref()
}
