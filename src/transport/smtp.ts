/** The only outgoing mail. One mail to one address over a connection of its own; the server's answer, or why there was none. */
import type { Socket } from 'node:net'
import SmtpConnection from 'nodemailer/lib/smtp-connection'
import type { Clock } from '../domain/clock.ts'
import type { MailStep } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'
import { createAddressGuard } from './address-guard.ts'
import { type Bounds, bounded, whenAborted } from './bounded.ts'
import { mimeOf } from './mime.ts'
import { answerIn, heard, withHint } from './smtp-answer.ts'
import { type Reached, type SmtpWay, smtpSockets } from './smtp-socket.ts'
import { createTrust, type Trust } from './trust.ts'

export type SmtpTransport = {
  /** The server's answer to the last thing it was told, or why none came. Never rejects. The deadline covers everything from the name on.
   *  A mail may have arrived though no answer did. */
  send(step: MailStep, bounds: Bounds): Promise<Answer>
  /** Cuts off what is under way and lets go of every connection. */
  close(): Promise<void>
}

export type SmtpTransportOptions = SmtpWay & {
  /** Networks and hosts that may be reached though they are not public, and without TLS. */
  readonly allow: readonly string[]
  readonly clock: Clock
  /** Certificates (PEM) to trust beside the usual ones. */
  readonly ca?: string | undefined
}

const ANSWER_MAX_BYTES = 64 * 1024
/** How long a server may take to close its side after we closed ours. */
const CLOSE_MS = 1_000

export const createSmtpTransport = (options: SmtpTransportOptions): SmtpTransport => {
  const connectTo = smtpSockets(createAddressGuard(options.allow), options)
  const trusted = createTrust(options.ca)
  const open = new Set<Socket>()
  const closing = new AbortController()

  const deliver = async (step: MailStep, server: Server, ca: string | undefined, ending: AbortSignal, stage: Stage) => {
    const message = await mimeOf(step)
    if (ending.aborted) throw ending.reason
    const reached = await connectTo(server, ending)
    const { socket } = reached
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    if (ending.aborted) throw ending.reason
    stage.isReached = true
    const connection = new SmtpConnection({
      host: server.host,
      port: server.port,
      connection: socket,
      secure: server.isTlsFirst,
      ...security(step, server, reached, trusted(ca)),
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

  return {
    async send(step, bounds) {
      const server = serverOf(step.url)
      const stage: Stage = { isReached: false, isGreeted: false }
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

/** Without TLS only to where the operator allowed it. Where a login or a setting asks for a trusted server, the certificate is checked;
 *  where plain text would do, any TLS is better. */
const security = ({ needsTls, login }: MailStep, server: Server, { mayBePlain }: Reached, trust: Trust) => {
  const requireTLS = needsTls || !mayBePlain
  const rejectUnauthorized = requireTLS || login !== null || server.isTlsFirst
  return { requireTLS, tls: { ...trust, rejectUnauthorized } }
}

type Server = { readonly host: string; readonly port: number; readonly isTlsFirst: boolean }
type Stage = { isReached: boolean; isGreeted: boolean }

const serverOf = (address: string): Server => {
  const { protocol, hostname, port } = new URL(address)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), isTlsFirst: protocol === 'smtps:' }
}

const isAscii = (text: string): boolean => /^[\u0020-\u007e]*$/.test(text)

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
    // The library would send such an address all the same (RFC 6531 3.1).
    const takesWide = /^250[ -]SMTPUTF8\b/im.test(connection.lastServerResponse || '')
    if (!takesWide && !(isAscii(from) && isAscii(to)))
      return heard('MAIL', '550 5.6.7 The server takes no address with other letters than a-z before the @ (SMTPUTF8)')
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
