/** `support-relay replay`: puts deliveries back to pending, through the running service or on its folder. */
import type { Api } from '../app.ts'
import { EXIT_OK, EXIT_WRONG, type Io } from './io.ts'
import { EXIT_FAILED, EXIT_STORE } from './serve.ts'

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
  readonly json?: boolean
}

export type ReplayParts = {
  /** The API, or why there is none and the exit code for it. */
  readonly open: () => Promise<Api | { readonly why: string; readonly code: number }>
  /** The sentence for an error that says what to do; undefined for a mistake of ours. */
  readonly refusal: (error: unknown) => string | undefined
}

/** Exit code 0; 2 when it is asked wrongly; 3 when the folder cannot be used; 1 when the service could not. With `json`: the body of the call. */
export const replay = async (options: ReplayOptions, io: Io, parts: ReplayParts): Promise<number> => {
  const [from, to] = [moment(options.from), moment(options.to)]
  const wrong = [
    ['--from', from],
    ['--to', to],
  ].find(([, at]) => Number.isNaN(at))
  if (wrong)
    return told(
      `${wrong[0]} is no moment. Write 2026-11-28T10:00Z, with its zone, or milliseconds since 1970.`,
      EXIT_WRONG,
    )
  const filters = {
    ids: options.id,
    filterTicket: options.ticket,
    filterDestination: options.destination,
    filterState: options.state,
    filterReason: options.reason,
    from,
    to,
  }
  if (Object.values(filters).every(value => value === undefined)) {
    return told('Say which deliveries: --id, --ticket, --destination, --state, --reason, --from or --to.', EXIT_WRONG)
  }
  try {
    const api = await parts.open()
    if ('why' in api) return told(api.why, api.code)
    try {
      const body = { ...filters, toDestination: options.toDestination, dryRun: options.dryRun }
      return shown(await api.call('/api/support/replay', body))
    } finally {
      await api.close()
    }
  } catch (error) {
    const sentence = parts.refusal(error)
    if (sentence === undefined) throw error
    return told(sentence, EXIT_STORE)
  }

  function shown(answer: { readonly status: number; readonly body: string }): number {
    const { count, why } = JSON.parse(answer.body)
    if (options.json) io.out(answer.body)
    else if (answer.status !== 200) io.err(why)
    else io.out(sentence(count))
    if (answer.status === 200) return EXIT_OK
    return answer.status < 500 ? EXIT_WRONG : EXIT_FAILED
  }

  function sentence(count: number): string {
    const what = `${count} ${count === 1 ? 'delivery' : 'deliveries'}`
    // An operator who meant others should hear why there are none.
    const hint = count === 0 && options.state === undefined ? ' Only dead ones were meant; --state names others.' : ''
    return `${what} ${options.dryRun ? 'would go out again; nothing was changed' : 'will go out again'}.${hint}`
  }

  function told(why: string, code: number): number {
    if (options.json) io.out(JSON.stringify({ why }))
    else io.err(why)
    return code
  }
}

/** NaN for what is none. */
const moment = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,16}$/.test(text)) return Number(text)
  // Without a zone it would mean another moment on another machine.
  return /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
}
