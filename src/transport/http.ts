/** The only outgoing HTTP. One request, one answer: no redirects, no retries, no inflating; everything bounded. */
import { Agent, buildConnector, type Dispatcher, request } from 'undici'
import type { Clock } from '../domain/clock.ts'
import type { RequestStep } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'
import { createAddressGuard } from './address-guard.ts'
import { type Bounds, bounded, whenAborted } from './bounded.ts'
import { CutOff, DeadlinePassed, NotAllowed, noAnswer } from './failure.ts'
import { FAMILIES, guardedLookup, guardedReach, isLiteral } from './guarded-lookup.ts'
import { createNoProxy } from './no-proxy.ts'
import { type ProxyAddress, tunnelTo } from './proxy.ts'
import { createResolver, type Resolve } from './resolver.ts'
import { createTrust, type Trust } from './trust.ts'

export type HttpTransport = {
  /** The answer to one step, or why none came. Never rejects. The deadline covers name, connection, TLS, head and body; when it passes
   *  within the body, the answer holds what had come by then: the status was heard. */
  send(step: RequestStep, bounds: Bounds): Promise<Answer>
  /** Cuts off what is under way and lets go of every connection. */
  close(): Promise<void>
}

export type HttpTransportOptions = {
  /** Networks and hosts that destinations may reach though they are not public, by plain http too. */
  readonly allow: readonly string[]
  readonly clock: Clock
  /** How much of an answer's body is read. Default: 64 KiB, enough for every documented answer and a useful excerpt. */
  readonly bodyMaxBytes?: number
  /** Certificates (PEM) to trust beside the usual ones. */
  readonly ca?: string | undefined
  /** Every connection goes through it, those apart that NO_PROXY lists. */
  readonly proxy?: ProxyAddress | null
  /** As the environment has it. */
  readonly noProxy?: string
  /** Names to addresses. Default: as the system resolves them. */
  readonly resolve?: Resolve
}

export const BODY_MAX_BYTES = 64 * 1024
const HEAD_MAX_BYTES = 64 * 1024
const CONNECT_MAX_MS = 10_000
/** Servers may ask us to keep an idle connection for ten minutes; half of one is long enough for the next ticket. */
const IDLE_MAX_MS = 30_000

export const createHttpTransport = (options: HttpTransportOptions): HttpTransport => {
  const closing = new AbortController()
  const connectorFor = guardedConnector(options, closing.signal)
  /** One for each authority: a connection is used again only where its certificate was trusted. */
  const agents = new Map<string, Agent>()
  const agentFor = (ca = ''): Agent => {
    const known = agents.get(ca)
    if (known) return known
    const agent = new Agent({ connect: connectorFor(ca), ...AGENT_OPTIONS })
    agents.set(ca, agent)
    return agent
  }
  return {
    async send(step, bounds) {
      const url = parseUrl(step.url)
      if (url instanceof NotAllowed) return noAnswer(url)
      if (closing.signal.aborted) return noAnswer(new CutOff())
      const { bodyMaxBytes = BODY_MAX_BYTES } = options
      return bounded(
        options.clock,
        bounds,
        (ending, isOver) => exchange(agentFor(bounds.ca).compose(notAfter(isOver)), url, step, ending, bodyMaxBytes),
        // A process that was frozen past the deadline has not read yet what came meanwhile: it counts, and is read before this.
        end => setImmediate(end),
      )
    },
    async close() {
      closing.abort()
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
  }
}

const AGENT_OPTIONS = {
  allowH2: false,
  maxHeaderSize: HEAD_MAX_BYTES,
  keepAliveMaxTimeout: IDLE_MAX_MS,
  // `send` has a deadline of its own that covers both.
  headersTimeout: 0,
  bodyTimeout: 0,
}

const parseUrl = (text: string): URL | NotAllowed => {
  const url = URL.parse(text)
  if (url === null) return new NotAllowed('the address is no URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return new NotAllowed('the address is not https')
  if (url.username !== '' || url.password !== '') return new NotAllowed('the address holds a user name or a password')
  return url
}

/** A process that was frozen may find its connection ready only when the time is over: then nothing is sent. */
const notAfter =
  (isOver: () => boolean): Dispatcher.DispatcherComposeInterceptor =>
  dispatch =>
  (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        if (isOver()) throw new DeadlinePassed()
        handler.onRequestStart?.(controller, context)
      },
      onResponseStart: (...told) => handler.onResponseStart?.(...told),
      onResponseData: (...told) => handler.onResponseData?.(...told),
      onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
      onResponseError: (...told) => handler.onResponseError?.(...told),
    })

