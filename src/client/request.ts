/** One call over HTTP: its tries, each within its time, until an answer is understood or trying again would change nothing. */
import type { ClientOptions, Failure } from './types.ts'

/** What one try brought. */
export type Answer = {
  /** Null when none came: no network, out of time, ended by the caller, no token to ask with. */
  readonly status: number | null
  /** The body, if it is a JSON object; else empty. */
  readonly body: Readonly<Record<string, unknown>>
  header(name: string): string | null
  readonly retryAfterMs: number | null
}

export type Request<T> = {
  readonly method: 'GET' | 'POST'
  /** Below the service's address, with its query. */
  readonly path: string
  /** The body of a POST. */
  readonly json?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
  /** Whether doing it twice does no harm. */
  readonly mayRepeat: boolean
  /** What an answer with a status of success means; undefined when it is not one of the service. */
  read(answer: Answer): T | undefined
}

/** The value, if there is one; what the last try brought, and the tries before it. */
export type Responded<T> = {
  readonly value: T | undefined
  readonly last: Answer
  readonly earlier: readonly Answer[]
}

const TIMEOUT_MS = 10_000
/** The waits between four tries are 1.75 to 3.5 s together: about as long as the service takes to start again. */
const RETRIES = 3
const BACKOFF_MS = 250
/** Timers take no longer waits. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const sendRequest = async <T>(options: ClientOptions, request: Request<T>): Promise<Responded<T>> => {
  const timeoutMs = Math.min(options.timeoutMs ?? TIMEOUT_MS, TIMER_MAX_MS)
  const retries = options.retries ?? RETRIES
  const body = request.json && jsonText(request.json)
  const earlier: Answer[] = []
  if (request.json && body === undefined) return { value: undefined, last: NOT_JSON, earlier }
  let refused: string | undefined
  let retried = 0
  for (;;) {
    let token: string | undefined
    const answer = await within(timeoutMs, request.signal, async signal => {
      token = typeof options.token === 'function' ? await options.token(refused) : options.token
      return ask(options.url + request.path, request, { body, token, signal })
    }).catch(() => NO_ANSWER)
    const value = isSuccess(answer) ? request.read(answer) : undefined
    const responded = { value, last: answer, earlier: [...earlier] }
    if (value !== undefined || request.signal?.aborted) return responded
    earlier.push(answer)
    if (answer.status === 401 && typeof options.token === 'function' && refused === undefined) {
      refused = token ?? ''
      continue
    }
    const waitMs = answer.retryAfterMs ?? 0
    if (!(retried < retries) || !request.mayRepeat || !isPassing(answer) || waitMs > timeoutMs) return responded
    const backoffMs = BACKOFF_MS * 2 ** retried * (1 + Math.random())
    retried += 1
    await within(Math.max(waitMs, backoffMs), request.signal, forever).catch(() => undefined)
    if (request.signal?.aborted) return responded
  }
}

const ask = async (
  address: string,
  { method, headers }: Request<unknown>,
  { body, token, signal }: { body: string | undefined; token: string | undefined; signal: AbortSignal },
): Promise<Answer> => {
  const response = await fetch(address, {
    method,
    signal,
    headers: {
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  })
  // Cut off within the body: what the headers say holds.
  const text = await response.text().catch(() => '')
  const retryAfter = response.headers.get('retry-after') ?? ''
  return {
    status: response.status,
    body: jsonObject(text),
    header: name => response.headers.get(name),
    // A date would be read by our own clock, which may be wrong; the service sends seconds.
    retryAfterMs: /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : null,
  }
}

const NO_ANSWER: Answer = { status: null, body: {}, header: () => null, retryAfterMs: null }

/** As the service would answer, were there something to send. */
const NOT_JSON: Answer = {
  ...NO_ANSWER,
  status: 400,
  body: { why: 'This cannot be written as JSON, so nothing was sent.', errorCode: 'INVALID_BODY' },
}

const jsonText = (value: object): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

const jsonObject = (text: string): Answer['body'] => {
  try {
    const value: unknown = JSON.parse(text)
    return Object(value) === value ? (value as Answer['body']) : {} // an array has none of our fields
  } catch {
    return {}
  }
}

const isSuccess = ({ status }: Answer): boolean => status !== null && status >= 200 && status < 300

/** Trying again may bring something else: there was no answer, none that is understood, or one that speaks of the moment. */
const isPassing = (answer: Answer): boolean => {
  const { status } = answer
  return status === null || isSuccess(answer) || status === 408 || status === 429 || status >= 500
}

/** Whose error it is: the service says `why`, proxies do not. */
export const isRefusal = ({ status, body }: Answer): boolean => (status ?? 0) >= 400 && typeof body.why === 'string'

/** What there is to tell of an answer that brought no value. @param otherwise says why, where the service does not */
export const failureOf = (answer: Answer, otherwise: string): Failure => {
  const { why, errorCode } = isRefusal(answer) ? answer.body : { why: otherwise, errorCode: null }
  return {
    why: String(why),
    errorCode: typeof errorCode === 'string' ? errorCode : null,
    statusCode: answer.status,
    retryAfterMs: answer.retryAfterMs,
  }
}

const forever = () => new Promise<never>(() => undefined)

/** Rejects when the time is over or the caller ends it, whatever the work then still does. */
const within = <T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const own = new AbortController()
  return new Promise<T>((resolve, reject) => {
    own.signal.addEventListener('abort', reject)
    const end = () => own.abort()
    if (outer?.aborted) return end()
    const timer = setTimeout(end, ms)
    outer?.addEventListener('abort', end)
    const settle = () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', end)
    }
    own.signal.addEventListener('abort', settle)
    work(own.signal).then(resolve, reject).finally(settle)
  })
}
