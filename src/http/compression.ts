/** Answers are gzipped for whoever asks, where it is worth it.
 *
 *  Never pages (HTML): they show text that a link can bring along beside what belongs to the user alone, and the length of such an
 *  answer, compressed, gives the latter away letter by letter (BREACH). The API's JSON holds no secret, and other sites get none of
 *  it: a session counts for our own pages only. The files that pages load are the same for everybody. */
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Shorter ones fit in one packet as they are; `{}` would become ten times as long. */
const WORTH_BYTES = 1_024
/** No browser asks at greater length; splitting a megabyte of commas would keep everybody waiting. */
const ASKED_MAX_CHARS = 1_000
const COMPRESSIBLE = /^(application\/json|text\/css|text\/javascript|image\/svg\+xml)\b/

/** The hook for `onSend`. HEAD gets the headers that GET would. What is not compressed leaves as it came. */
export const compress = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void => {
  const type = reply.getHeader('content-type')
  const isCompressible = typeof type === 'string' && COMPRESSIBLE.test(type)
  if (isCompressible) reply.header('vary', varied(reply.getHeader('vary')))
  if (!isCompressible || !isWorthIt(payload) || isFixed(reply) || !wantsGzip(request.headers['accept-encoding'])) {
    done(null, payload)
    return
  }
  // In another thread: a long list would hold up everybody for milliseconds.
  gzip(payload, (error, zipped) => {
    if (!error) reply.header('content-encoding', 'gzip').removeHeader('content-length')
    done(null, error ? payload : zipped)
  })
}

const varied = (others: unknown): string => (others === undefined ? 'Accept-Encoding' : `${others}, Accept-Encoding`)

/** No streams, and nothing that has no body. */
const isWorthIt = (payload: unknown): payload is string | Buffer =>
  (typeof payload === 'string' || Buffer.isBuffer(payload)) && Buffer.byteLength(payload) >= WORTH_BYTES

/** Encoded already; or its entity tag names these very bytes (a weak one does not), and the route that made the tag compares it. */
const isFixed = (reply: FastifyReply): boolean =>
  reply.hasHeader('content-encoding') || /^"/.test(String(reply.getHeader('etag') ?? ''))

/** RFC 9110, 12.5.3. Without the header any coding would be allowed, but nobody asked for one. Who prefers `identity` gets it. */
const wantsGzip = (header: string | string[] | undefined): boolean => {
  const asked = String(header ?? '')
  if (asked.length > ASKED_MAX_CHARS) return false
  const weights = new Map(asked.split(',').map(weighed))
  const weight = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0
  return weight > 0 && weight >= (weights.get('identity') ?? 0)
}

/** One element, such as `gzip;q=0.5`. A weight that cannot be read asks for nothing. */
const weighed = (element: string): [coding: string, weight: number] => {
  const [coding = '', parameter = 'q=1'] = element.toLowerCase().split(';')
  const [, weight = '0'] = /^\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/.exec(parameter) ?? []
  return [coding.trim(), Number(weight)]
}
