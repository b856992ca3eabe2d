/** Hints from other processes, on a connection of its own. It may fail at any time: then whoever listens is told to look for themselves. */
import type { Clock } from '../../domain/clock.ts'
import { ANSWER_MS, type Connection } from './connection.ts'
import { type Hosts, isTrouble } from './hosts.ts'

/** A connection whose other end vanished says nothing: it is asked this often whether it is still there. */
const ASK_EVERY_MS = 10_000
const AGAIN_AFTER_MS = 1_000

export type Listener = {
  /** On a connection to the primary, wherever that is by now. */
  restart(): void
  close(): Promise<void>
}

export type ListenerOptions = {
  readonly hosts: Hosts
  readonly clock: Clock
  readonly channel: string
  /** With null after every (re)connection: something may have been missed. */
  readonly onNotice: (payload: string | null) => void
}

export const startListener = ({ hosts, clock, channel, onNotice }: ListenerOptions): Listener => {
  let current: Connection | undefined
  let cancel = () => {}
  let isClosed = false
  /** What is being looked for now may be found where it no longer is. */
  let isOutdated = false
  void begin()
  return {
    restart() {
      isOutdated = true
      if (current) again(current)
    },
    async close() {
      isClosed = true
      cancel()
      await current?.close()
    },
  }

  async function begin(): Promise<void> {
    isOutdated = false
    const found = await hosts.find()
    if (isTrouble(found)) return later()
    if (isClosed || isOutdated) {
      void found.close()
      return later()
    }
    current = found
    found.onNotice(onNotice)
    found.onEnd(() => again(found))
    if (await answers(found, `listen "${channel}"`)) {
      onNotice(null)
      watch(found)
    }
  }

  function watch(connection: Connection): void {
    cancel = clock.after(ASK_EVERY_MS, async () => {
      if (await answers(connection, 'select 1')) watch(connection)
    })
  }

  /** Whether it does; one that does not is replaced. */
  async function answers(connection: Connection, sql: string): Promise<boolean> {
    try {
      await connection.ask(sql, [], ANSWER_MS)
      return connection === current
    } catch {
      again(connection)
      return false
    }
  }

  function again(connection: Connection): void {
    if (connection !== current) return
    current = undefined
    cancel()
    void connection.close()
    later()
  }

  function later(): void {
    if (!isClosed) cancel = clock.after(AGAIN_AFTER_MS, () => void begin())
  }
}
