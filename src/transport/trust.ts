/** Whose certificates are trusted. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/** Made once for a way out: reading some 150 root certificates for each connection would take longer than the connection.
 *  @param ca certificates (PEM) beside the usual ones */
export const trust = (ca: string | undefined): { readonly secureContext?: SecureContext } =>
  ca === undefined ? {} : { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ca] }) }
