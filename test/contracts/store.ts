/** The list that every store must pass. Nothing in it knows which store it talks to: no file, no SQL, no thread.
 *
 *    storeContract('threaded SQLite', async () => ({ store, reopen, dispose }))
 */
import type { Store } from '../../src/domain/store.ts'
import { acknowledgementCases } from './store/acknowledgements.ts'
import { deliveryCases } from './store/delivery.ts'
import { deliveryPageCases } from './store/delivery-page.ts'
import { destinationCases } from './store/destinations.ts'
import { eventCases } from './store/events.ts'
import { idempotencyCases } from './store/idempotency.ts'
import { intakeCases } from './store/intake.ts'
import { leaseCases } from './store/leases.ts'
import { limitCases } from './store/limit.ts'
import { replayCases } from './store/replay.ts'
import { retentionCases } from './store/retention.ts'
import { searchCases } from './store/search.ts'
import { searchPageCases } from './store/search-pages.ts'
import { sessionCases } from './store/sessions.ts'
import { settleCases } from './store/settle.ts'
import { ticketCases } from './store/tickets.ts'

export type OpenedStore = {
  readonly store: Store
  /** Closes the store as a stopping process does, and opens the same data again. */
  reopen(): Promise<Store>
  /** Closes whatever is open and removes the data. */
  dispose(): Promise<void>
}

export const storeContract = (name: string, open: () => Promise<OpenedStore>): void => {
  intakeCases(name, open)
  idempotencyCases(name, open)
  limitCases(name, open)
  acknowledgementCases(name, open)
  ticketCases(name, open)
  eventCases(name, open)
  deliveryCases(name, open)
  deliveryPageCases(name, open)
  settleCases(name, open)
  leaseCases(name, open)
  destinationCases(name, open)
  replayCases(name, open)
  searchCases(name, open)
  searchPageCases(name, open)
  sessionCases(name, open)
  retentionCases(name, open)
}
