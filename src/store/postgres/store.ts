/** The store contract on PostgreSQL: any number of engines and services on one database. */
import type { Clock, Random } from '../../domain/clock.ts'
import { REFERENCE_KEY_BYTES } from '../../domain/reference.ts'
import type { AcceptResult, Settlement, SettleResult, Store } from '../../domain/store.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import { awaiting, type NewTicket } from '../../domain/ticket.ts'
import { announced, announcements, deadReasons } from './announcements.ts'
import { deliveries, due, expireHeld, outgoingAll, probe, pullForward } from './deliveries.ts'
import { deliveryPage } from './delivery-page.ts'
import { destinations, holdUnserved, noteHealth, noteServed, steer } from './destinations.ts'
import { addEvents, NOT_THERE } from './events.ts'
import { GroupCommit } from './group-commit.ts'
import { groupRead } from './group-read.ts'
import { refuseHalfMoved } from './half-moved.ts'
import { index } from './indexing.ts'
import { acceptAll, locking, touch } from './intake.ts'
import { anyFree, giveBackLease, join, leave, renewLeases, takeLeases } from './leases.ts'
import { deliveryKeys, namedDeliveries, replay } from './replay.ts'
import { forgetAttempts, forgetTickets } from './retention.ts'
import { search } from './search.ts'
import type { Primary } from './session.ts'
import { closeSession, openSession, prune, session } from './sessions.ts'
import { keyOf, settled, settling } from './settle.ts'
import { events, ticket, tickets } from './tickets.ts'

/** At most this many tickets, and this much, wait in memory; beyond it one is refused at once. */
const WAITING_TICKETS_MAX = 1_024
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** Whoever sends a ticket is told after this long that the outcome is not known. */
const ANSWER_WITHIN_MS = 5_000
/** Commits side by side: the next batch is decided while the one before waits for the standby. */
const LANES = 2
const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 2_000
/** Whoever asks how things stand is told soon that there is no database. */
const CHECK_MS = 2_000
const CHECK_TAKE_MS = 1_000

const CHANNEL = 'support_relay'
const NOTHING: { readonly from: string; readonly names: readonly string[] | null } = { from: '', names: null }

export type PostgresStore = Store & {
  /** Whether more tickets wait than can be stored soon, so that the next would be refused. */
  isCrowded(): boolean
  /** How tickets come and go at the moment. */
  flow(): { readonly answered: number; readonly isBehind: boolean }
  /** Calls back when another process stored something for these destinations; with null when anything may have happened. */
  onPending(listener: (destinations: readonly string[] | null) => void): void
}

/** @param primary of a database whose schema is in place
 *  @throws SchemaRefused while a folder is being moved into it */
