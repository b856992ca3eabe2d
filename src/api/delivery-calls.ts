/** The calls about deliveries and destinations: for staff. */
import { asks, call, paging } from './call.ts'
import { count, flag, instant, list, maybe, nullable, object, oneOf, text } from './schema.ts'
import { attemptOutcomes, delivery, deliveryStates, destination, page } from './ticket.ts'

const deliveryFilters = {
  filterTicket: maybe(text('Only of this ticket: its id or reference.', { minLength: 1 })),
  filterDestination: maybe(text('Only to this destination.', { minLength: 1 })),
  filterState: maybe(oneOf(deliveryStates, 'Only in this state.')),
  filterReason: maybe(text('Only with exactly this reason.', { minLength: 1 })),
  from: maybe(instant('Only of events from this moment on.')),
  to: maybe(instant('Only of events before this moment.')),
}
const nameOnly = asks({ name: text('The name of the destination.', { minLength: 1 }) })

export const browseDeliveries = call({
  name: 'browseDeliveries',
  method: 'GET',
  path: '/api/support/browseDeliveries',
  scope: 'support.browseDeliveries:read',
  who: 'staff',
  summary: 'Lists deliveries, newest first',
  description: 'What went where, what waits, and what was given up and why.',
  asks: asks({ ...deliveryFilters, ...paging }),
  answers: page(delivery, 'DeliveryPage'),
  errors: ['INVALID_PAGE_TOKEN', 'BUSY'],
})

export const replay = call({
  name: 'replay',
  method: 'POST',
  path: '/api/support/replay',
  scope: 'support.replay:write',
  who: 'staff',
  summary: 'Sends again what was given up, or delivered',
  description:
    'By ids, or by everything that passes all filters (at least one; `DEAD` ones unless `filterState` says otherwise).',
  asks: asks({
    ids: maybe(list(text('A delivery.'), 'These deliveries; an empty list is no filter.')),
    ...deliveryFilters,
    toDestination: maybe(text('To this destination instead of their own.', { minLength: 1 })),
    dryRun: maybe(flag('Only counts.')),
    why: maybe(text('Why, for whoever reads the audit later.', { maxLength: 500 })),
  }),
  answers: object(
    { count: count('How many go out again.') },
    { name: 'ReplayResponse', description: 'What a replay did.' },
  ),
  errors: ['NOT_FOUND'],
})

export const browseDestinations = call({
  name: 'browseDestinations',
  method: 'GET',
  path: '/api/support/browseDestinations',
  scope: 'support.browseDestinations:read',
  who: 'staff',
  summary: 'Shows how the destinations fare',
  description:
    'All of them, by name: those of the configuration, and those that it does not name any more while deliveries are left.',
  asks: asks({}, { isOpen: true }),
  answers: page(destination, 'DestinationPage'),
  errors: [],
})

export const testDestination = call({
  name: 'testDestination',
  method: 'POST',
  path: '/api/support/testDestination',
  scope: 'support.testDestination:write',
  who: 'staff',
  summary: 'Sends a test message to a destination',
  description:
    'Answers 200 whatever the receiver says: `outcome` tells. A success makes a failing destination `OK`; where another service serves it, its next success there does.',
  asks: nameOnly,
  answers: object(
    {
      outcome: oneOf(attemptOutcomes, 'What the answer meant.'),
      status: nullable(count('The HTTP status of the answer; null when none came.')),
      excerpt: nullable(text('The beginning of the answer, or why there was none; without secrets.')),
    },
    { name: 'TestResponse', description: 'How the receiver took a test message.' },
  ),
  errors: ['NOT_FOUND', 'BUSY'],
})

export const pauseDestination = call({
  name: 'pauseDestination',
  method: 'POST',
  path: '/api/support/pauseDestination',
  scope: 'support.pauseDestination:write',
  who: 'staff',
  summary: 'Holds back everything for a destination',
  description: 'Deliveries wait until it is resumed. Doing it twice changes nothing.',
  asks: nameOnly,
  answers: destination,
  errors: ['NOT_FOUND'],
})

export const resumeDestination = call({
  name: 'resumeDestination',
  method: 'POST',
  path: '/api/support/resumeDestination',
  scope: 'support.resumeDestination:write',
  who: 'staff',
  summary: 'Lets a paused destination go on',
  description: 'What waited goes out at once. Doing it twice changes nothing.',
  asks: nameOnly,
  answers: destination,
  errors: ['NOT_FOUND'],
})
