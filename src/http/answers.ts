/** How errors leave: always `{why, errorCode, statusCode}`, in JSON, with the request's id. */
import type { FastifyReply } from 'fastify'
import type { ErrorCode, Problem } from '../api/errors.ts'
import { errorBody, errorCodes } from '../api/errors.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply => {
  reply.refusal = problem
  // RFC 9110, 15.5.2: which way of signing in would do.
  if (problem.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer')
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds))
  return reply
    .code(errorCodes[problem.code].status)
    .header('content-type', JSON_TYPE)
    .send(JSON.stringify(errorBody(problem)))
}

export const notFound: Problem = {
  code: 'NOT_FOUND',
  why: 'There is nothing at this address, or it is not yours to see. Nothing was sent: check the address.',
}

/** The store cannot be asked at the moment, wherever a route ran into that. */
export const storeProblem: Problem = {
  code: 'STORE_UNAVAILABLE',
  why: 'Our store cannot answer just now, so your message or change was not sent. Keep what you wrote and try again in a moment.',
  retryAfterSeconds: 5,
}

/** What the framework refuses before a route is reached, by its own stable codes. */
export const frameworkProblem = (code: string | undefined, statusCode: number | undefined): Problem => {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {
        code: 'BODY_TOO_LARGE',
        why: 'The request is larger than a ticket may be. Nothing was sent; shorten the message.',
      }
    case 'HPE_HEADER_OVERFLOW':
      return {
        code: 'HEADERS_TOO_LARGE',
        why: 'The request headers are larger than 1 MiB, or more than 1,000, so nothing was sent. Send it again with fewer and smaller ones.',
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        code: 'REQUEST_TIMEOUT',
        why: 'The request took too long to arrive, so nothing was stored. Send it again.',
      }
    default: {
      const isClientError = statusCode !== undefined && statusCode >= 400 && statusCode < 500
      return isClientError || code?.startsWith('HPE_') || code?.startsWith('FST_ERR_BAD_URL')
        ? {
            code: 'BAD_REQUEST',
            why: 'The request cannot be understood as HTTP, so nothing was stored. Keep your text and send it again; if that fails too, the program that sends it needs mending.',
          }
        : INTERNAL
    }
  }
}

export const INTERNAL: Problem = {
  code: 'INTERNAL',
  why: 'Something went wrong on our side and your message was not accepted. Keep your text and send it again in a moment.',
}

/** The whole answer as text, for a socket on which no request could be read. */
export const rawAnswer = (problem: Problem, requestId: string): string => {
  const body = JSON.stringify(errorBody(problem))
  const { status } = errorCodes[problem.code]
  return [
    `HTTP/1.1 ${status} ${REASONS[problem.code] ?? 'Error'}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `job-id: ${requestId}`,
    'x-content-type-options: nosniff',
    'connection: close',
    '',
    body,
  ].join('\r\n')
}

const REASONS: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'Bad Request',
  REQUEST_TIMEOUT: 'Request Timeout',
  HEADERS_TOO_LARGE: 'Request Header Fields Too Large',
}

declare module 'fastify' {
  interface FastifyReply {
    /** Why the request was refused, for the log. */
    refusal?: Problem
  }
}
