/** The calls about tickets and what is said of them. */
import { asks, call, paging } from './call.ts'
import { anyObject, flag, instant, list, maybe, object, oneOf, type Schema, text } from './schema.ts'
import { deliveryStates, type JsonObject, page, ticket, ticketDetails, ticketStatuses, ticketTypes } from './ticket.ts'

const ticketFilters = {
  filterStatus: maybe(oneOf(ticketStatuses, 'Only tickets that stand like this.')),
  filterType: maybe(oneOf(ticketTypes, 'Only tickets of this type.')),
  filterUser: maybe(text('Only tickets of this username.')),
  filterDestination: maybe(text('Only tickets with a delivery to this destination.')),
  filterDelivery: maybe(
    oneOf(deliveryStates, 'Only tickets with a delivery in this state (to that destination, if one is named).'),
  ),
}
const BULK_MAX = 1_000
const bulkOf = <T>(item: Schema<T>) =>
  asks({ items: list(item, 'All of them, or nothing.', { minItems: 1, maxItems: BULK_MAX }) })
const bulkAnswer = object(
  {
    responses: list(
      object({ id: text('The id of the event.') }, { name: 'FindByStringId', description: 'An id.' }),
      'In the order of the items.',
    ),
  },
  { name: 'BulkResponse', description: 'What a bulk call made.' },
)
export const createTicket = call({
  name: 'createTicket',
  method: 'POST',
  path: '/api/support/ticket',
  scope: 'support.createTicket:write',
  who: 'users',
  summary: 'Sends a message to support',
  description:
    'Stored durably before the answer; delivered to the team afterwards. The answer is `{}`, with the headers `ticket-reference` and `ticket-id`; with `Prefer: return=representation` it is the ticket. With an `Idempotency-Key` a repetition is the same ticket. The body is read as JSON whatever its content type.',
  asks: asks(
    {
      subject: maybe(
        text('One line; made from the first line of the message where there is none. Cut at 1,000 characters.'),
      ),
      message: text('The text, not blank, at most 524,288 characters (`limits.messageMaxLength`).', { minLength: 1 }),
      type: maybe(
        oneOf(
          ticketTypes,
          'Derived from `BUG: `, `ERROR: ` or `SUGGESTION: ` at the start of the message where it is not given.',
        ),
      ),
      context: maybe(
        anyObject<JsonObject>('Whatever else helps: `page` is shown to the team. At most 16,384 characters of JSON.'),
      ),
    },
    { isOpen: true },
  ),
  answers: object(
    {},
    { isOpen: true, name: 'CreateTicketResponse', description: 'Empty, or the ticket where it was asked for.' },
  ),
  errors: [
    'MESSAGE_REQUIRED',
    'INVALID_IDEMPOTENCY_KEY',
    'MESSAGE_TOO_LONG',
    'KEY_REUSED',
    'RATE_LIMITED',
    'OUTCOME_UNKNOWN',
  ],
})

export const browse = call({
  name: 'browse',
  method: 'GET',
  path: '/api/support/browse',
  scope: 'support.browse:read',
  who: 'users',
  summary: 'Lists tickets, newest first',
  description: 'Users see their own; staff see all.',
  asks: asks({ ...ticketFilters, ...paging }),
  answers: page(ticket, 'TicketPage'),
  errors: ['INVALID_PAGE_TOKEN', 'BUSY'],
})

export const retrieve = call({
  name: 'retrieve',
  method: 'GET',
  path: '/api/support/retrieve',
  scope: 'support.retrieve:read',
  who: 'users',
  summary: 'Shows one ticket',
  description: "A ticket that is somebody else's is answered like one that is not there.",
  asks: asks({
    id: text('Its id, or its reference in any spelling.'),
    includeTimeline: maybe(flag('Adds what happened, in order.')),
    includeDeliveries: maybe(flag('Adds where it went (ADMIN).')),
  }),
  answers: ticketDetails,
  errors: ['NOT_FOUND'],
})

export const search = call({
  name: 'search',
  method: 'POST',
  path: '/api/support/search',
  scope: 'support.search:read',
  who: 'staff',
  summary: 'Finds tickets by what is written in them',
  description:
    'All words must occur, in subject, message, comments and notes together; a reference finds its ticket in any spelling. Words are found whole (`disk` finds no `disks`), in any case, and accents count (`pa` finds no `på`); Chinese, Japanese, Korean, Thai and the like are found as parts, too. Everything is meant literally: there are no operators, quotes or wildcards. Words that touch (`10.0.0.1`, `/app/jobs`) are found where they touch; signs count (`C++` asks for `c` and `+`), marks of writing (`.`, `-`, `"`) only where nothing else is asked for. The first 65,536 characters of each text can be found, within two seconds. An empty query gives what the filters give.',
  asks: asks({
    query: maybe(text('The words.')),
    ...ticketFilters,
    from: maybe(instant('Only tickets received from this moment on.')),
    to: maybe(instant('Only tickets received before this moment.')),
    ...paging,
  }),
  answers: page(ticket, 'TicketPage'),
  errors: ['INVALID_PAGE_TOKEN', 'BUSY'],
})

export const addComment = call({
  name: 'addComment',
  method: 'POST',
  path: '/api/support/addComment',
  scope: 'support.addComment:write',
  who: 'users',
  summary: 'Adds to tickets: a reply, or a note among staff',
  description:
    'Users add to their own tickets, which makes any but a `RECEIVED` one `IN_PROGRESS`. A public reply by staff makes a ticket `ANSWERED`, or what `status` says. With an `Idempotency-Key` the same request again adds nothing.',
  asks: bulkOf(
    object(
      {
        id: text('The ticket: its id or reference.', { minLength: 1 }),
        message: text('The text, not blank.', { minLength: 1 }),
        internal: maybe(flag('A note among staff (ADMIN): never shown to users, delivered nowhere.')),
        status: maybe(
          oneOf(ticketStatuses, 'With a public reply by staff (ADMIN): `WAITING_FOR_USER`, `CLOSED` or `ANSWERED`.'),
        ),
      },
      { name: 'NewComment', description: 'A text for one ticket.' },
    ),
  ),
  answers: bulkAnswer,
  errors: ['MESSAGE_REQUIRED', 'MESSAGE_TOO_LONG', 'INVALID_IDEMPOTENCY_KEY', 'NOT_FOUND', 'BUSY', 'OUTCOME_UNKNOWN'],
})

export const updateStatus = call({
  name: 'updateStatus',
  method: 'POST',
  path: '/api/support/updateStatus',
  scope: 'support.updateStatus:write',
  who: 'users',
  summary: 'Says where tickets stand',
  description:
    'Users close their own tickets ("this is solved": `CLOSED`) and open them again ("it came back": `IN_PROGRESS`); staff may set any status. A status that a ticket has already makes no event: the answer then names the one that brought it.',
  asks: bulkOf(
    object(
      {
        id: text('The ticket: its id or reference.', { minLength: 1 }),
        status: oneOf(ticketStatuses, 'How it stands now.'),
      },
      { name: 'NewStatus', description: 'A status for one ticket.' },
    ),
  ),
  answers: bulkAnswer,
  errors: ['INVALID_IDEMPOTENCY_KEY', 'NOT_FOUND', 'OUTCOME_UNKNOWN'],
})
