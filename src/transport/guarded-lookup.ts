/** Names to those of their addresses that may be connected to. */
import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import { NotAllowed } from './failure.ts'
import type { Resolve } from './resolver.ts'

/** Node asks this for every name, and connects to nothing else than the answer: no second look-up can say something new. */
export const guardedLookup =
  (guard: AddressGuard, resolve: Resolve, protocol: 'http:' | 'https:'): LookupFunction =>
  (hostname, _options, callback) => {
    resolve(hostname).then(
      resolved => {
        const admission = guard.admit(resolved, protocol)
        if (!admission.ok) return callback(new NotAllowed(admission.why), [])
        callback(
          null,
          admission.addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
        )
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }

/** A literal address is never looked up, so it is to be judged before. */
export const isLiteral = (hostname: string): boolean => hostname.includes(':') || /^[\d.]+$/.test(hostname)
