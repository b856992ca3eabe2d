/** What a ticket costs on a PostgreSQL in bytes, kept and written, and how fast old ones are forgotten: `node bench/postgres-size.ts [tickets]`.
 *  Tickets of 1 kB, two destinations, delivered at the first attempt, searchable. The server is a fresh one with its own defaults. */
import { systemClock, systemRandom } from '../src/domain/clock.ts'
import { afterAttempt } from '../src/domain/delivery.ts'
import { idMaker } from '../src/domain/id.ts'
import { migrate } from '../src/store/postgres/migrate.ts'
import { openPrimary } from '../src/store/postgres/primary.ts'
import { openPostgresStore } from '../src/store/postgres/store.ts'
import { ticket } from '../test/contracts/store/arrange.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import { median } from './support/processes.ts'

const [count = 50_000] = process.argv.slice(2).map(Number)
const USERS = 2_000
const AT_ONCE = 512
const DUE = 64
const SLICE = 50
const destinations = ['one', 'two']
const VOCABULARY = 30_000
/** Some words are everywhere and most are rare, as in a language. */
const word = () => Math.floor(VOCABULARY ** systemRandom.fraction()).toString(36)
const text = () => Array.from({ length: 260 }, word).join(' ')

const server = await startPostgres(['max_wal_size=16GB'])
const options = { clock: systemClock, random: systemRandom }
const address = {
  hosts: [{ host: '127.0.0.1', port: server.port }],
  database: 'postgres',
  user: 'postgres',
  password: null,
  tls: null,
  pooler: 'none',
} as const
const primary = openPrimary(address, { ...options, connections: 8 })
await migrate(primary)
const store = await openPostgresStore(primary, options)
const number = async (sql: string): Promise<number> => Number((await primary.read(db => db.all(sql)))[0]?.n)
const written = () => number("select pg_current_wal_lsn() - '0/0' as n")

const nextId = idMaker(systemClock, systemRandom)
const from = await written()
for (let made = 0; made < count; made += AT_ONCE)
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count - made) }, (_, i) =>
      store.accept(
        ticket({
          id: nextId(),
          createdAt: Date.now(),
          username: `User#${(made + i) % USERS}`,
          message: text(),
          destinations,
          limitPerHour: 1e9,
        }),
      ),
    ),
  )
const stored = await written()
const leases = await store.takeLeases({ engine: 'bench', destinations, forMs: 3_600_000 })
for (const { destination, epoch, health } of leases)
  for (;;) {
    const now = Date.now()
    const { deliveries } = await store.due({ destination, now, limit: DUE })
    if (deliveries.length === 0) break
    await Promise.all(
      deliveries.map(progress => {
        const how = { now, startedAt: now, isProbe: false, fraction: 0, nextLevel: null }
        const after = afterAttempt(progress, health, { kind: 'delivered' }, how)
        const attempt = { at: now, ms: 5, outcome: 'DELIVERED', status: 200, excerpt: 'ok' } as const
        return store.settle({
          epoch,
          progress: after.progress,
          state: after.state,
          reason: null,
          health,
          ref: null,
          attempt,
        })
      }),
    )
  }
const delivered = await written()
while ((await store.index({ limit: SLICE })) > 0);
const indexed = await written()

const kept = await primary.read(db =>
  db.all(
    `select relname as name, pg_table_size(oid) as rows, pg_indexes_size(oid) as indexes from pg_class
     where relnamespace = 'support'::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > $1 order by 2 desc`,
    [count],
  ),
)
for (const { name, rows, indexes } of kept)
  console.log(`${name}: ${Math.round(Number(rows) / count)} + ${Math.round(Number(indexes) / count)} bytes a ticket`)
const total = kept.reduce((sum, { rows, indexes }) => sum + Number(rows) + Number(indexes), 0)
const share = (bytes: number) => Math.round(bytes / count)
console.log(
  `${count} tickets: ${share(total)} bytes each are kept; written to the log: ${share(stored - from)} to store it, ${share(delivered - stored)} to deliver it twice, ${share(indexed - delivered)} to make it searchable`,
)

await primary.transaction(db => db.run("update support.tickets set status = 'CLOSED'"))
const slices: number[] = []
const began = performance.now()
for (let after: string | null = null; ; ) {
  const before = performance.now()
  const slice = await store.forgetTickets({ before: Date.now() + 1_000, after, limit: SLICE })
  slices.push(performance.now() - before)
  after = slice.after
  if (slice.isLast) break
}
const seconds = (performance.now() - began) / 1_000
console.log(
  `forgotten: ${Math.round(count / seconds)} a second without a pause, a slice of ${SLICE} in ${median(slices).toFixed(1)} ms, the longest ${Math.max(...slices).toFixed(0)}`,
)
await store.close()
await server.end()
