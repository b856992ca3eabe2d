/** Waiting for a store only so long: one that hangs must not keep the engine from stopping. */
import type { Clock } from '../domain/clock.ts'

/** What `work` brings, or undefined when it takes longer than `ms`. */
export const within = async <T>(ms: number, clock: Clock, work: Promise<T>): Promise<T | undefined> => {
  const tooLate = Promise.withResolvers<undefined>()
  const cancel = clock.after(ms, () => tooLate.resolve(undefined))
  try {
    return await Promise.race([work, tooLate.promise])
  } finally {
    cancel()
  }
}

/** What `work` brings, or undefined when it has not come `graceMs` after `signal` was aborted. */
export const unlessCutOff = async <T>(
  signal: AbortSignal,
  options: { readonly clock: Clock; readonly graceMs: number },
  work: Promise<T>,
): Promise<T | undefined> => {
  const cutOff = Promise.withResolvers<undefined>()
  let cancel = () => {}
  const begin = () => {
    cancel = options.clock.after(options.graceMs, () => cutOff.resolve(undefined))
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin)
  try {
    return await Promise.race([work, cutOff.promise])
  } finally {
    cancel()
    signal.removeEventListener('abort', begin)
  }
}
