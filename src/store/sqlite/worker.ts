/** One of the store's two threads: the writer (batches, settling, pruning) or the reader (everything that only looks). */
import { statSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { systemRandom } from '../../domain/clock.ts'
import { type Batch, type BatchResult, failure, type Settled, sqliteReads } from './core.ts'
import { isDamaged } from './damage.ts'
import { CHECKPOINT_BYTES, openDatabase } from './database.ts'
import { hasReserve, NO_RESERVE, spaceOr } from './folder.ts'
import type { Call, CallResult, FromWorker, ToReader, ToWriter, WorkerStart } from './messages.ts'
import { openWriter, storedKeys, type Writer } from './open.ts'

const start = workerData as WorkerStart // handed over by threads.ts
const port = parentPort
if (!port) throw new Error('this file runs as a worker thread')
/** Longer than any engine leases: its next heartbeat sets the true time. */
const LEASE_MAX_MS = 60_000
const NEARLY_FULL = { error: { outcome: 'not-written', message: NO_RESERVE, isDamage: false } } as const
const LATER = { value: 0 } as const
/** SQLite keeps it to itself when its own checkpoints fail, and the log takes everything: each time that it has grown so much, we make one. */
const LOOK_EVERY_BYTES = 4 * CHECKPOINT_BYTES
const say = (message: FromWorker) => port.postMessage(message)

try {
  if (start.role === 'writer') runWriter()
  else runReader()
} catch (error) {
  say({ refused: spaceOr(error, start.folder) })
}

function runReader() {
  // Whoever looks waits for whoever writes. On Linux this is the thread's own priority; elsewhere it would be the whole process's.
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const reads = sqliteReads(openDatabase(start.path, { readOnly: true }))
  port?.on('message', (message: ToReader) => {
    const calls = message.calls.map(call => answer(reads, call))
    say({ id: message.id, batch: null, calls })
    tellDamage(calls)
  })
  say({ ready: true, keys: null })
}

function runWriter() {
  const leases = new Map<string, number>()
  const open = (isAgain: boolean) =>
    openWriter(start.path, { random: systemRandom, now: () => performance.now(), leases, isAgain })
  const begin = (): Writer => {
    const opened = open(start.isRestart)
    if (start.isRestart) opened.writes.keepLeases(LEASE_MAX_MS)
    else opened.writes.freeAllLeases()
    return opened
  }
  let looksAtBytes = LOOK_EVERY_BYTES
  /** Whether what is in the log can be moved into the file, as far as one has looked. */
  const reachesFile = ({ db }: Writer): boolean => {
    try {
      const bytes = statSync(`${start.path}-wal`, { throwIfNoEntry: false })?.size ?? 0
      if (bytes < looksAtBytes) return true
      db.exec('pragma wal_checkpoint(passive)')
      looksAtBytes = bytes + LOOK_EVERY_BYTES
      return true
    } catch {
      return false // opening it anew meets the same error, and tells it to whoever writes
    }
  }
  let hasBegun = false
  let writer: Writer | undefined
  try {
    writer = begin()
    hasBegun = true
  } catch (error) {
    // Without space nothing is taken, but what is stored can be read, and told that there is none.
    if (hasReserve(start.folder)) throw error
  }
  const keys = writer?.keys ?? storedKeys(openDatabase(start.path, { readOnly: true }))

  port?.on('message', (message: ToWriter) => {
    // After a write that failed for the disk's sake nothing is trusted until the file was opened again and its log synced.
    if (!writer) {
      try {
        writer = hasBegun ? open(true) : begin()
        hasBegun = true
      } catch (error) {
        say({ id: message.id, ...allFailed(message, error) })
        return
      }
    }
    const batch = guarded(writer, message.batch)
    const calls = message.calls.map(call =>
      isForLater(call) ? LATER : isTooMuch(call) ? NEARLY_FULL : answer(writer?.writes, call),
    )
    const results = [...batch.tickets, ...batch.settlements, ...calls]
    if (isSick(results) || !reachesFile(writer)) {
      writer.db.close()
      writer = undefined
    }
    say({ id: message.id, batch, calls })
    tellDamage(results)
  })
  say({ ready: true, keys })
}

/** What people write is refused in time; what it takes to deliver what is stored is not. */
function isTooMuch({ call }: Call): boolean {
  return call === 'addEvents' && !hasReserve(start.folder)
}

/** Refuses tickets, but not the outcomes of deliveries, unless the reserve is free. */
function guarded(writer: Writer, batch: Batch): BatchResult {
  if (batch.tickets.length === 0 || hasReserve(start.folder)) return writer.writes.batch(batch)
  const { settlements } = writer.writes.batch({ tickets: [], settlements: batch.settlements })
  return { tickets: batch.tickets.map(() => NEARLY_FULL), settlements }
}

/** What is left of the space is for tickets and for the outcomes of deliveries. */
function isForLater({ call }: Call): boolean {
  return call === 'index' && !hasReserve(start.folder)
}

function answer(core: object | undefined, { call, request }: Call): CallResult {
  try {
    const method = core && call in core ? core[call as keyof typeof core] : undefined
    if (typeof method !== 'function') throw new Error(`there is no call ${call}`)
    return { value: Reflect.apply(method, core, [request]) }
  } catch (error) {
    return { error: failure(error) }
  }
}

function allFailed(message: ToWriter, error: unknown) {
  const failed = { error: { ...failure(error), outcome: 'not-written' } } as const
  return {
    batch: {
      tickets: message.batch.tickets.map(() => failed),
      settlements: message.batch.settlements.map(() => failed),
    },
    calls: message.calls.map(() => failed),
  }
}

type Result = Settled<unknown> | CallResult

function isSick(results: readonly Result[]): boolean {
  return results.some(result => 'error' in result && result !== NEARLY_FULL)
}

/** The process is to end: what is stored from now on might have to be given up with the damaged files. */
function tellDamage(results: readonly Result[]): void {
  const [damage] = results.flatMap(result => ('error' in result && result.error.isDamage ? [result.error.message] : []))
  if (damage !== undefined && isDamaged(start.path)) say({ damaged: damage })
}
