/** Hints from other processes, on a connection of its own. It may fail at any time: then whoever listens is told to look for themselves. */
import type { Clock } from '../../domain/clock.ts'
import type { Connection } from './connection.ts'

/** A connection whose other end vanished says nothing: it is asked this often whether it is still there. */
const ASK_EVERY_MS = 10_000
const AGAIN_AFTER_MS = 2_000

export type Listener = { close(): Promise<void> }

/** @param find a new connection to the primary; undefined when there is none just now
 *  @param onNotice with null after every (re)connection: something may have been missed */
export const startListener = (
  find: () => Promise<Connection | undefined>,
  clock: Clock,
  channel: string,
  onNotice: (payload: string | null) => void,
): Listener => {
  let current: Connection | undefined
  let cancel = () => {}
  let isClosed = false
  void begin()
  return {
    async close() {
      isClosed = true
      cancel()
      await current?.close()
    },
  }

  async function begin(): Promise<void> {
    const connection = await find()
    if (!connection || isClosed) return connection ? connection.close() : later()
    current = connection
    try {
      connection.onNotice(onNotice)
      await connection.all(`listen ${channel}`)
      onNotice(null)
      ask(connection)
    } catch {
      await again(connection)
    }
  }

  function ask(connection: Connection): void {
    cancel = clock.after(ASK_EVERY_MS, async () => {
      try {
        await connection.all('select 1')
        ask(connection)
      } catch {
        await again(connection)
      }
    })
  }

  async function again(connection: Connection): Promise<void> {
    await connection.close()
    later()
  }

  function later(): void {
    if (!isClosed) cancel = clock.after(AGAIN_AFTER_MS, () => void begin())
  }
}
