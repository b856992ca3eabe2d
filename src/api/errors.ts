/** The closed list of error codes, by status, and the shape of every error answer. `why` is a sentence for a person; `errorCode` is for machines and
 *  stable: `meaning` and `remedy` (what a client does about it) say what it stands for in docs/errors.md. */

export const errorCodes = {
  BAD_REQUEST: {
    status: 400,
    meaning: 'The request cannot be understood as HTTP, or has no Host.',
    remedy: 'Mend the client.',
  },
  INVALID_BODY: {
    status: 400,
    meaning: 'The body cannot be read as a JSON object.',
    remedy: 'Send a JSON object.',
  },
  NOT_UTF8: {
    status: 400,
    meaning: 'The body is not UTF-8 text, nor declared in another known encoding.',
    remedy: 'Send the body encoded as UTF-8.',
  },
  MESSAGE_REQUIRED: { status: 400, meaning: 'The message is missing or blank.', remedy: 'Ask the user for a message.' },
  INVALID_FIELD: {
    status: 400,
    meaning: 'A field or parameter has a value of the wrong kind, or is missing.',
    remedy: 'Correct what `why` names.',
  },
  INVALID_PAGE_TOKEN: {
    status: 400,
    meaning: 'The `next` of a page was changed, or belongs to another call, caller or filter.',
    remedy: 'Begin at the first page.',
  },
  INVALID_IDEMPOTENCY_KEY: {
    status: 400,
    meaning: 'The Idempotency-Key is empty, longer than 255 characters or holds some that cannot be seen.',
    remedy: 'Send again with a sound key.',
  },
  UNAUTHORIZED: {
    status: 401,
    meaning: 'There is no valid token or session.',
    remedy: 'Get a fresh token and send again.',
  },
  FORBIDDEN: {
    status: 403,
    meaning: 'The token is valid; its role or scope does not allow the call.',
    remedy: 'Use the token of somebody who may.',
  },
  NOT_FOUND: {
    status: 404,
    meaning: 'There is nothing at this address, or it is not yours to see: the two are answered alike.',
    remedy: 'Check address, reference and who is signed in.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    meaning: 'The address exists, with another method: `Allow` names it.',
    remedy: 'Use that method.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    meaning: 'The request took longer than 60 s, or its headers longer than 15 s, to arrive. Nothing was stored.',
    remedy: 'Send it again.',
  },
  MESSAGE_TOO_LONG: {
    status: 413,
    meaning: 'The message or another field is longer than the limit.',
    remedy: 'Let the user shorten it; nothing of it is lost by us.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    meaning: 'The request body is larger than six times the longest message and 64 KiB.',
    remedy: 'Send less.',
  },
  UNSUPPORTED_ENCODING: {
    status: 415,
    meaning: 'The body is compressed, which is not accepted.',
    remedy: 'Send it without Content-Encoding.',
  },
  WRONG_HOST: {
    status: 421,
    meaning: "The evaluation mode answers to this computer's own names only.",
    remedy: 'Use http://127.0.0.1 or http://localhost, or run with a configuration.',
  },
  KEY_REUSED: {
    status: 422,
    meaning: 'The Idempotency-Key was used for a different ticket.',
    remedy: 'Send this one with a key of its own.',
  },
  RATE_LIMITED: {
    status: 429,
    meaning: 'The user has sent as many tickets as the limit allows for now.',
    remedy: 'Keep the text and send again after `Retry-After` seconds.',
  },
  BUSY: {
    status: 429,
    meaning:
      'The caller has too many large requests under way at once, or the destination to be tested is busy or asked us to wait. Nothing was stored or sent.',
    remedy: 'Wait for their answers, or for `Retry-After` seconds.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    meaning: 'The request headers are larger than 1 MiB, or more than 1,000.',
    remedy: 'Send smaller headers.',
  },
  INTERNAL: {
    status: 500,
    meaning: 'A mistake of ours. The ticket was not accepted.',
    remedy: 'Keep the text and send again; tell us the `job-id`.',
  },
  SIGN_IN_UNCHECKED: {
    status: 503,
    meaning: "The token cannot be checked at the moment: its issuer's keys cannot be fetched. Nothing was stored.",
    remedy: 'Send again after `Retry-After` seconds.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    meaning: 'The ticket cannot be stored, or the store not be read, at the moment. Nothing was stored.',
    remedy: 'Keep the text and send again after `Retry-After` seconds.',
  },
  OUTCOME_UNKNOWN: {
    status: 503,
    meaning: 'The store did not answer in time: whether the ticket is stored is not known yet.',
    remedy: 'Send again with the same Idempotency-Key after `Retry-After` seconds: it cannot arrive twice.',
  },
} as const

export type ErrorCode = keyof typeof errorCodes

export type ErrorBody = { readonly why: string; readonly errorCode: ErrorCode | null; readonly statusCode: number }

/** What the caller did wrong, or what we cannot do now, as a value: code for machines, `why` for a person. */
export type Problem = {
  readonly code: ErrorCode
  readonly why: string
  readonly retryAfterSeconds?: number
  /** For whoever runs the service, in the log only: a stable word that the caller is better not told. */
  readonly reason?: string
}

export const errorBody = (problem: Problem): ErrorBody => ({
  why: problem.why,
  errorCode: problem.code,
  statusCode: errorCodes[problem.code].status,
})
