/** Tickets without a break on several connections, and an eye on everything else: what was answered, how fast, and when. */
import { setTimeout as pause } from 'node:timers/promises'
import { post } from '../support/service.ts'

export type Answered = {
  readonly mark: string
  readonly status: number
  readonly errorCode: string | null
  readonly id: string | null
  readonly retryAfter: string | null
  readonly ms: number
  readonly at: number
}
export type Seen = { readonly path: string; readonly status: number; readonly ms: number; readonly at: number }

export type Load = {
  readonly answered: readonly Answered[]
  /** Answers of `/`, `/livez` and `/status`, as they came. */
  readonly seen: readonly Seen[]
  stop(): Promise<void>
}

const CONNECTIONS = 4
/** The rhythm of those who write and of those who watch. */
const PACE_MS = 20
const WATCH_MS = 50

/** @param address where the service listens at the moment; undefined while it is not up */
export const startLoad = (address: () => string | undefined, name: string): Load => {
  const [answered, seen]: [Answered[], Seen[]] = [[], []]
  let isStopped = false
  let count = 0

  const write = async (at: string) => {
    count += 1
    const mark = `${name}-${count}`
    const begun = performance.now()
    const answer = await post(at, { subject: mark, message: `${mark} `.repeat(40) })
    const { errorCode = null } = await answer.json()
    const end = performance.now()
    const { status, headers } = answer
    const [id, retryAfter] = [headers.get('ticket-id'), headers.get('retry-after')]
    answered.push({ mark, status, errorCode, id, retryAfter, ms: end - begun, at: end })
  }
  const watch = (path: string) => async (at: string) => {
    const begun = performance.now()
    const answer = await fetch(at + path)
    await answer.bytes()
    const end = performance.now()
    seen.push({ path, status: answer.status, ms: end - begun, at: end })
  }
  const repeat = async (work: (at: string) => Promise<void>, everyMs: number) => {
    while (!isStopped) {
      const at = address()
      try {
        if (at !== undefined) await work(at)
      } catch (error) {
        // Only while it is being ended or started anew may nobody answer.
        if (address() === at) throw error
      }
      await pause(everyMs)
    }
  }
  const running = Promise.all([
    ...Array.from({ length: CONNECTIONS }, () => repeat(write, PACE_MS)),
    ...['/', '/livez', '/status'].map(path => repeat(watch(path), WATCH_MS)),
  ])
  return {
    answered,
    seen,
    async stop() {
      isStopped = true
      await running
    },
  }
}

/** Resolves when it holds. @throws with what it waited for, when it does not within that time */
export const until = async (what: string, withinMs: number, holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`within ${withinMs} ms it did not come about that ${what}`)
    await pause(10)
  }
}
