/** The way out through an HTTP proxy: a tunnel (CONNECT), for https and http alike, so that the proxy reads nothing of https and nothing but
 *  the host decides which way a request goes.
 *
 *  The proxy is asked for an address that was resolved and checked here, not for the name: it would resolve the name once more, and whoever owns
 *  the name could answer it with an address of the inside. Only a host that `network.allow` lists by its name is asked for by that name: the
 *  operator vouches for it, and where only the proxy can resolve names there is no other way. */
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { CutOff, codeOf, ProxyTrouble } from './failure.ts'

/** Of the operator: where it is, is not asked. */
export type ProxyAddress = {
  readonly host: string
  readonly port: number
  readonly login: { readonly username: string; readonly password: string } | null
}

/** One of several addresses that the proxy cannot reach must not use up the time of the others. */
const NEXT_MS = 4_000

/** A connection to the first of the hosts (names or addresses) that the proxy reaches. @throws ProxyTrouble */
export const tunnelTo = async (
  proxy: ProxyAddress,
  hosts: readonly string[],
  port: number,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Socket> => {
  // More proxies have no IPv6 than no IPv4.
  const inOrder = hosts.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  let trouble: unknown
  for (const [index, host] of inOrder.entries()) {
    const timeoutMs = index < inOrder.length - 1 ? NEXT_MS : options.timeoutMs
    try {
      return await connectThrough(proxy, `${host.includes(':') ? `[${host}]` : host}:${port}`, {
        ...options,
        timeoutMs,
      })
    } catch (error) {
      trouble = error
      if (error instanceof ProxyTrouble && !error.mayPass) break
    }
  }
  throw trouble
}

const connectThrough = (
  { host, port, login }: ProxyAddress,
  target: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const asking = request({
      host,
      port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(login && { 'proxy-authorization': basic(login) }) },
      agent: false,
      timeout: timeoutMs,
      signal,
    })
    asking.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.on('error', () => {}).destroy()
        return reject(refusal(statusCode))
      }
      socket.setTimeout(0)
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    // Some proxies refuse with an answer that ends the exchange.
    asking.once('response', response => {
      response.destroy()
      reject(refusal(response.statusCode ?? 0))
    })
    asking.once('timeout', () => asking.destroy(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' })))
    asking.on('error', error => reject(signal.aborted ? new CutOff() : noConnection(error)))
    asking.end()
  })

const basic = ({ username, password }: { readonly username: string; readonly password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** What a proxy says of the host it was asked for is the network's trouble; what it says of us is for the operator to put right. */
const refusal = (status: number): ProxyTrouble => {
  if (status === 407)
    return new ProxyTrouble('proxy', 'The proxy wants another name or password than network.proxy has (407)')
  if (status >= 500) return new ProxyTrouble('unreachable', `The proxy does not reach the host (${status})`, true)
  return new ProxyTrouble('proxy', `The proxy does not let us through to the host (${status})`)
}

const noConnection = (error: Error): ProxyTrouble => {
  const code = codeOf(error)
  if (code === 'ETIMEDOUT')
    return new ProxyTrouble('timeout', 'The proxy of network.proxy did not answer in time', true)
  return new ProxyTrouble('unreachable', `The proxy of network.proxy does not answer, or not as a proxy (${code})`)
}
