/** Why no answer came, in words that are safe everywhere: nothing of the URL, no header, no foreign text; codes and sentences of ours. */
import type { Answer, Failure } from '../domain/outcome.ts'

/** The address guard, or the form of the URL, forbids the request. The message is ours and safe to show. */
export class NotAllowed extends Error {}
export class DeadlinePassed extends Error {}
export class CutOff extends Error {}
/** The proxy is in the way. The message is a sentence of ours, without its full stop. */
export class ProxyTrouble extends Error {
  readonly failure: Failure
  /** Whether another address of the host may be reached all the same. */
  readonly mayPass: boolean

  constructor(failure: Failure, message: string, mayPass = false) {
    super(message)
    this.failure = failure
    this.mayPass = mayPass
  }
}

type NoAnswer = Extract<Answer, { kind: 'no-answer' }>

/** @param error whatever was thrown on the way to an answer */
export const noAnswer = (error: unknown): NoAnswer => {
  if (error instanceof NotAllowed)
    return { kind: 'no-answer', failure: 'blocked', detail: `Not sent: ${error.message}.` }
  if (error instanceof DeadlinePassed)
    return { kind: 'no-answer', failure: 'timeout', detail: 'There was no answer in time.' }
  if (error instanceof CutOff)
    return { kind: 'no-answer', failure: 'cut-off', detail: 'We stopped before the answer came.' }
  if (error instanceof ProxyTrouble) return { kind: 'no-answer', failure: error.failure, detail: `${error.message}.` }
  const code = codeOf(error)
  const failure = failureOf(code)
  return { kind: 'no-answer', failure, detail: `${CERTIFICATES.get(code) ?? SENTENCES[failure]} (${code}).` }
}

const SENTENCES: Readonly<Record<Failure, string>> = {
  dns: 'The name of the host could not be resolved',
  refused: 'The connection was refused',
  reset: 'The connection was broken off',
  unreachable: 'There is no way to the host',
  timeout: 'There was no answer in time',
  tls: 'No secure connection could be agreed on',
  certificate: 'The certificate of the host is not valid for it, or not trusted',
  blocked: 'Not sent',
  'cut-off': 'We stopped before the answer came',
  protocol: 'The answer is none that we understand',
  proxy: 'The proxy does not let us through',
}

const OF_NOBODY =
  'The certificate of the host is signed by nobody who is trusted. If your own authority signed it, name the file with its certificate in caFile of the destination, or in network.caFile'
const OF_ANOTHER =
  'The certificate is for another host than the one in the address. Write the name that the certificate has, or give the host one for this name'

/** What is wrong with it, and who can put it right. */
const CERTIFICATES: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', OF_NOBODY],
  ['SELF_SIGNED_CERT_IN_CHAIN', OF_NOBODY],
  ['UNABLE_TO_GET_ISSUER_CERT', OF_NOBODY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', OF_NOBODY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', OF_NOBODY],
  ['CERT_UNTRUSTED', OF_NOBODY],
  ['CERT_HAS_EXPIRED', 'The certificate of the host has expired. Whoever runs the host has to renew it'],
  ['CERT_NOT_YET_VALID', 'The certificate of the host is not valid yet. Look at the clocks of both machines'],
  ['CERT_REVOKED', 'The certificate of the host was revoked. Whoever runs the host has to renew it'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', OF_ANOTHER],
  ['HOSTNAME_MISMATCH', OF_ANOTHER],
])

const FAILURES: ReadonlyMap<string, Failure> = new Map([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ENODATA', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['ECONNECTION', 'reset'],
  ['ESOCKET', 'reset'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['EACCES', 'unreachable'],
  ['EPERM', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_DESTROYED', 'cut-off'],
  ['UND_ERR_CLOSED', 'cut-off'],
  ['EPROTO', 'tls'],
  ['ETLS', 'tls'],
])

/** OpenSSL's verification results, as Node names them (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const CERTIFICATE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY|DECODE|DECRYPT)_|ERROR_IN_C|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/

const failureOf = (code: string): Failure => {
  if (CERTIFICATE.test(code)) return 'certificate'
  if (/^(?:ERR_SSL_|ERR_TLS_)/.test(code)) return 'tls'
  if (code.startsWith('EAI_')) return 'dns'
  return FAILURES.get(code) ?? 'protocol'
}

/** The code of an error, of its first part when it is several (one per address tried), or of its cause. Never its message, which may
 *  quote the URL or the answer. */
export const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : 'unknown'
}
