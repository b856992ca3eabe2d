/** The service's side of the reader thread: questions and answers. */
import { StoreUnavailable } from '../../domain/store.ts'
import type { ReadCall } from './messages.ts'
import type { Answer, Thread } from './thread.ts'

type Waiter = { resolve(value: unknown): void; reject(error: Error): void }

export class ReaderClient {
  #thread: Thread | undefined
  readonly #waiters = new Map<number, Waiter>()
  #asked = 0
  #isClosed = false

  attach(thread: Thread): void {
    this.#thread = thread
  }

  call(call: ReadCall, request: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable('not-written', 'the store is closed'))
    return new Promise((resolve, reject) => {
      const id = ++this.#asked
      this.#waiters.set(id, { resolve, reject })
      this.#thread?.post({ id, calls: [{ call, request }] })
    })
  }

  onAnswer(answer: Answer): void {
    const waiter = this.#waiters.get(answer.id)
    const [result] = answer.calls
    this.#waiters.delete(answer.id)
    if (!waiter || !result) return
    if ('error' in result) waiter.reject(new StoreUnavailable('not-written', result.error.message))
    else waiter.resolve(result.value)
  }

  /** Questions that died with the thread are answered with an error: asking again costs nothing. */
  onRestart(): void {
    this.#rejectAll('the store was restarted')
  }

  close(): void {
    this.#isClosed = true
    this.#rejectAll('the store is closed')
  }

  #rejectAll(why: string): void {
    for (const { reject } of this.#waiters.values()) reject(new StoreUnavailable('not-written', why))
    this.#waiters.clear()
  }
}
