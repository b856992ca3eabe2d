/** What a request's head must keep to, where Node's parser is more patient than the standard. */
import type { IncomingMessage } from 'node:http'
import type { Problem } from '../api/errors.ts'

/** What RFC 9112, 3.2 and 6.1 require to be refused, and the versions that Node's parser knows beside those we speak. */
export const headProblem = ({ httpVersion, headers, rawHeaders }: IncomingMessage): Problem | undefined => {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return badRequest('is not of HTTP/1.1 or HTTP/1.0')
  if (httpVersion === '1.0' && headers['transfer-encoding'] !== undefined) {
    return badRequest('has a Transfer-Encoding, which HTTP/1.0 does not know')
  }
  if (headers.host === undefined) return httpVersion === '1.1' ? badRequest('has no Host header') : undefined
  const isOne = rawHeaders.filter((name, i) => i % 2 === 0 && name.length === 4 && /^host$/i.test(name)).length === 1
  return isOne && HOST.test(headers.host) ? undefined : badRequest('has more than one Host, or one that is no host')
}

/** The characters of RFC 3986's host and port; that they make a name is not our business. */
const HOST = /^[\w.~!$&'()*+,;=%:[\]-]*$/

const badRequest = (what: string): Problem => ({
  code: 'BAD_REQUEST',
  why: `The request ${what}, so nothing was stored. Keep your text and send it again with a program that speaks HTTP/1.1.`,
})
