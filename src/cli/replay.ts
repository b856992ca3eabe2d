/** `support-relay replay`: puts deliveries back to pending, through the running service or on its folder. */
import type { Api } from '../app.ts'
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
  makeCall(wanted(options), options, io, parts, async ({ count }: { readonly count: number }, api) => ({
    lines: [sentence(options, count), ...(count > 0 ? await heldBack(options, api) : [])],
  }))

/** That they will not go out just now, where one name says where they go. */
const heldBack = async ({ destination, toDestination, json }: ReplayOptions, api: Api): Promise<string[]> => {
  const name = toDestination ?? destination
  if (name === undefined || json) return []
  const { status, body } = await api.call({ method: 'GET', path: '/api/support/browseDestinations', fields: {} })
  if (status !== 200) return []
  const { items } = JSON.parse(body) as { readonly items: readonly { readonly name: string; readonly state: string }[] }
  const state = items.find(item => item.name === name)?.state ?? 'OK'
  return state === 'OK' ? [] : [`${name} is ${state}: until that changes they wait.`]
}

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

const sentence = ({ dryRun, state, toDestination }: ReplayOptions, count: number): string => {
  const what = `${count} ${count === 1 ? 'delivery' : 'deliveries'}`
  // An operator who meant others should hear why there are none.
  const meant =
    toDestination !== undefined
      ? `What ${toDestination} has already is not sent there again: it stays or becomes DEAD (moved) here.`
      : state === undefined
        ? 'Only dead ones were meant; --state names others.'
        : 'None that passes the filters is in that state.'
  return `${what} ${dryRun ? 'would go out again; nothing was changed' : 'will go out again'}.${count === 0 ? ` ${meant}` : ''}`
}
