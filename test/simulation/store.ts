/** The real core, reached as the service reaches it: through a writer and a reader that answer later, stall, fail, and die with their
 *  process. What was executed before a crash is committed; what was not never happened. */
import type { DeliveryKey } from '../../src/domain/delivery.ts'
import { idMaker } from '../../src/domain/id.ts'
import type { Store } from '../../src/domain/store.ts'
import { StoreUnavailable } from '../../src/domain/store.ts'
import { sqliteReads, sqliteWrites } from '../../src/store/sqlite/core.ts'
import { openWriter } from '../../src/store/sqlite/open.ts'
import type { Chance } from './chance.ts'
import type { Ground, OpenDisk, Recorded, Weather } from './disk.ts'
import type { Life, Time } from './time.ts'

const openDisk: OpenDisk = ({ chance, time, weather }) => {
  const leases = new Map<string, number>()
  const { db, keys } = openWriter(':memory:', { random: chance, now: () => time.monotonic(), leases })
  const holder = db.prepare('select lease_engine from destinations where name = ?')
  const itsDead = db.prepare(
    "select ticket_number, event_number from deliveries where destination = ? and state = 'DEAD'",
  )
  const core = {
    keys,
    dead: (destination: string) =>
      itsDead.all(destination).map(row => ({
        ticketNumber: Number(row.ticket_number),
        eventNumber: Number(row.event_number),
        destination,
      })),
    reads: sqliteReads(db),
    writes: sqliteWrites(db, () => time.monotonic(), leases),
  }
  const isShared = chance.is(0.25)
  return {
    isShared,
    canBeAway: false,
    met: new Set(),
    referenceKey: keys.reference,
    nextId: idMaker(time, chance),
    holderOf: destination => ({
      engine: (holder.get(destination)?.lease_engine ?? null) as string | null, // a text or nothing
      until: leases.get(destination) ?? 0,
    }),
    async open(life, recorded) {
      // One process owns a folder of its own: a start frees whatever was left leased.
      if (!isShared) core.writes.freeAllLeases()
      return storeOf(core, life, { time, chance, weather, recorded })
    },
    ended() {},
    changed() {},
    counts: async () => core.reads.destinations(),
    placesOf: (ticketNumber, eventNumber) =>
      core.reads
        .deliveries({ ticketNumber })
        .filter(({ progress }) => progress.eventNumber === eventNumber)
        .map(({ progress }) => progress.destination),
    close: async () => db.close(),
  }
}

export const sqlite: Ground = {
  minutes: [3, 20],
  happenings: [300, 1_200],
  longEvery: 10,
  prepare: async () => openDisk,
}

const deliveryName = ({ ticketNumber, eventNumber }: DeliveryKey): string => `${ticketNumber}/${eventNumber}`

type Core = {
  readonly keys: Store['keys']
  dead(destination: string): readonly DeliveryKey[]
  readonly reads: ReturnType<typeof sqliteReads>
  readonly writes: ReturnType<typeof sqliteWrites>
}

/** The store as one life sees it. */
const storeOf = (
  { keys, dead, reads, writes }: Core,
  life: Life,
  deps: { time: Time; chance: Chance; weather: Weather; recorded: Recorded },
): Store => {
  const { time, chance, weather, recorded } = deps
  const freeAt = { reader: 0, writer: 0 }

  /** Calls of one thread are executed in the order they were made. */
  const call = <T>(thread: 'reader' | 'writer', work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const stall = thread === 'writer' ? weather.stallMs : 0
      const at = Math.max(time.monotonic() + chance.below(3) + stall, freeAt[thread])
      freeAt[thread] = at
      const fails = chance.is(weather.failing)
      const isWritten = chance.is(0.5)
      time.after(
        at - time.monotonic(),
        () => {
          if (fails && (thread === 'reader' || !isWritten)) {
            time.after(1, () => reject(new StoreUnavailable('not-written', 'the disk fails')), life)
            return
          }
          const value = work()
          time.after(
            chance.below(3),
            () => (fails ? reject(new StoreUnavailable('unknown', 'no answer')) : resolve(value)),
            life,
          )
        },
        life,
      )
    })
  const one = <T>(results: readonly ({ value: T } | { error: unknown })[]): T => {
    const [result] = results
    if (!result || 'error' in result) throw new Error('the core refused', { cause: result })
    return result.value
  }
  const never = () => Promise.reject(new Error('not used here'))
  return {
    keys,
    accept: ticket =>
      call('writer', () => {
        const result = one(writes.batch({ tickets: [ticket], settlements: [] }).tickets)
        recorded.accepted(ticket, result)
        return result
      }),
    settle: settlement =>
      call('writer', () => {
        const result = one(writes.batch({ tickets: [], settlements: [settlement] }).settlements)
        recorded.settled(settlement, result)
        return result
      }),
    ticket: find => call('reader', () => reads.ticket(find)),
    tickets: query => call('reader', () => reads.tickets(query)),
    search: query => call('reader', () => reads.search(query)),
    events: query => call('reader', () => reads.events(query)),
    addEvents: order =>
      call('writer', () => {
        const added = writes.addEvents(order)
        for (const event of added ?? []) recorded.added(event)
        return added
      }),
    due: query => call('reader', () => reads.due(query)),
    probe: query => call('reader', () => reads.probe(query)),
    outgoing: delivery => call('reader', () => reads.outgoing(delivery)),
    deliveries: query => call('reader', () => reads.deliveries(query)),
    deliveryPage: query => call('reader', () => reads.deliveryPage(query)),
    destinations: () => call('reader', () => reads.destinations()),
    join: async () => [],
    leave: async () => {},
    takeLeases: request =>
      call('writer', () => {
        const leases = writes.takeLeases(request)
        recorded.leased(leases)
        return leases
      }),
    renewLeases: request =>
      call('writer', () => {
        const leases = writes.renewLeases(request)
        // A lane may be opened by a renewal that comes before the answer to the taking.
        recorded.leased(leases.filter(({ health }) => health.state === 'OK'))
        return leases
      }),
    giveBackLease: lease => call('writer', () => writes.giveBackLease(lease)),
    expireHeld: request =>
      call('writer', () => {
        const before = new Set(dead(request.destination).map(deliveryName))
        const count = writes.expireHeld(request)
        for (const key of dead(request.destination)) if (!before.has(deliveryName(key))) recorded.expired(key)
        return count
      }),
    pullForward: request => call('writer', () => writes.pullForward(request)),
    steer: request => call('writer', () => writes.steer(request)),
    noteHealth: request => call('writer', () => writes.noteHealth(request)),
    holdUnserved: request => call('writer', () => writes.holdUnserved(request)),
    noteServed: request => call('writer', () => writes.noteServed(request)),
    deliveryKeys: query => call('reader', () => reads.deliveryKeys(query)),
    namedDeliveries: never,
    replay: order =>
      call('writer', () => {
        const replayed = order.keys.filter(key => writes.replay({ ...order, keys: [key] }) === 1)
        recorded.replayed(replayed, order.state)
        return replayed.length
      }),
    announcements: () => call('reader', () => reads.announcements()),
    announced: announcement => call('writer', () => writes.announced(announcement)),
    deadReasons: query => call('reader', () => reads.deadReasons(query)),
    openSession: never,
    closeSession: never,
    session: never,
    prune: never,
    index: never,
    forgetTickets: never,
    forgetAttempts: never,
    check: never,
    close: async () => {},
  }
}
