/** Of the list of planted bugs those that are in the store on PostgreSQL: only histories on it can find them. */
import type { PlantedBug } from './planted-bug.ts'

export const plantedInPostgres: readonly PlantedBug[] = [
  {
    name: 'PostgreSQL: an engine without the lease records outcomes (Svix, nacked batches)',
    file: 'store/postgres/settle.ts',
    find: ' and h.epoch = g.epoch and h.lease_engine is not null',
    replace: '',
  },
  {
    name: 'PostgreSQL: a lease is taken over under the old epoch',
    file: 'store/postgres/leases.ts',
    find: ', epoch = epoch + 1',
    replace: '',
  },
  {
    name: 'PostgreSQL: a lease runs for half as long as its engine believes',
    file: 'store/postgres/leases.ts',
    find: '+ $3::bigint, epoch',
    replace: '+ $3::bigint / 2, epoch',
  },
  {
    name: 'PostgreSQL: a ticket is acknowledged, and one of its deliveries was never made (convoy 660, breeze 4095)',
    file: 'store/postgres/intake.ts',
    find: 'destinations.map(name => [id, name, false] as const)',
    replace: 'destinations.slice(0, 2).map(name => [id, name, false] as const)',
  },
  {
    name: 'PostgreSQL: a later event overtakes an earlier one (convoy 1525)',
    file: 'store/postgres/deliveries.ts',
    find: "    and earlier.state = 'PENDING')`",
    replace: "    and earlier.state = 'NEVER')`",
  },
  {
    name: 'PostgreSQL: a COMMIT that was not answered counts as none once the database cannot be asked',
    file: 'store/postgres/store.ts',
    find: 'if (!isUnknown) throw error',
    replace: "if (!(error instanceof StoreUnavailable) || error.outcome !== 'unknown') throw error",
  },
  {
    name: 'PostgreSQL: of tickets committed together all are told the first one’s number',
    file: 'store/postgres/group-commit.ts',
    find: 'waiter.resolve(results[i] as Result)',
    replace: 'waiter.resolve(results[i && 0] as Result)',
  },
]
