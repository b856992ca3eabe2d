/** Whether a request may count as the user's own: the whole defence against other sites' pages that know our address. */
import type { FastifyRequest } from 'fastify'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** True when our own page made the request, or a person opened the address.
 *
 *  What changes something must come from our own origin: `Sec-Fetch-Site` says so, or, in browsers and on plain-http hosts that
 *  do not send it, `Origin` names our host. With neither we cannot know, and refuse. What only reads may also be opened from
 *  elsewhere as a page of its own (a link in the documentation), but not be loaded into another site's page. */
export const isSameOrigin = (request: FastifyRequest): boolean => {
  const site = request.headers['sec-fetch-site']
  if (SAFE_METHODS.has(request.method)) {
    return (
      site === undefined ||
      site === 'same-origin' ||
      site === 'none' ||
      request.headers['sec-fetch-mode'] === 'navigate'
    )
  }
  if (site !== undefined) return site === 'same-origin'
  return originIsOurs(request.headers.origin, request.host)
}

/** The same for a page: a browser adds a session's cookie to whatever another site makes it send, but never a token. */
export const isOwnRequest = (request: FastifyRequest): boolean =>
  request.headers.authorization !== undefined || isSameOrigin(request)

/** The scheme is not compared: a proxy that ends TLS hides it from us. `host` may carry the scheme's default port. */
const originIsOurs = (origin: string | undefined, host: string): boolean => {
  if (origin === undefined || !URL.canParse(origin)) return false
  const { protocol, host: originHost } = new URL(origin)
  const ours = `${protocol}//${host}`
  return originHost !== '' && URL.canParse(ours) && new URL(ours).host === originHost
}