export const openPostgresStore = async (
  primary: Primary,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<PostgresStore> => {
  await primary.read(refuseHalfMoved)
  const reference = await referenceKey(primary, random)
  // Whoever tells hears it as well, and knows already.
  const self = Buffer.from(random.bytes(9)).toString('base64url')
  const tell = (names: readonly string[] | null) => {
    if (names?.length !== 0)
      primary.notify(CHANNEL, JSON.stringify({ from: self, names: names && [...new Set(names)] }))
  }
  const intake = new GroupCommit<NewTicket, AcceptResult>({
    clock,
    laneOf: ({ user }) => laneOf(user.username),
    bytesOf: ({ message, subject }) => 2 * (message.length + subject.length) + 2_048,
    keyOf: ({ id }) => id,
    answerWithinMs: ANSWER_WITHIN_MS,
    async commit(batch, isWanted) {
      const results = await untilKnown(
        () => primary.transaction(db => acceptAll(db, batch), { first: locking(batch) }),
        isWanted,
        clock,
      )
      tell(batch.flatMap((ticket, i) => (results[i]?.outcome === 'accepted' ? awaiting(ticket) : [])))
      return results
    },
  })
  const laneOfDestination = lanesInTurn()
  const settlements = new GroupCommit<Settlement, SettleResult>({
    clock,
    laneOf: ({ progress }) => laneOfDestination(progress.destination),
    bytesOf: () => 0,
    keyOf,
    answerWithinMs: null,
    commit: async batch => settled(batch, await primary.statement(settling(batch))),
  })
  const isCrowded = () => intake.waiting.count >= WAITING_TICKETS_MAX || intake.waiting.bytes >= WAITING_BYTES_MAX
  const { read, transaction } = primary

  return {
    keys: { reference },
    accept: one =>
      isCrowded()
        ? Promise.reject(new StoreUnavailable('not-written', 'too many tickets are waiting to be stored'))
        : intake.add(one),
    settle: one => settlements.add(one),
    ticket: find => read(db => ticket(db, find)),
    tickets: query => read(db => tickets(db, query)),
    search: query => read(db => search(db, query)),
    events: query => read(db => events(db, query)),
    async addEvents(order) {
      try {
        const added = await transaction(db => addEvents(db, order))
        tell(added.flatMap(({ destinations }) => destinations))
        return added
      } catch (error) {
        if (error === NOT_THERE) return null
        throw error
      }
    },
    join: request => transaction(db => join(db, request)),
    leave: request => transaction(db => leave(db, request)),
    takeLeases: async request =>
      (await read(db => anyFree(db, request))) ? transaction(db => takeLeases(db, request)) : [],
    renewLeases: request => transaction(db => renewLeases(db, request)),
    giveBackLease: lease => transaction(db => giveBackLease(db, lease)),
    due: query => read(db => due(db, query)),
    probe: query => read(db => probe(db, query)),
    outgoing: groupRead(keys => read(db => outgoingAll(db, keys))),
    expireHeld: request => transaction(db => expireHeld(db, request)),
    pullForward: request => transaction(db => pullForward(db, request)),
    deliveries: query => read(db => deliveries(db, query)),
    deliveryPage: query => read(db => deliveryPage(db, query)),
    destinations: () => read(destinations),
    noteHealth: request => transaction(db => noteHealth(db, request)),
    holdUnserved: request => transaction(db => holdUnserved(db, request)),
    noteServed: request => transaction(db => noteServed(db, request)),
    async steer(request) {
      const health = await transaction(db => steer(db, request))
      tell(null)
      return health
    },
    deliveryKeys: query => read(db => deliveryKeys(db, query)),
    namedDeliveries: query => read(db => namedDeliveries(db, query)),
    async replay(order) {
      const count = await transaction(db => replay(db, order))
      if (count > 0) tell(order.keys.map(({ destination }) => order.to ?? destination))
      return count
    },
    announcements: () => read(announcements),
    announced: announcement => transaction(db => announced(db, announcement)),
    deadReasons: query => read(db => deadReasons(db, query)),
    openSession: opened => transaction(db => openSession(db, opened)),
    closeSession: closed => transaction(db => closeSession(db, closed)),
    session: query => read(db => session(db, query)),
    index: request => transaction(db => index(db, request)),
    prune: request => transaction(db => prune(db, request)),
    forgetTickets: request => transaction(db => forgetTickets(db, request)),
    forgetAttempts: request => transaction(db => forgetAttempts(db, request)),
    check: () => inTime(transaction(touch, { takeMs: CHECK_TAKE_MS }), clock),
    isCrowded,
    flow: () => ({ answered: intake.waiting.answered, isBehind: intake.waiting.count > 256 }),
    onPending: listener =>
      primary.listen(CHANNEL, payload => {
        const told = payload === null ? NOTHING : (JSON.parse(payload) as typeof NOTHING) // as told above
        if (told.from !== self) listener(told.names)
      }),
    async close() {
      await Promise.all([intake.close(), settlements.close()])
      await primary.close()
    },
  }
}

/** Whether a COMMIT that was never answered counts is found out by the same tickets with the same ids, as long as anybody waits for it. Until then it
 *  stays unknown, whatever keeps us from asking. */
const untilKnown = async <T>(commit: () => Promise<T>, isWanted: () => boolean, clock: Clock): Promise<T> => {
  let isUnknown = false
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_MAX_MS, waitMs * 2)) {
    try {
      return await commit()
    } catch (error) {
      isUnknown ||= error instanceof StoreUnavailable && error.outcome === 'unknown'
      if (!isUnknown) throw error
      if (!isWanted() || !(error instanceof StoreUnavailable))
        throw new StoreUnavailable('unknown', 'it is not known whether the database has written it', { cause: error })
    }
    await new Promise<void>(resolve => clock.after(waitMs, resolve))
  }
}

/** Whoever watches the service is answered before a connection that went silent is given up. */
const inTime = async (asked: Promise<void>, clock: Clock): Promise<void> => {
  const late = Promise.withResolvers<never>()
  const cancel = clock.after(CHECK_MS, () =>
    late.reject(new StoreUnavailable('unknown', 'the database has not answered in time')),
  )
  try {
    await Promise.race([asked, late.promise])
  } finally {
    cancel()
  }
}

/** Made once; of two processes that start together both keep the same. */
const referenceKey = async (primary: Primary, random: Random): Promise<Uint8Array> => {
  const key = 'reference_key'
  return primary.transaction(async db => {
    await db.run('insert into support.meta (key, value) values ($1, $2) on conflict do nothing', [
      key,
      Buffer.from(random.bytes(REFERENCE_KEY_BYTES)),
    ])
    const [row] = await db.all('select value from support.meta where key = $1', [key])
    return row?.value as Uint8Array // a column of type bytea
  })
}

/** The same one for the same user, so that what concerns one stays in order. */
const laneOf = (name: string): number => [...Buffer.from(name)].reduce((sum, byte) => sum + byte, 0) % LANES

/** For destinations, of which there are few: each gets the next lane in turn, and keeps it. */
const lanesInTurn = (): ((name: string) => number) => {
  const known = new Map<string, number>()
  return name => {
    const lane = known.get(name) ?? known.size % LANES
    known.set(name, lane)
    return lane
  }
}