const exchange = async (
  agent: Dispatcher,
  url: URL,
  step: RequestStep,
  ending: AbortSignal,
  bodyMaxBytes: number,
): Promise<Answer> => {
  const sent = request(url, {
    dispatcher: agent,
    method: step.method,
    headers: { 'user-agent': 'Support-Relay', ...step.headers },
    body: step.method === 'GET' ? null : Buffer.from(step.body),
    signal: ending,
  })
  // undici tells a request that waits for its connection of an abort only once there is one: do not wait for that.
  const { statusCode, headers, body } = await Promise.race([sent, whenAborted(ending)])
  return {
    kind: 'answer',
    status: statusCode,
    headers: joinedHeaders(headers),
    body: await readBody(body, ending, bodyMaxBytes),
  }
}

const joinedHeaders = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )

/** The first `maxBytes`. Leaving the loop early destroys the connection: nobody has to take in the rest. A body that breaks off is taken
 *  as far as it came: a 2xx was heard and may have been acted on, which the kind has to judge, not hide. */
const readBody = async (body: AsyncIterable<Buffer>, ending: AbortSignal, maxBytes: number): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= maxBytes) break
    }
  } catch (error) {
    if (ending.reason instanceof CutOff) throw error
  }
  // `stream`: half a character at the end is left out rather than shown as a question mark.
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes), { stream: true })
}

/** @returns connects to checked addresses only, straight or through the proxy, with these certificates trusted beside the usual ones */
const guardedConnector = (
  options: HttpTransportOptions,
  signal: AbortSignal,
): ((ca: string) => buildConnector.connector) => {
  const guard = createAddressGuard(options.allow)
  const reach = guardedReach(guard, createResolver(options.resolve))
  const trusted = createTrust(options.ca)
  const { proxy } = options
  const isDirect = createNoProxy(options.noProxy ?? '')
  const direct = (protocol: Protocol, trust: Trust) =>
    buildConnector({
      lookup: guardedLookup(reach, protocol),
      timeout: CONNECT_MAX_MS,
      allowH2: false,
      ...FAMILIES,
      ...trust,
    })

  const tunnel = async ({ hostname }: buildConnector.Options, protocol: Protocol, port: number, to: ProxyAddress) => {
    const hosts = guard.isNamed(hostname) ? [hostname] : await reach(hostname, protocol)
    return tunnelTo(to, hosts, port, { timeoutMs: CONNECT_MAX_MS, signal })
  }

  return ca => {
    const trust = trusted(ca)
    const connectors = { 'http:': direct('http:', trust), 'https:': direct('https:', trust) }
    return (target, callback) => {
      const protocol = target.protocol === 'https:' ? 'https:' : 'http:'
      const port = Number(target.port) || (protocol === 'https:' ? 443 : 80)
      const fail = (error: Error) => callback(error, null)
      if (proxy && !isDirect(target.hostname, port)) {
        tunnel(target, protocol, port, proxy).then(socket => {
          if (protocol === 'http:') callback(null, socket)
          else connectors['https:']({ ...target, httpSocket: socket }, callback)
        }, fail)
      } else if (isLiteral(target.hostname)) {
        // Never looked up, so it is judged here.
        reach(target.hostname, protocol).then(() => connectors[protocol](target, callback), fail)
      } else {
        connectors[protocol](target, callback)
      }
    }
  }
}

type Protocol = 'http:' | 'https:'
