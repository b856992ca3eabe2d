/** The store contract on the synchronous core, in the caller's own thread: for tests and the simulation, where one connection
 *  and no waiting are what one wants. */
import type { Random } from '../../domain/clock.ts'
import type { Store } from '../../domain/store.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import { failure, type Settled, sqliteReads } from './core.ts'
import { openWriter } from './open.ts'

export const openDirectStore = (
  path: string,
  options: { readonly random: Random; readonly now: () => number },
): Store => {
  const { db, keys, writes } = openWriter(path, options)
  writes.freeAllLeases()
  const reads = sqliteReads(db)

  return {
    keys,
    accept: ticket => answer(() => only(writes.batch({ tickets: [ticket], settlements: [] }).tickets)),
    settle: settlement => answer(() => only(writes.batch({ tickets: [], settlements: [settlement] }).settlements)),
    ticket: find => answer(() => reads.ticket(find)),
    tickets: query => answer(() => reads.tickets(query)),
    search: query => answer(() => reads.search(query)),
    events: query => answer(() => reads.events(query)),
    addEvents: order => answer(() => writes.addEvents(order)),
    // The folder belongs to one process: nobody to share with.
    join: async () => [],
    leave: async () => {},
    takeLeases: request => answer(() => writes.takeLeases(request)),
    renewLeases: request => answer(() => writes.renewLeases(request)),
    giveBackLease: lease => answer(() => writes.giveBackLease(lease)),
    due: query => answer(() => reads.due(query)),
    probe: query => answer(() => reads.probe(query)),
    outgoing: delivery => answer(() => reads.outgoing(delivery)),
    expireHeld: request => answer(() => writes.expireHeld(request)),
    pullForward: request => answer(() => writes.pullForward(request)),
    deliveries: query => answer(() => reads.deliveries(query)),
    deliveryPage: query => answer(() => reads.deliveryPage(query)),
    destinations: () => answer(() => reads.destinations()),
    noteHealth: request => answer(() => writes.noteHealth(request)),
    holdUnserved: request => answer(() => writes.holdUnserved(request)),
    noteServed: request => answer(() => writes.noteServed(request)),
    deliveryKeys: query => answer(() => reads.deliveryKeys(query)),
    namedDeliveries: query => answer(() => reads.namedDeliveries(query)),
    replay: order => answer(() => writes.replay(order)),
    announcements: () => answer(() => reads.announcements()),
    announced: announcement => answer(() => writes.announced(announcement)),
    deadReasons: query => answer(() => reads.deadReasons(query)),
    steer: request => answer(() => writes.steer(request)),
    closeSession: session => answer(() => writes.closeSession(session)),
    openSession: session => answer(() => writes.openSession(session)),
    session: query => answer(() => reads.session(query)),
    prune: request => answer(() => writes.prune(request)),
    index: request => answer(() => writes.index(request)),
    forgetTickets: request => answer(() => writes.forgetTickets(request)),
    forgetAttempts: request => answer(() => writes.forgetAttempts(request)),
    check: () => answer(() => writes.check()),
    close: async () => db.close(),
  }
}

const answer = async <T>(work: () => T): Promise<T> => {
  try {
    return work()
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    const { outcome, message } = failure(error)
    throw new StoreUnavailable(outcome, message, { cause: error })
  }
}

const only = <T>(results: readonly Settled<T>[]): T => {
  const [result] = results
  if (!result) throw new Error('a batch of one has one result')
  if ('error' in result) throw new StoreUnavailable(result.error.outcome, result.error.message)
  return result.value
}
