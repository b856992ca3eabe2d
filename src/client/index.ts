/** `support-relay/client`: the calls of the service, typed, for browsers and Node 20 or newer. It needs `fetch` and Web Crypto, nothing else.
 *
 *      const support = createClient({ url: 'https://cloud.example.org', token: () => session.token() })
 *      const sent = await support.createTicket({ message: 'It broke.' })
 *      if (sent.outcome === 'received') show(sent.reference)
 *
 *  docs/client.md tells the whole story. */
import { createTicket } from './create-ticket.ts'
import { failureOf, sendRequest } from './request.ts'
import type { CallOptions, Client, ClientOptions, Result } from './types.ts'

export type { ErrorCode } from '../api/errors.ts'
export type {
  Attempt,
  AttemptOutcome,
  Delivery,
  DeliveryState,
  DestinationState,
  EventKind,
  Json,
  JsonObject,
  Page,
  Role,
  Ticket,
  TicketEvent,
  TicketStatus,
  TicketType,
  TicketUser,
} from '../api/ticket.ts'
export type * from './types.ts'
export { type VerifiedWebhook, verifyWebhook, type WebhookEvent, type WebhookProblem } from './webhook.ts'

/** The calls by their own names.
 *  @throws TypeError when `url` is missing or no address */
export const createClient = (given: ClientOptions): Client => {
  // From JavaScript nobody else says so.
  if (typeof given?.url !== 'string') throw new TypeError('createClient needs the option "url"')
  const url = given.url.replace(/\/+$/, '')
  new URL(`${url}/`, globalThis.location?.href)
  const options = { ...given, url }

  /** @param field what every answer of the call has: without it, it is not the service's */
  const call =
    (method: 'GET' | 'POST', name: string, field: string, mayRepeat: boolean) =>
    async <T>(input: object = {}, { signal }: CallOptions = {}): Promise<Result<T>> => {
      const { value, last } = await sendRequest(options, {
        method,
        path: `/api/support/${name}${method === 'GET' ? queryOf(input) : ''}`,
        ...(method === 'POST' && { json: input }),
        signal,
        mayRepeat,
        read: ({ body }) => (isThere(field, body[field]) ? (body as T) : undefined), // the rest is the service's word
      })
      return value === undefined ? { ok: false, ...failureOf(last, NO_ANSWER) } : { ok: true, value }
    }

  return {
    createTicket: (ticket, how) => createTicket(options, ticket, how),
    browse: call('GET', 'browse', 'items', true),
    retrieve: call('GET', 'retrieve', 'id', true),
    search: call('POST', 'search', 'items', true),
    addComment: call('POST', 'addComment', 'responses', false),
    updateStatus: call('POST', 'updateStatus', 'responses', false),
    browseDeliveries: call('GET', 'browseDeliveries', 'items', true),
    replay: call('POST', 'replay', 'count', false),
    browseDestinations: call('GET', 'browseDestinations', 'items', true),
    testDestination: call('POST', 'testDestination', 'outcome', false),
    pauseDestination: call('POST', 'pauseDestination', 'name', true),
    resumeDestination: call('POST', 'resumeDestination', 'name', true),
  }
}

const LISTS = ['items', 'responses']
const isThere = (field: string, value: unknown): boolean =>
  LISTS.includes(field) ? Array.isArray(value) : value !== undefined

const queryOf = (input: object): string => {
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

const NO_ANSWER =
  'The support service did not answer in a way that can be understood. Look at how things stand, then try again.'
