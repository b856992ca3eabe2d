/** A connection to a mail server: straight, or through the proxy; to an address that was checked, either way. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import { FAMILIES, guardedLookup, guardedReach, isLiteral } from './guarded-lookup.ts'
import { createNoProxy } from './no-proxy.ts'
import { type ProxyAddress, tunnelTo } from './proxy.ts'
import { createResolver, type Resolve } from './resolver.ts'

export type SmtpWay = {
  /** Every connection goes through it, those apart that NO_PROXY lists. */
  readonly proxy?: ProxyAddress | null
  /** As the environment has it. */
  readonly noProxy?: string
  /** Names to addresses. Default: as the system resolves them. */
  readonly resolve?: Resolve
}

export type Reached = {
  readonly socket: Socket
  /** Whether the operator allowed plain text to where it leads. */
  readonly mayBePlain: boolean
}

type Where = { readonly host: string; readonly port: number }

const TUNNEL_MAX_MS = 10_000

/** @returns connects; the socket is destroyed when the signal says so. @throws NotAllowed, ProxyTrouble, and what the system does */
export const smtpSockets = (
  guard: AddressGuard,
  { proxy, noProxy = '', resolve }: SmtpWay,
): ((server: Where, ending: AbortSignal) => Promise<Reached>) => {
  // Which addresses may be connected to at all; whether without TLS, too, is asked once it is known which one it was.
  const reach = guardedReach(guard, createResolver(resolve))
  const lookup = guardedLookup(reach, 'https:')
  const isDirect = createNoProxy(noProxy)

  const tunnel = async ({ host, port }: Where, ending: AbortSignal, to: ProxyAddress): Promise<Reached> => {
    const isNamed = guard.isNamed(host)
    const hosts = isNamed ? [host] : await reach(host, 'https:')
    const socket = await tunnelTo(to, hosts, port, { timeoutMs: TUNNEL_MAX_MS, signal: ending })
    ending.addEventListener('abort', () => socket.destroy(), { once: true })
    return { socket, mayBePlain: isNamed || guard.admit(hosts, 'http:', host).ok }
  }

  const straight = async ({ host, port }: Where, ending: AbortSignal): Promise<Reached> => {
    // A literal address is never looked up, so it is judged before.
    if (isLiteral(host)) await reach(host, 'https:')
    if (ending.aborted) throw ending.reason
    const socket = connect({ host, port, lookup, ...FAMILIES })
    ending.addEventListener('abort', () => socket.destroy(), { once: true })
    await once(socket, 'connect')
    return { socket, mayBePlain: guard.admit([socket.remoteAddress ?? ''], 'http:', host).ok }
  }

  return (server, ending) =>
    proxy && !isDirect(server.host, server.port) ? tunnel(server, ending, proxy) : straight(server, ending)
}
