import { after } from 'node:test'
import { storeContract } from '../../../test/contracts/store.ts'
import { emptied, freshDatabase } from '../../../test/support/postgres.ts'
import { reopenable } from '../../../test/support/reopenable.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { openPostgresStore } from './store.ts'

const database = await freshDatabase()
const options = { clock: systemClock, random: systemRandom }
const primary = openPrimary(database.address, { ...options, connections: 1 })
await migrate(primary)
await primary.close()
after(() => database.dispose())

storeContract('PostgreSQL', () =>
  reopenable(
    () => openPostgresStore(openPrimary(database.address, { ...options, connections: 4 }), options),
    () => emptied(database),
  ),
)
