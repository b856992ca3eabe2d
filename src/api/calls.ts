/** Every call of the API, in the order in which the documentation shows them. Routes, validation, the OpenAPI document, the SDK and the
 *  developer guide are made of this list. */
import type { Call } from './call.ts'
import {
  browseDeliveries,
  browseDestinations,
  pauseDestination,
  replay,
  resumeDestination,
  testDestination,
} from './delivery-calls.ts'
import { addComment, browse, createTicket, retrieve, search, updateStatus } from './ticket-calls.ts'

export const calls: readonly Call[] = [
  createTicket,
  browse,
  retrieve,
  search,
  addComment,
  updateStatus,
  browseDeliveries,
  replay,
  browseDestinations,
  testDestination,
  pauseDestination,
  resumeDestination,
]
