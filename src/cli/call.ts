/** What every command that makes a call has in common: the API of the running service or of its folder, the answer shown, the exit code. */
import { type Api, type ApiRequest, oneLine } from '../app.ts'
import { EXIT_OK, EXIT_WRONG, type Io, refuse } from './io.ts'
import { EXIT_FAILED, EXIT_STORE } from './serve.ts'

export type CallParts = {
  /** The API, or why there is none and the exit code for it. */
  readonly open: () => Promise<Api | { readonly why: string; readonly code: number }>
  /** The sentence for an error that says what to do; undefined for a mistake of ours. */
  readonly refusal: (error: unknown) => string | undefined
  /** Says that work goes on, until what comes back is called. */
  readonly progress: () => () => void
}

/** A request, or what is wrong with what was asked for. */
export type Wanted = ApiRequest | { readonly wrong: string }
export type Shown = { readonly lines: readonly string[]; readonly code?: number }

/** Exit code 0; 2 when it is asked wrongly; 3 when the folder cannot be used; 1 when the service could not. With `json`: the body of the call, or `{why, errorCode}`.
 *  @param show what a person reads of the answer; it may ask for more */
export const makeCall = async <Body>(
  wanted: Wanted,
  options: { readonly json?: boolean | undefined },
  io: Io,
  parts: CallParts,
  show: (body: Body, api: Api) => Shown | Promise<Shown>,
): Promise<number> => {
  if ('wrong' in wanted) return refuse(options, io, wanted.wrong, EXIT_WRONG)
  try {
    const api = await parts.open()
    if ('why' in api) return refuse(options, io, api.why, api.code)
    const working = parts.progress()
    try {
      return await shown(await api.call(wanted), api)
    } finally {
      working()
      await api.close()
    }
  } catch (error) {
    const sentence = parts.refusal(error)
    if (sentence === undefined) throw error
    return refuse(options, io, sentence, EXIT_STORE)
  }

  async function shown(answer: { readonly status: number; readonly body: string }, api: Api): Promise<number> {
    if (answer.status !== 200) {
      if (options.json) io.out(harmless(answer.body))
      else io.err(inOptions(oneLine(JSON.parse(answer.body).why)))
      return answer.status < 500 && answer.status !== 429 ? EXIT_WRONG : EXIT_FAILED
    }
    const { lines, code = EXIT_OK } = await show(JSON.parse(answer.body) as Body, api) // as the API documents it
    if (options.json) io.out(harmless(answer.body))
    else for (const line of lines) io.out(line)
    return code
  }
}

/** The same in the words of the command line. */
const inOptions = (why: string): string =>
  why
    .replace(/"filter([A-Z][a-z]+)"/g, (_name, option: string) => `--${option.toLowerCase()}`)
    .replaceAll('browseDestinations', '"support-relay destinations list"')

/** JSON escapes the controls below U+0020; terminals obey those from U+007F to U+009F too. */
const harmless = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A moment as an operator writes it: undefined for none given, NaN for what is none. */
const momentFrom = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,16}$/.test(text)) return Number(text)
  // Without a zone it would mean another moment on another machine.
  return /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
}

/** `--from` and `--to`, or what is wrong with them. */
export const windowFrom = (options: { readonly from?: string; readonly to?: string }) => {
  const window = { from: momentFrom(options.from), to: momentFrom(options.to) }
  const wrong = (['from', 'to'] as const).find(name => Number.isNaN(window[name]))
  return wrong === undefined
    ? window
    : { wrong: `--${wrong} is no moment. Write 2026-11-28T10:00Z, with its zone, or milliseconds since 1970.` }
}

/** `--limit`, or what is wrong with it. */
export const limitFrom = (text = '20'): { readonly itemsPerPage: number } | { readonly wrong: string } =>
  /^[1-9]\d{0,3}$/.test(text) && Number(text) <= 1_000
    ? { itemsPerPage: Number(text) }
    : { wrong: '--limit is a whole number from 1 to 1000.' }

/** `2026-11-28 10:00 UTC`. */
export const momentShown = (at: number | null): string =>
  at === null ? '' : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** The last line of a list that goes on. */
export const moreOf = (next: string | null): readonly string[] =>
  next === null ? [] : ['', `There are more: add --next ${next}`]
