/** The only outgoing mail. One mail to one address over a connection of its own; the server's answer, or why there was none. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import SmtpConnection from 'nodemailer/lib/smtp-connection'
import type { Clock } from '../domain/clock.ts'
import type { MailStep } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'
import { createAddressGuard } from './address-guard.ts'
import { type Bounds, bounded, whenAborted } from './bounded.ts'
import { FAMILIES, guardedLookup, guardedReach, isLiteral } from './guarded-lookup.ts'
import { mimeOf } from './mime.ts'
import { createResolver, type Resolve } from './resolver.ts'
import { answerIn, heard, withHint } from './smtp-answer.ts'
import { createTrust, type Trust } from './trust.ts'

export type SmtpTransport = {
  /** The server's answer to the last thing it was told, or why none came. Never rejects. The deadline covers everything from the name on.
   *  A mail may have arrived though no answer did. */
  send(step: MailStep, bounds: Bounds): Promise<Answer>
  /** Cuts off what is under way and lets go of every connection. */
  close(): Promise<void>
}

export type SmtpTransportOptions = {
  /** Networks and hosts that may be reached though they are not public, and without TLS. */
  readonly allow: readonly string[]
  readonly clock: Clock
  /** Certificates (PEM) to trust beside the usual ones. */
  readonly ca?: string | undefined
  /** Names to addresses. Default: as the system resolves them. */
  readonly resolve?: Resolve
}

const ANSWER_MAX_BYTES = 64 * 1024
/** How long a server may take to close its side after we closed ours. */
const CLOSE_MS = 1_000

export const createSmtpTransport = (options: SmtpTransportOptions): SmtpTransport => {
  const guard = createAddressGuard(options.allow)
  // Which addresses may be connected to at all; whether without TLS, too, is asked once it is known which one it was.
  const reach = guardedReach(guard, createResolver(options.resolve))
  const lookup = guardedLookup(reach, 'https:')
  const trusted = createTrust(options.ca)
  const open = new Set<Socket>()
  const closing = new AbortController()

  const deliver = async (step: MailStep, server: Server, ca: string | undefined, ending: AbortSignal, stage: Stage) => {
    // A literal address is never looked up, so it is judged before.
    if (isLiteral(server.host)) await reach(server.host, 'https:')
    const message = await mimeOf(step)
    if (ending.aborted) throw ending.reason
    const socket = connect({ host: server.host, port: server.port, lookup, ...FAMILIES })
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    ending.addEventListener('abort', () => socket.destroy(), { once: true })
    await once(socket, 'connect')
    const connection = new SmtpConnection({
      host: server.host,
      port: server.port,
      connection: socket,
      secure: server.isTlsFirst,
      ...security(step, server, socket, trusted(ca)),
      socketCloseTimeout: CLOSE_MS,
      maxResponseSize: ANSWER_MAX_BYTES,
    })
    try {
      return await converse(connection, step, message, stage)
    } finally {
      connection.quit()
      connection.close()
    }
  }

  /** Without TLS only to where the operator allowed it. Where a login or a setting asks for a trusted server, the certificate is checked;
   *  where plain text would do, any TLS is better. */
  const security = ({ needsTls, login }: MailStep, server: Server, { remoteAddress = '' }: Socket, trust: Trust) => {
    const requireTLS = needsTls || !guard.admit([remoteAddress], 'http:', server.host).ok
    const rejectUnauthorized = requireTLS || login !== null || server.isTlsFirst
    return { requireTLS, tls: { ...trust, rejectUnauthorized } }
  }

  return {
    async send(step, bounds) {
      const server = serverOf(step.url)
      const stage: Stage = { isGreeted: false }
      const signal = AbortSignal.any([closing.signal, ...(bounds.signal ? [bounds.signal] : [])])
      const answer = await bounded(options.clock, { ...bounds, signal }, ending =>
        Promise.race([deliver(step, server, bounds.ca, ending, stage), whenAborted(ending)]),
      )
      return withHint(answer, { ...stage, isTlsFirst: server.isTlsFirst })
    },
    async close() {
      closing.abort()
      for (const socket of open) socket.destroy()
    },
  }
}

type Server = { readonly host: string; readonly port: number; readonly isTlsFirst: boolean }
type Stage = { isGreeted: boolean }

const serverOf = (address: string): Server => {
  const { protocol, hostname, port } = new URL(address)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), isTlsFirst: protocol === 'smtps:' }
}

const converse = async (
  connection: SmtpConnection,
  { from, to, login, hasNoReturnPath = false }: MailStep,
  message: Buffer,
  stage: Stage,
): Promise<Answer> => {
  // The library calls back for an answer, and tells of a lost connection by these alone.
  const lost = new Promise<never>((_, reject) => {
    connection.once('error', reject)
    // A connection that ends with an answer (421) says so first, and calls back within the same turn.
    connection.once('end', () => setImmediate(reject, Object.assign(new Error('it ended'), { code: 'ECONNECTION' })))
  })
  lost.catch(() => {})
  const told = <T = unknown>(
    tell: (back: (error?: Error | null, result?: T) => void) => void,
  ): Promise<T | undefined> =>
    Promise.race([
      new Promise<T | undefined>((resolve, reject) =>
        tell((error, result) => (error ? reject(error) : resolve(result))),
      ),
      lost,
    ])
  try {
    await told(back => connection.connect(back))
    stage.isGreeted = true
    if (login !== null) {
      // The library would try all the same, and a password is not for servers that do not ask for one.
      if (!connection.allowsAuth) return heard('AUTH', '502 The server offers no login on this connection')
      await told(back => connection.login({ user: login.username, pass: login.password }, back))
    }
    const envelope = { from: hasNoReturnPath ? '' : from, to: [to], size: message.length }
    const sent = await told<{ response: string }>(back => connection.send(envelope, message, back))
    return heard('MESSAGE', sent?.response ?? '')
  } catch (error) {
    return answerIn(error)
  }
}
