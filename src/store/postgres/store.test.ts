import { storeContract } from '../../../test/contracts/store.ts'
import { freshDatabase } from '../../../test/support/postgres.ts'
import { reopenable } from '../../../test/support/reopenable.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { openPostgresStore } from './store.ts'

/** Migrated once, and copied for each case. */
const pattern = freshDatabase().then(async database => {
  const primary = openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 1 })
  await migrate(primary)
  await primary.close()
  return database
})

storeContract('PostgreSQL', async () => {
  const database = await freshDatabase((await pattern).address.database)
  const open = () =>
    openPostgresStore(openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 4 }), {
      clock: systemClock,
      random: systemRandom,
    })
  return reopenable(open, () => database.dispose())
})
