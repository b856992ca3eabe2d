/** `createTicket`: the outcome as a value, and never one that is not true. */
import { type Answer, failureOf, isRefusal, sendRequest } from './request.ts'
import type { ClientOptions, CreateOptions, Failure, NewTicket, TicketOutcome } from './types.ts'

export const createTicket = async (
  options: ClientOptions,
  ticket: NewTicket,
  { key: given, signal }: CreateOptions = {},
): Promise<TicketOutcome> => {
  const key = given ?? newKey()
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return { outcome: 'rejected', ...BAD_KEY }

  const { value, last, earlier } = await sendRequest(options, {
    method: 'POST',
    path: '/api/support/ticket',
    json: ticket,
    // Asked for the ticket, since pages of another origin do not see our headers.
    headers: { 'idempotency-key': key, prefer: 'return=representation' },
    signal,
    mayRepeat: true,
    read: receipt,
  })
  if (value) return { outcome: 'received', ...value }
  const mayBeStored = given !== undefined || !earlier.every(saysNotStored)
  const isRejected = saysNotStored(last) && (!mayBeStored || SETTLING.has(last.body.errorCode))
  if (isRejected) return { outcome: 'rejected', ...failureOf(last, UNKNOWN) }
  return { outcome: 'unknown', key, ...failureOf(last, UNKNOWN), why: UNKNOWN }
}

const receipt = ({ body, header }: Answer) => {
  const reference = body.reference ?? header('ticket-reference')
  const id = body.id ?? header('ticket-id')
  return typeof reference === 'string' && /^SUP-/.test(reference) && typeof id === 'string' && id !== ''
    ? { reference, id }
    : undefined
}

/** Of errors with 5xx these alone say that nothing was stored. Others may be a proxy's, that lost the service's yes. */
const NOT_STORED = new Set<unknown>(['STORE_UNAVAILABLE', 'SIGN_IN_UNCHECKED', 'INTERNAL'])

const saysNotStored = (answer: Answer): boolean =>
  isRefusal(answer) && (Number(answer.status) < 500 || NOT_STORED.has(answer.body.errorCode))

/** What the service says only after it has looked for the key, or would have said to an earlier try as well. All else (401, 503, …) is
 *  about this one try: of an earlier one, whose answer was lost, it tells nothing. */
const SETTLING = new Set<unknown>([
  'RATE_LIMITED',
  'KEY_REUSED',
  'INVALID_BODY',
  'INVALID_FIELD',
  'MESSAGE_REQUIRED',
  'MESSAGE_TOO_LONG',
  'BODY_TOO_LARGE',
])

/** `crypto.randomUUID` is there in secure contexts only. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')

const BAD_KEY: Failure = {
  why: 'The key must be 1 to 255 visible ASCII characters. Nothing was sent; send again with another key.',
  errorCode: 'INVALID_IDEMPOTENCY_KEY',
  statusCode: 400,
  retryAfterMs: null,
}
const UNKNOWN =
  'We could not find out whether your message arrived. Keep it and send it again in a moment: it cannot arrive twice.'
