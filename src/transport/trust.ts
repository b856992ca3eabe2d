/** Whose certificates are trusted. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

export type Trust = { readonly secureContext?: SecureContext }

/** For each authority of a destination's own one trust, made once: reading some 150 root certificates for each connection would take longer
 *  than the connection.
 *  @param common certificates (PEM) beside the usual ones, for every destination */
export const createTrust = (common: string | undefined): ((own?: string) => Trust) => {
  const made = new Map<string, Trust>()
  return (own = '') => {
    const known = made.get(own)
    if (known) return known
    const beside = [common, own].filter(ca => ca !== undefined && ca !== '').map(String)
    const trust =
      beside.length > 0
        ? { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ...beside] }) }
        : {}
    made.set(own, trust)
    return trust
  }
}
