/** Compares every answer of the service that a test gets with the OpenAPI document, and every request that was taken: so the document says neither
 *  less nor more than what is true. Loaded before each test file (scripts/test.js); the validator is somebody else's. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { calls } from '../../src/api/calls.ts'
import { type ErrorCode, errorCodes } from '../../src/api/errors.ts'
import { errorsOf, openApi } from '../../src/api/openapi.ts'
import { jsonSchemaOf } from '../../src/api/schema.ts'

export type Exchange = {
  readonly method: string
  readonly url: string
  readonly requestBody: string | null
  readonly status: number
  readonly contentType: string | null
  readonly isOurs: boolean
  readonly text: string
}

const document = openApi('0.0.0')
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(document, 'openapi')
const compiled = new Map<string, ValidateFunction>()
const validator = (key: string, schema: () => object): ValidateFunction => {
  const known = compiled.get(key) ?? ajv.compile(schema())
  compiled.set(key, known)
  return known
}
/** What requests of each call are compared with. */
const requests = new Map(calls.map(call => [call.path, ajv.compile(jsonSchemaOf(call.asks))]))

/** What the document does not say of this exchange; none when it is as documented, or no call of the API. */
export const undocumented = (exchange: Exchange): string | undefined => {
  const { pathname, searchParams } = new URL(exchange.url)
  const path = pathname.replace(/\/{2,}/g, '/')
  const method = exchange.method === 'HEAD' ? 'get' : exchange.method.toLowerCase()
  const operation = document.paths[path]?.[method]
  const isJson = exchange.contentType?.startsWith('application/json') ?? false
  if (!operation || !exchange.isOurs || !isJson || exchange.method === 'HEAD') return undefined

  const schema = operation.responses[exchange.status]?.content?.['application/json']
  if (!schema) return `${path} answered ${exchange.status}, which is not documented`
  const pointer = `openapi#/paths/${path.replaceAll('/', '~1')}/${method}/responses/${exchange.status}/content/application~1json/schema`
  const answer = validator(pointer, () => ({ $ref: pointer }))
  const body: unknown = JSON.parse(exchange.text)
  if (!answer(body))
    return `${path} answered ${exchange.status} otherwise than documented: ${ajv.errorsText(answer.errors)}`

  const call = calls.find(each => each.path === path)
  if (!call) return undefined
  if (exchange.status !== 200) {
    const { errorCode: code } = body as { errorCode: ErrorCode } // compared with the schema above
    return errorsOf(call).includes(code) ? undefined : `${path} answered ${code}, which is not documented`
  }
  return requestProblem(path, method, searchParams, exchange.requestBody)
}

/** The same for an error whose request cannot be told from its bytes; none when it is one of those documented. */
export const undocumentedError = (status: number, text: string): string | undefined => {
  const pointer = 'openapi#/components/schemas/CommonErrorMessage'
  const isError = validator(pointer, () => ({ $ref: pointer }))
  const body: unknown = JSON.parse(text)
  if (!isError(body)) return `an error otherwise than documented: ${ajv.errorsText(isError.errors)}`
  const { errorCode: code } = body as { errorCode: ErrorCode } // compared with the schema above
  return errorCodes[code]?.status === status ? undefined : `${code} was answered ${status}, which is not documented`
}

/** What was taken, and should not have been by the document. Bodies in other encodings are passed over. */
const requestProblem = (
  path: string,
  method: string,
  given: URLSearchParams,
  body: string | null,
): string | undefined => {
  const call = calls.find(each => each.path === path)
  const request = requests.get(call?.path ?? '/api/support/')
  const asked = method === 'post' ? parsed(body) : fromQuery(given, call?.asks.fields ?? {})
  if (!request || asked === undefined || request(asked)) return undefined
  return `${path} took what is not documented: ${ajv.errorsText(request.errors)}`
}

const parsed = (text: string | null): unknown => {
  try {
    return text === null ? undefined : JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

const fromQuery = (given: URLSearchParams, fields: (typeof calls)[number]['asks']['fields']): object =>
  Object.fromEntries(
    [...given]
      // As documented: anything else means 50; and names that nobody reads are passed over.
      .filter(([name, value]) => name !== 'itemsPerPage' && name in fields && value !== '')
      .map(([name, value]) => {
        const { type } = fields[name]?.json ?? {}
        return [name, type === 'integer' ? Number(value) : type === 'boolean' ? value === 'true' : value]
      }),
  )
