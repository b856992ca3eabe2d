/** Why no answer came, in words that are safe everywhere: nothing of the URL, no header, no foreign text; codes and sentences of ours. */
import type { Answer, Failure } from '../domain/outcome.ts'

/** The address guard, or the form of the URL, forbids the request. The message is ours and safe to show. */
export class NotAllowed extends Error {}
export class DeadlinePassed extends Error {}
export class CutOff extends Error {}

type NoAnswer = Extract<Answer, { kind: 'no-answer' }>

/** @param error whatever was thrown on the way to an answer */
export const noAnswer = (error: unknown): NoAnswer => {
  if (error instanceof NotAllowed)
    return { kind: 'no-answer', failure: 'blocked', detail: `Not sent: ${error.message}.` }
  if (error instanceof DeadlinePassed)
    return { kind: 'no-answer', failure: 'timeout', detail: 'There was no answer in time.' }
  if (error instanceof CutOff)
    return { kind: 'no-answer', failure: 'cut-off', detail: 'We stopped before the answer came.' }
  const code = codeOf(error)
  const failure = failureOf(code)
  return { kind: 'no-answer', failure, detail: `${SENTENCES[failure]} (${code}).` }
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
}

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
const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : 'unknown'
}
