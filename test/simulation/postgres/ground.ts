/** The store on a real PostgreSQL, reached over a network that follows from the seed. The server executes one request at a time while the
 *  simulation's time stands still, so the same seed is the same history, as far as the server's own choices go. */
import { createServer, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { systemClock, systemRandom } from '../../../src/domain/clock.ts'
import { idMaker } from '../../../src/domain/id.ts'
import { type Store, StoreUnavailable } from '../../../src/domain/store.ts'
import { migrate } from '../../../src/store/postgres/migrate.ts'
import { openPrimary } from '../../../src/store/postgres/primary.ts'
import { openPostgresStore } from '../../../src/store/postgres/store.ts'
import { administer, freshDatabase, type TestDatabase } from '../../support/postgres.ts'
import type { Ground, OpenDisk, Recorded } from '../disk.ts'
import type { Life } from '../time.ts'
import { Wording } from './frames.ts'
import { Ledger, SIMULATED } from './ledger.ts'
import { type Fate, Line, type Trouble } from './line.ts'

const CONNECTIONS = 3
/** What is written to a socket of this machine is readable at its other end with the next turn of the loop; one more for good measure. */
const TURNS = 3
/** Shorter than the server lets two transactions wait for each other. */
const CIRCLE_MS = 200
/** A service whose database is away when it starts tries again. */
const OPEN_AGAIN_MS = 1_000

let pattern: Promise<TestDatabase> | undefined
/** With the product's schema and what the simulation adds. */
const migrated = async (): Promise<TestDatabase> => {
  const database = await freshDatabase()
  const primary = openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 1 })
  await migrate(primary)
  await primary.close()
  await administer(database.url, SIMULATED)
  return database
}

/** Shorter than on SQLite: each statement takes a hundred times as long. */
export const postgres: Ground = { minutes: [2, 5], happenings: [150, 400], longEvery: null, prepare: () => prepare() }

