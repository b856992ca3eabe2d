/** One call of the API: who asks is decided before the body is looked at, what they ask is read by the call's schema, and the answer is JSON. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answered, Asked, Call } from '../api/call.ts'
import type { Problem } from '../api/errors.ts'
import { read } from '../api/read.ts'
import type { Schema } from '../api/schema.ts'
import type { Principal } from '../domain/principal.ts'
import { JSON_TYPE, sendProblem } from './answers.ts'
import { readJsonObject } from './body.ts'
import { type CallerDeps, callerOf } from './caller.ts'
import { BUSY, type Slots, userSlots } from './slots.ts'

/** The principal that the request's token or session stands for, once the call has let it in. */
export const admittedCaller = ({ principal }: FastifyRequest): Principal => {
  if (!principal) throw new Error('the route runs only for an authenticated caller')
  return principal
}

export type Calls = {
  /** Only who may make the call gets past this; for `onRequest`. */
  admit(call: Call): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>
  /** Adds the route of a call. */
  on<C extends Call>(
    call: C,
    work: (asked: Asked<C>, caller: Principal, request: FastifyRequest) => Promise<Answered<C> | Problem>,
  ): void
}

/** Lists that one user may have on the way to them at once: each may be megabytes, for as long as nobody reads it. */
const LISTS_MAX = 4
/** A body that may take megabytes until it is whole: each user may have so many of them at once. */
const LARGE_BODIES_MAX = 8
const LARGE_BODY_BYTES = 256 * 1024

export const makeCalls = (app: FastifyInstance, deps: CallerDeps): Calls => {
  app.decorateRequest('principal', null)
  const lists = userSlots(LISTS_MAX)
  const largeBodies = userSlots(LARGE_BODIES_MAX)

  const calls: Calls = {
    admit: call => async (request, reply) => {
      const caller = await callerOf(deps, request, call.scope)
      if ('code' in caller) return sendProblem(reply, caller)
      if (call.who === 'staff' && caller.role !== 'ADMIN') return sendProblem(reply, STAFF_ONLY)
      const problem = call.method === 'POST' ? bodyProblem(request, reply, caller, largeBodies) : undefined
      if (problem) return sendProblem(reply, problem)
      request.principal = caller
      return undefined
    },
    on(call, work) {
      app.route({
        method: call.method === 'GET' ? ['GET', 'HEAD'] : 'POST',
        url: call.path,
        onRequest: calls.admit(call),
        handler: async (request, reply) => {
          const caller = admittedCaller(request)
          const asked = call.method === 'GET' ? askedInQuery(call, request) : askedInBody(call, request)
          if ('code' in asked) return sendProblem(reply, asked)
          if (isList(call) && !lists.take(caller.username, reply.raw)) return sendProblem(reply, BUSY)
          // `read` has compared it with the schema that the type is made of.
          const answer = await work(asked.value as Asked<typeof call>, caller, request)
          if (isProblem(answer)) return sendProblem(reply, answer)
          return reply.headers({ 'content-type': JSON_TYPE, 'cache-control': 'no-store' }).send(JSON.stringify(answer))
        },
      })
    },
  }
  return calls
}

const isList = (call: Call): boolean => call.errors.includes('INVALID_PAGE_TOKEN')

const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === 'object' && answer !== null && 'why' in answer

type Found = { readonly value: unknown } | Problem

const askedInBody = (call: Call, request: FastifyRequest): Found => {
  const body = readJsonObject(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), request.contentType, {
    example: exampleOf(call.asks),
    outcome: NOTHING,
  })
  if ('problem' in body) return body.problem
  const { itemsPerPage: size } = body.fields
  return readBy(
    call.asks,
    'itemsPerPage' in call.asks.fields ? { ...body.fields, itemsPerPage: itemsPerPage(size) } : body.fields,
  )
}

const NOTHING = 'Nothing was read or changed'

const readBy = (schema: Schema<unknown>, value: unknown): Found => {
  const found = read(schema, value)
  return 'wrong' in found ? { code: 'INVALID_FIELD', why: `${found.wrong} ${NOTHING}.` } : found
}

/** `{"items": …}`: which fields there must be, or may. */
const exampleOf = ({ fields = {} }: Schema<unknown>): string => {
  const names = Object.keys(fields)
  const required = names.filter(name => !fields[name]?.isOptional)
  return `{${(required.length > 0 ? required : names.slice(0, 2)).map(name => `"${name}": …`).join(', ')}}`
}

/** Parameters are texts, given once; an empty one counts as not given. Names that nobody reads are passed over. */
const askedInQuery = (call: Call, request: FastifyRequest): Found => {
  const given = request.query as Record<string, unknown> // fastify's own parser: texts, or lists of them
  const asked: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(call.asks.fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (Array.isArray(value)) {
      return { code: 'INVALID_FIELD', why: `"${name}" is given more than once. Give it once. ${NOTHING}.` }
    }
    if (name === 'itemsPerPage') asked[name] = itemsPerPage(value)
    else if (typeof value === 'string' && value !== '') asked[name] = fromText(schema, value)
  }
  return readBy(call.asks, asked)
}

/** What is no number, or neither true nor false, stays a text, and is refused as such. */
const fromText = ({ json }: Schema<unknown>, value: string): unknown => {
  if (json.type === 'integer') return /^-?\d{1,16}$/.test(value) ? Number(value) : value
  if (json.type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  return value
}

const ITEMS_DEFAULT = 50
const ITEMS_MAX = 1_000
/** As UCloud reads it: 1 to 1000, and 50 for what is no such number. */
export const itemsPerPage = (value: unknown): number => {
  const given = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  const isCount = typeof given === 'number' && Number.isSafeInteger(given) && given > 0
  return isCount ? Math.min(given, ITEMS_MAX) : ITEMS_DEFAULT
}

const bodyProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Principal,
  largeBodies: Slots,
): Problem | undefined => {
  if (isCompressed(request)) return COMPRESSED
  return isLarge(request) && !largeBodies.take(caller.username, reply.raw) ? BUSY : undefined
}

export const header = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

const isLarge = (request: FastifyRequest): boolean => {
  const length = header(request, 'content-length')
  return length === null ? request.headers['transfer-encoding'] !== undefined : Number(length) > LARGE_BODY_BYTES
}

/** RFC 9110, 8.4.1: names in any case, perhaps several. A transfer may be compressed too (RFC 9112, 7.2). */
const isCompressed = (request: FastifyRequest): boolean =>
  `${header(request, 'content-encoding') ?? ''},${header(request, 'transfer-encoding') ?? ''}`
    .split(',')
    .some(coding => !['', 'identity', 'chunked'].includes(coding.trim().toLowerCase()))

const COMPRESSED: Problem = {
  code: 'UNSUPPORTED_ENCODING',
  why: 'The body is compressed, which this service does not take. Send it again without Content-Encoding; nothing was stored.',
}

const STAFF_ONLY: Problem = {
  code: 'FORBIDDEN',
  why: 'Only staff (role ADMIN) may see and do this. Nothing was changed: sign in as staff and try again.',
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}
