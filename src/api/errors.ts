/** The closed list of error codes, and the shape of every error answer. `why` is a sentence for a person; `errorCode` is for machines and stable. */

export const errorCodes = {
  UNAUTHORIZED: { status: 401, meaning: 'There is no valid token or session.' },
  FORBIDDEN: { status: 403, meaning: 'The token is valid; its role or scope does not allow the call.' },
  NOT_FOUND: { status: 404, meaning: 'There is nothing at this address, or it is not yours to see.' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'The address exists, with another method.' },
  REQUEST_TIMEOUT: { status: 408, meaning: 'The request took too long to arrive.' },
  INVALID_BODY: { status: 400, meaning: 'The body cannot be read as a JSON object.' },
  NOT_UTF8: { status: 400, meaning: 'The body is not UTF-8 text, nor declared in another known encoding.' },
  MESSAGE_REQUIRED: { status: 400, meaning: 'The message is missing or blank.' },
  INVALID_FIELD: { status: 400, meaning: 'A field has a value of the wrong kind.' },
  INVALID_PAGE_TOKEN: {
    status: 400,
    meaning: 'The `next` of a page was changed, or belongs to another call, caller or filter.',
  },
  INVALID_IDEMPOTENCY_KEY: {
    status: 400,
    meaning: 'The Idempotency-Key is empty, too long or holds characters that cannot be seen.',
  },
  BAD_REQUEST: { status: 400, meaning: 'The request cannot be understood.' },
  MESSAGE_TOO_LONG: { status: 413, meaning: 'The message or another field is longer than the limit.' },
  BODY_TOO_LARGE: { status: 413, meaning: 'The request body is larger than the limit.' },
  UNSUPPORTED_ENCODING: { status: 415, meaning: 'The body is compressed, which is not accepted.' },
  KEY_REUSED: { status: 422, meaning: 'The Idempotency-Key was used for a different ticket.' },
  RATE_LIMITED: { status: 429, meaning: 'The user has sent as many tickets as the limit allows for now.' },
  HEADERS_TOO_LARGE: { status: 431, meaning: 'The request headers are larger than the limit.' },
  INTERNAL: { status: 500, meaning: 'A mistake of ours. The ticket was not accepted.' },
  SIGN_IN_UNCHECKED: {
    status: 503,
    meaning: "The token cannot be checked at the moment: its issuer's keys cannot be fetched.",
  },
  STORE_UNAVAILABLE: { status: 503, meaning: 'The ticket cannot be stored at the moment; it was not accepted.' },
  OUTCOME_UNKNOWN: {
    status: 503,
    meaning: 'The store did not answer in time; send again with the same Idempotency-Key.',
  },
  STOPPING: { status: 503, meaning: 'The service is stopping; send again shortly.' },
} as const

export type ErrorCode = keyof typeof errorCodes

export type ErrorBody = { readonly why: string; readonly errorCode: ErrorCode | null; readonly statusCode: number }

/** What the caller did wrong, or what we cannot do now, as a value: code for machines, `why` for a person. */
export type Problem = { readonly code: ErrorCode; readonly why: string; readonly retryAfterSeconds?: number }

export const errorBody = (problem: Problem): ErrorBody => ({
  why: problem.why,
  errorCode: problem.code,
  statusCode: errorCodes[problem.code].status,
})
