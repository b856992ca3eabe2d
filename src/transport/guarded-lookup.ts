/** Names to those of their addresses that may be connected to. */
import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import { NotAllowed } from './failure.ts'
import type { Resolve } from './resolver.ts'

/** @throws NotAllowed, and what the resolver does */
export type Reach = (host: string, protocol: 'http:' | 'https:') => Promise<readonly string[]>

export const guardedReach =
  (guard: AddressGuard, resolve: Resolve): Reach =>
  async (host, protocol) => {
    const admission = guard.admit(isLiteral(host) ? [host] : await resolve(host), protocol, host)
    if (!admission.ok) throw new NotAllowed(admission.why)
    return admission.addresses
  }

/** Node asks this for every name, and connects to nothing else than the answer: no second look-up can say something new. */
export const guardedLookup =
  (reach: Reach, protocol: 'http:' | 'https:'): LookupFunction =>
  (hostname, _options, callback) => {
    reach(hostname, protocol).then(
      addresses =>
        callback(
          null,
          addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }

/** How a name with several addresses is connected to, of both families by turns. Node gives each but the last a quarter of a second, which is
 *  less than a long way takes: with a dead family behind it, such a host would never be reached. This is enough for a first packet that is lost
 *  and sent again after a second. */
export const FAMILIES = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1_500 }

/** A literal address is never looked up, so it is to be judged before. */
export const isLiteral = (hostname: string): boolean => hostname.includes(':') || /^[\d.]+$/.test(hostname)
