/** The store as the service uses it: one thread writes, one reads, so that no search, sync or checkpoint ever blocks HTTP or timers. */
import type { Clock } from '../../domain/clock.ts'
import type { Store } from '../../domain/store.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import { DataDamaged } from './database.ts'
import { examine } from './examine.ts'
import { type Announced, FolderRefused, hasReserve, NO_RESERVE, spaceOr, takeFolder } from './folder.ts'
import type { ReadCall, WriteCall } from './messages.ts'
import { refuseMoved } from './moved-mark.ts'
import { ReaderClient } from './reader-client.ts'
import { startThread, ThreadRefused } from './thread.ts'
import { type Flow, WriterClient } from './writer-client.ts'

export type ThreadedStore = Store & {
  /** Notes in the folder where the service listens, for whoever finds it taken and for the command line. */
  announce(service: Announced): void
  /** Whether more tickets wait than can be stored soon, so that the next would be refused. */
  isCrowded(): boolean
  /** How tickets come and go at the moment. */
  flow(): Flow
}

/** Takes the folder and opens the store in it.
 *  @param onFatal called when the store cannot go on by itself: the process should end, and be started again
 *  @throws FolderRefused with a sentence that says what to do */
export const openThreadedStore = async (
  path: string,
  options: { readonly clock: Clock; readonly onFatal: (error: Error) => void },
): Promise<ThreadedStore> => {
  const folder = takeFolder(path)
  const writer = new WriterClient(options.clock)
  const reader = new ReaderClient()
  const onFatal = (error: Error) => options.onFatal(error instanceof DataDamaged ? refusal(error, path) : error)
  const events = { onFatal, monotonic: () => options.clock.monotonic() }
  try {
    refuseMoved(path)
    examine(folder.databasePath)
    folder.moveIn()
    const start = { path: folder.databasePath, folder: path }
    const writerThread = await startThread(
      { ...start, role: 'writer' },
      { ...events, onAnswer: answer => writer.onAnswer(answer), onRestart: () => writer.onRestart() },
    )
    writer.attach(writerThread)
    const readerThread = await startThread(
      { ...start, role: 'reader' },
      { ...events, onAnswer: answer => reader.onAnswer(answer), onRestart: () => reader.onRestart() },
    )
    reader.attach(readerThread)
    const { keys } = writerThread
    if (!keys) throw new Error('the writer thread started without keys')
    return {
      keys,
      ...contract(writer, reader, path),
      announce: service => folder.announce(service),
      isCrowded: () => writer.isCrowded,
      flow: () => writer.flow,
      async close() {
        await writer.close()
        reader.close()
        await Promise.all([writerThread.stop(), readerThread.stop()])
        folder.release()
      },
    }
  } catch (error) {
    folder.release()
    throw refusal(error, path)
  }
}

const contract = (writer: WriterClient, reader: ReaderClient, path: string): Omit<Store, 'keys' | 'close'> => {
  // Both sides of a call are derived from the same functions (messages.ts); only the trip between threads loses their types.
  const read = (call: ReadCall) => (request: unknown) => reader.call(call, request) as Promise<never>
  const write = (call: WriteCall) => (request: unknown) => writer.call(call, request) as Promise<never>
  return {
    accept: ticket => writer.accept(ticket),
    settle: settlement => writer.settle(settlement),
    ticket: read('ticket'),
    tickets: read('tickets'),
    search: read('search'),
    events: read('events'),
    due: read('due'),
    probe: read('probe'),
    outgoing: read('outgoing'),
    deliveries: read('deliveries'),
    deliveryPage: read('deliveryPage'),
    destinations: () => read('destinations')(undefined),
    session: read('session'),
    deliveryKeys: read('deliveryKeys'),
    namedDeliveries: read('namedDeliveries'),
    announcements: () => read('announcements')(undefined),
    deadReasons: read('deadReasons'),
    addEvents: write('addEvents'),
    // The folder belongs to one process: nobody to share with.
    join: async () => [],
    leave: async () => {},
    takeLeases: write('takeLeases'),
    renewLeases: write('renewLeases'),
    giveBackLease: write('giveBackLease'),
    expireHeld: write('expireHeld'),
    pullForward: write('pullForward'),
    steer: write('steer'),
    noteHealth: write('noteHealth'),
    holdUnserved: write('holdUnserved'),
    noteServed: write('noteServed'),
    replay: write('replay'),
    announced: write('announced'),
    openSession: write('openSession'),
    closeSession: write('closeSession'),
    prune: write('prune'),
    index: write('index'),
    forgetTickets: write('forgetTickets'),
    forgetAttempts: write('forgetAttempts'),
    async check() {
      if (writer.isClosed) throw new StoreUnavailable('not-written', 'the store is closed')
      if (writer.isStalled) throw new StoreUnavailable('not-written', 'the store is not answering')
      if (!hasReserve(path)) throw new StoreUnavailable('not-written', NO_RESERVE)
      // Whoever watches the service asks all the time: only after trouble is that worth a write.
      if (writer.hasFailed) await writer.call('check', undefined)
    },
  }
}

const refusal = (error: unknown, path: string): Error => {
  if (error instanceof FolderRefused) return error
  return new FolderRefused(error instanceof ThreadRefused ? error.message : spaceOr(error, path))
}
