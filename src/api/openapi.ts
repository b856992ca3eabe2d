/** The OpenAPI 3.1 document, made of the calls and their schemas. */
import type { Call } from './call.ts'
import { calls } from './calls.ts'
import { type ErrorCode, errorCodes } from './errors.ts'
import { count, type JsonSchema, jsonSchemaOf, nullable, object, oneOf, type Schema, text } from './schema.ts'
import { ticket } from './ticket.ts'

export type OpenApi = {
  readonly openapi: '3.1.0'
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, unknown>> & { readonly schemas: Readonly<Record<string, JsonSchema>> }
  readonly [more: string]: unknown
}
export type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly responses: Readonly<Record<string, Response>>
  readonly [more: string]: unknown
}
type Response = {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
}

export const errorShape = object(
  {
    why: text('A sentence for the person in front of the screen. It may change.'),
    errorCode: nullable(oneOf(Object.keys(errorCodes), 'For programs: docs/errors.md lists them all.')),
    statusCode: count('The HTTP status.'),
  },
  { name: 'CommonErrorMessage', description: 'What every error answers.' },
)

/** What any call may answer, whatever it is for. */
const EVERYWHERE: readonly ErrorCode[] = [
  'UNAUTHORIZED',
  'FORBIDDEN',
  'BAD_REQUEST',
  'SIGN_IN_UNCHECKED',
  'STORE_UNAVAILABLE',
  'INTERNAL',
]
const WITH_BODY: readonly ErrorCode[] = [
  'INVALID_BODY',
  'NOT_UTF8',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_ENCODING',
  'REQUEST_TIMEOUT',
  'BUSY',
]

/** Every code that the call may answer with. */
export const errorsOf = ({ method, errors }: Call): readonly ErrorCode[] => [
  ...new Set([...EVERYWHERE, 'INVALID_FIELD' as const, ...(method === 'POST' ? WITH_BODY : []), ...errors]),
]

/** @param version of the service */
export const openApi = (version: string): OpenApi => {
  const schemas: Record<string, JsonSchema> = {}
  const refer = (named: Schema<unknown>): string => {
    const name = named.name ?? ''
    // Set before it is written out, so that a shape within itself would end.
    if (!(name in schemas)) {
      schemas[name] = {}
      schemas[name] = jsonSchemaOf({ ...named, isNullable: false }, inner =>
        inner.name === name ? undefined : refer(inner),
      )
    }
    return `#/components/schemas/${name}`
  }
  const schemaOf = (schema: Schema<unknown>) => jsonSchemaOf(schema, refer)
  const paths = Object.fromEntries(
    calls.map(call => [call.path, { [call.method.toLowerCase()]: operation(call, schemaOf) }]),
  )
  return {
    openapi: '3.1.0',
    info: {
      title: 'Support Relay',
      version,
      description:
        'Support tickets from signed-in users, stored before the answer says so, and delivered to wherever the team is. Instants are integer milliseconds since 1970 (UTC); absent is null. Every answer has the header `job-id`, which names the request in the log.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This service.' }],
    tags: [
      { name: 'Tickets', description: 'Writing, reading and answering.' },
      { name: 'Deliveries', description: 'What went where: for staff.' },
      { name: 'Operation', description: 'For whoever watches the service.' },
    ],
    security: [{ token: [] }, { session: [] }],
    paths: { ...paths, ...operationPaths(schemaOf) },
    components: {
      schemas,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: "A token of the platform's issuer.",
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'support_relay_session',
          description: "The service's own pages; counts for same-origin requests only.",
        },
      },
    },
  }
}

type SchemaOf = (schema: Schema<unknown>) => JsonSchema

const operation = (call: Call, schemaOf: SchemaOf): Operation => ({
  operationId: call.name,
  summary: call.summary,
  description: `${call.who === 'staff' ? 'For staff (role ADMIN). ' : ''}${call.description}`,
  tags: [call.path.match(/Deliver|Destination|replay/) ? 'Deliveries' : 'Tickets'],
  ...(call.method === 'GET'
    ? { parameters: parametersOf(call, schemaOf) }
    : {
        ...(headersOf(call).length > 0 && { parameters: headersOf(call) }),
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(call.asks) } } },
      }),
  responses: { '200': success(call, schemaOf), ...problems(errorsOf(call), schemaOf) },
})

const parametersOf = ({ asks }: Call, schemaOf: SchemaOf) =>
  Object.entries(asks.fields).map(([name, field]) => {
    // An address has no null: what is left out, or empty, is not given.
    const { description, ...schema } = schemaOf({ ...field, isNullable: false })
    return { name, in: 'query', required: !field.isOptional, ...(description !== undefined && { description }), schema }
  })

const HEADERS = {
  'Idempotency-Key': 'Makes a repetition harmless: 1 to 255 visible ASCII characters.',
  Prefer: '`return=representation`: answer with the ticket.',
  Project: 'The project the user is working in.',
}
/** What a call reads beside its body. */
export const headersOf = (call: Call) =>
  Object.entries(HEADERS)
    .filter(([name]) =>
      name === 'Idempotency-Key' ? call.errors.includes('INVALID_IDEMPOTENCY_KEY') : call.name === 'createTicket',
    )
    .map(([name, description]) => ({ name, in: 'header', required: false, description, schema: { type: 'string' } }))

const success = (call: Call, schemaOf: SchemaOf): Response => {
  const headers = {
    'job-id': header("The request's id."),
    ...(call.name === 'createTicket' && {
      'ticket-reference': header('What people quote.'),
      'ticket-id': header("The ticket's id."),
    }),
  }
  const answers = schemaOf(call.answers)
  // Empty, unless the ticket was asked for.
  const schema = call.name === 'createTicket' ? { anyOf: [schemaOf(ticket), { ...answers }] } : answers
  return { description: call.summary, headers, content: { 'application/json': { schema } } } as Response
}

const header = (description: string) => ({ description, schema: { type: 'string' } })

/** Codes of one status share an answer. */
const problems = (codes: readonly ErrorCode[], schemaOf: SchemaOf): Record<string, Response> => {
  const byStatus = Map.groupBy(codes, code => errorCodes[code].status)
  const schema = schemaOf(errorShape)
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, of]) => [
        String(status),
        {
          description: of.map(code => `\`${code}\`: ${errorCodes[code].meaning}`).join('\n'),
          content: { 'application/json': { schema } },
        },
      ]),
  )
}

/** What operators ask; no token needed. */
const operationPaths = (schemaOf: SchemaOf) => {
  const empty: JsonSchema = { type: 'object', additionalProperties: false }
  const ask = (
    operationId: string,
    summary: string,
    description: string,
    more: Record<string, Response>,
  ): Operation => ({
    operationId,
    summary,
    description,
    tags: ['Operation'],
    security: [],
    responses: { '200': { description: summary, content: { 'application/json': { schema: empty } } }, ...more },
  })
  const failing: Response = {
    description: 'Tickets cannot be taken; `why` says so.',
    content: { 'application/json': { schema: schemaOf(errorShape) } },
  }
  return {
    '/status': {
      get: ask('status', 'Whether tickets can be taken', '200 also while destinations fail: tickets wait for them.', {
        '503': failing,
      }),
    },
    '/livez': { get: ask('livez', 'Whether the process answers', 'Restart it when it does not.', {}) },
  }
}
