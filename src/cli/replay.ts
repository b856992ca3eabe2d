/** `support-relay replay`: puts deliveries back to pending, through the running service or on its folder. */
import { type CallParts, makeCall, type Wanted, windowFrom } from './call.ts'
import type { Io } from './io.ts'

export type ReplayOptions = {
  readonly id?: readonly string[]
  readonly ticket?: string
  readonly destination?: string
  readonly state?: string
  readonly reason?: string
  readonly from?: string
  readonly to?: string
  readonly toDestination?: string
  readonly dryRun?: boolean
  readonly why?: string
  readonly json?: boolean
}

export const replay = (options: ReplayOptions, io: Io, parts: CallParts): Promise<number> =>
  makeCall(wanted(options), options, io, parts, ({ count }: { readonly count: number }) => ({
    lines: [sentence(options, count)],
  }))

const wanted = (options: ReplayOptions): Wanted => {
  const window = windowFrom(options)
  if ('wrong' in window) return window
  const filters = {
    ids: options.id,
    filterTicket: options.ticket,
    filterDestination: options.destination,
    filterState: options.state,
    filterReason: options.reason,
    ...window,
  }
  if (Object.values(filters).every(value => value === undefined)) {
    return { wrong: 'Say which deliveries: --id, --ticket, --destination, --state, --reason, --from or --to.' }
  }
  const { toDestination, dryRun, why } = options
  return { method: 'POST', path: '/api/support/replay', fields: { ...filters, toDestination, dryRun, why } }
}

const sentence = ({ dryRun, state }: ReplayOptions, count: number): string => {
  const what = `${count} ${count === 1 ? 'delivery' : 'deliveries'}`
  // An operator who meant others should hear why there are none.
  const meant =
    state === undefined
      ? 'Only dead ones were meant; --state names others.'
      : 'None that passes the filters is in that state.'
  return `${what} ${dryRun ? 'would go out again; nothing was changed' : 'will go out again'}.${count === 0 ? ` ${meant}` : ''}`
}
