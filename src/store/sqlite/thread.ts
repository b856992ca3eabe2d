/** A store thread as seen from the service: started, watched, started again when it dies. */
import { Worker } from 'node:worker_threads'
import { DataDamaged } from './database.ts'
import type { FromWorker, ToReader, ToWriter, WorkerStart } from './messages.ts'

/** The same file beside this one, compiled or not. */
const WORKER = new URL(`./worker${import.meta.filename.slice(import.meta.filename.lastIndexOf('.'))}`, import.meta.url)

const DEATHS_MAX = 3
const DEATHS_WITHIN_MS = 60_000

export type Answer = Extract<FromWorker, { id: number }>

export type ThreadEvents = {
  onAnswer(answer: Answer): void
  /** The thread died and a new one is ready: whatever had no answer is to be asked again. */
  onRestart(): void
  /** It died for the third time within a minute, could not be started again, or found the data damaged. */
  onFatal(error: Error): void
  readonly monotonic: () => number
}

export type Thread = {
  readonly keys: { readonly reference: Uint8Array } | null
  post(message: ToWriter | ToReader): void
  stop(): Promise<void>
}

/** Why the thread refused to open the data, in a sentence that names what to do. */
export class ThreadRefused extends Error {
  override readonly name = 'ThreadRefused'
}

/** Resolves when the thread has opened its connection. @throws ThreadRefused */
export const startThread = async (start: Omit<WorkerStart, 'isRestart'>, events: ThreadEvents): Promise<Thread> => {
  const deaths: number[] = []
  let stopping = false
  let current = await spawn({ ...start, isRestart: false })
  watch(current.worker)

  return {
    keys: current.keys,
    post: message => current.worker.postMessage(message),
    async stop() {
      stopping = true
      await current.worker.terminate()
    },
  }

  function watch(worker: Worker) {
    worker.on('message', (message: FromWorker) => {
      if ('id' in message) events.onAnswer(message)
      if ('damaged' in message) events.onFatal(new DataDamaged(message.damaged))
    })
    worker.once('error', () => {}) // an 'exit' follows, and decides
    worker.once('exit', () => {
      if (!stopping) void restart()
    })
  }

  async function restart() {
    const now = events.monotonic()
    deaths.push(now)
    if (deaths.filter(at => now - at < DEATHS_WITHIN_MS).length >= DEATHS_MAX) {
      events.onFatal(new Error(`the store's ${start.role} thread died ${DEATHS_MAX} times within a minute`))
      return
    }
    try {
      const fresh = await spawn({ ...start, isRestart: true })
      if (stopping) return void fresh.worker.terminate()
      current = fresh
      watch(fresh.worker)
      events.onRestart()
    } catch (error) {
      events.onFatal(new Error(`the store's ${start.role} thread could not be started again`, { cause: error }))
    }
  }
}

const spawn = (start: WorkerStart) =>
  new Promise<{ worker: Worker; keys: Thread['keys'] }>((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: start })
    const died = (error: unknown) =>
      reject(error instanceof Error ? error : new Error(`the thread ended with ${error}`))
    worker.once('error', died)
    worker.once('exit', died)
    worker.once('message', (message: FromWorker) => {
      worker.off('error', died)
      worker.off('exit', died)
      if ('ready' in message) resolve({ worker, keys: message.keys })
      else {
        void worker.terminate()
        reject('refused' in message ? new ThreadRefused(message.refused) : new Error('the thread spoke out of turn'))
      }
    })
  })
