/** `support-relay serve`: runs the service until it is told to stop. */
import type { ConfigProblem } from '../app.ts'
import { findingLines } from './findings.ts'
import { EXIT_OK, EXIT_WRONG, type Io } from './io.ts'

export const EXIT_FAILED = 1
/** The store cannot be used: not writable, in use, of a newer version or another program, or the disk is full. */
export const EXIT_STORE = 3
/** The address cannot be listened on. */
export const EXIT_ADDRESS = 4

export type Started = { readonly address: string; stop(): Promise<void> }

export type ServeParts<Config> = {
  readonly load: () =>
    | { readonly config: Config; readonly warnings: readonly ConfigProblem[] }
    | { readonly problems: readonly ConfigProblem[]; readonly warnings: readonly ConfigProblem[] }
  readonly start: (config: Config, onFatal: (error: Error) => void, waiting: AbortSignal) => Promise<Started>
  /** What a newcomer is shown once it runs. */
  readonly welcome: (config: Config, address: string) => Promise<readonly string[]>
  /** The exit code that an error of `start`, or one that ends the service, stands for, with the sentence to show; undefined for a mistake of ours. */
  readonly refusal: (error: unknown) => { readonly code: number; readonly sentence: string } | undefined
  /** Calls `listener` for each signal to stop, and when the launcher is gone. */
  readonly onStopSignal: (listener: () => void) => void
  readonly exit: (code: number) => void
}

/** Resolves with the exit code once everything has stopped. */
export const serve = async <Config>(io: Io, parts: ServeParts<Config>): Promise<number> => {
  const loaded = parts.load()
  if ('problems' in loaded) {
    for (const line of findingLines(loaded)) io.err(line)
    io.err('Nothing was started.')
    return EXIT_WRONG
  }
  for (const line of findingLines({ warnings: loaded.warnings })) io.err(line)

  const stopping = Promise.withResolvers<number>()
  const waiting = new AbortController()
  let isStopping = false
  parts.onStopSignal(() => {
    // A second signal ends the process at once. What was accepted is in the store, so nothing is lost by that.
    if (isStopping) parts.exit(EXIT_FAILED)
    isStopping = true
    waiting.abort()
    stopping.resolve(EXIT_OK)
  })
  let service: Started
  try {
    service = await parts.start(
      loaded.config,
      error => {
        const refusal = parts.refusal(error)
        const again = `${error.message}. Ending, so that the service can be started again; what was accepted is safe.`
        io.err(refusal?.sentence ?? again)
        parts.exit(refusal?.code ?? EXIT_FAILED)
      },
      waiting.signal,
    )
  } catch (error) {
    // It waited for what it needs, and was told not to.
    if (isStopping) return EXIT_OK
    const refusal = parts.refusal(error)
    if (!refusal) throw error
    io.err(refusal.sentence)
    return refusal.code
  }
  try {
    for (const line of await parts.welcome(loaded.config, service.address)) io.out(line)
    return await stopping.promise
  } finally {
    // Also when a mistake of ours ends it: a service that nobody waits for would run on.
    await service.stop()
  }
}