const prepare = async (): Promise<OpenDisk> => {
  pattern ??= migrated()
  const database = await freshDatabase((await pattern).address.database)
  await administer(
    database.url,
    `alter database ${database.address.database} set search_path = sim, pg_catalog, public`,
  )
  const client = new pg.Client({ connectionString: database.url })
  const signals = new pg.Client({ connectionString: database.url })
  await Promise.all([client.connect(), signals.connect()])
  const referenceKey = Buffer.alloc(32, 7)
  await client.query("insert into support.meta (key, value) values ('reference_key', $1)", [referenceKey])
  const [target] = database.address.hosts
  if (!target) throw new Error('the database has no host')

  return ({ chance, time, weather, wanted }) => {
    const met = new Set<Trouble>()
    const meet = (what: Trouble) => void met.add(what)
    const ledger = new Ledger(client, { time, wanted, meet })
    const recorders = new Map<Life, Recorded>()
    /** By the server's process. */
    const writers = new Map<number, Recorded>()
    const servers = new Map<Life, Server>()
    const lines = new Set<Line>()
    /** Those of the dead stay as they are, so that nothing stirs in them, until the end. */
    const sockets = new Set<Socket>()
    let opened = 0
    const arrivals = new Set<Line>()
    const asksForTime = new Wording(/clock_timestamp/)
    const writing = new Wording(/insert into|update support|delete from/)

    time.settle = async () => {
      for (let turn = 0; turn < TURNS; turn += 1) await new Promise(resolve => setImmediate(resolve))
      const arrived = [...arrivals].sort((a, b) => (a.name < b.name ? -1 : 1))
      arrivals.clear()
      for (const line of arrived) line.proceed(fateOf)
    }

    /** What has come may be followed by more at once. */
    const stir = () => time.hold(Promise.resolve())

    let busy = Promise.resolve()
    const alone = (work: () => Promise<void>) => {
      busy = busy.then(work)
      time.hold(busy)
    }

    const fateOf = (isCommit: boolean): Fate => {
      // Mostly the worst moment: whether it counts is not known then.
      const fails = chance.is(isCommit ? weather.failing : weather.failing / 10)
        ? chance.pick(['cut', 'silent'] as const)
        : 'no'
      return {
        arrivesAfterMs: chance.below(3) + weather.stallMs,
        answeredAfterMs: chance.below(3),
        fails,
        isLost: chance.is(0.5),
      }
    }

    /** Who waits for whom, by the processes of the server. */
    const waiting = async (): Promise<Waits> => {
      const { rows } = await signals.query<{ pid: number; by: number[] }>(
        'select pid, pg_blocking_pids(pid) as by from unnest($1::integer[]) pid',
        [[...lines].map(({ pid }) => pid)],
      )
      return new Map(rows.filter(({ by }) => by.length > 0).map(({ pid, by }) => [pid, by]))
    }

    const deps = (life: Life) => ({
      time,
      life,
      target,
      alone,
      meet,
      writes: (request: Buffer) => writing.isIn(request),
      onArrival: (line: Line) => {
        arrivals.add(line)
        stir()
      },
      async beforeRequest(request: Buffer) {
        if (asksForTime.isIn(request) || [...lines].some(({ blocked }) => blocked)) await ledger.setClock()
      },
      async afterRequest(line: Line, request: Buffer | null) {
        const recorded = recorders.get(line.life)
        if (recorded) writers.set(line.pid, recorded)
        if (recorded && request && line.commits(request)) await ledger.read(pid => writers.get(pid) ?? recorded)
        if (line.isGone) lines.delete(line)
        for (const other of lines) if (other !== line) await other.recheck()
      },
      async isWaitingForLock({ pid }: Line) {
        const waits = await waiting()
        if (!waits.has(pid)) return false
        // What was let go of a moment ago may look like one; a circle stays.
        if (isCircle(pid, waits)) {
          await new Promise(resolve => setTimeout(resolve, CIRCLE_MS))
          if (isCircle(pid, await waiting())) recorders.get(life)?.blame('transactions wait for each other in a circle')
        }
        return true
      },
      async signal(what: 'cancel' | 'terminate', pid: number) {
        const sql = what === 'cancel' ? 'select pg_cancel_backend($1)' : 'select pg_terminate_backend($1, 5000)'
        await signals.query(sql, [pid])
      },
    })

    const listen = async (life: Life): Promise<number> => {
      const server = createServer(socket => {
        stir()
        if (weather.isAway) return socket.destroy()
        socket.setNoDelay(true)
        sockets.add(socket)
        opened += 1
        return lines.add(new Line(`${life.name}/${String(opened).padStart(6, '0')}`, socket, deps(life)))
      })
      servers.set(life, server)
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return (server.address() as { port: number }).port // it listens on TCP
    }

    return {
      isShared: chance.is(0.7),
      canBeAway: true,
      met,
      referenceKey,
      nextId: idMaker(time, chance),
      holderOf: name => ledger.holderOf(name),
      placesOf: (number, eventNumber) => ledger.placesOf(number, eventNumber),
      async open(life, recorded) {
        recorders.set(life, recorded)
        const opening = listen(life)
        time.hold(opening)
        const port = await opening
        const clock = time.clockOf(life)
        const options = { clock, random: chance }
        const address = { ...database.address, hosts: [{ host: '127.0.0.1', port }] }
        const primary = openPrimary(address, { ...options, connections: CONNECTIONS })
        for (;;)
          try {
            return telling(await openPostgresStore(primary, options), recorded)
          } catch (error) {
            if (!(error instanceof StoreUnavailable)) throw error
            await new Promise<void>(resolve => clock.after(OPEN_AGAIN_MS, resolve))
          }
      },
      ended(life) {
        servers.get(life)?.close()
        const isHeard = chance.is(0.5)
        for (const line of lines) if (line.life === life) isHeard ? line.leave() : alone(() => line.hangUp())
      },
      changed() {
        if (weather.isAway) meet('a database that is away')
        if (weather.isAway) for (const line of lines) alone(() => line.hangUp())
      },
      async counts() {
        const { rows } = await client.query(
          `select name, count(*) filter (where deliveries.state = 'PENDING')::integer as pending,
             count(*) filter (where deliveries.state = 'DEAD')::integer as dead
           from support.destinations left join support.deliveries on destination = name group by name`,
        )
        return rows
      },
      async close() {
        for (const server of servers.values()) server.close()
        for (const line of lines) line.close()
        for (const socket of sockets) socket.destroy()
        await Promise.all([client.end(), signals.end()])
        await database.dispose()
      },
    }
  }
}

type Waits = ReadonlyMap<number, readonly number[]>

const isCircle = (pid: number, waits: Waits, from = pid, seen = new Set<number>()): boolean =>
  (waits.get(from) ?? []).some(next => next === pid || (!seen.has(next) && isCircle(pid, waits, next, seen.add(next))))

/** What an engine is told of its leases. */
const telling = (store: Store, recorded: Recorded): Store => ({
  ...store,
  async takeLeases(request) {
    const leases = await store.takeLeases(request)
    recorded.leased(leases)
    return leases
  },
  async renewLeases(request) {
    const leases = await store.renewLeases(request)
    recorded.leased(leases.filter(({ health }) => health.state === 'OK'))
    return leases
  },
})
