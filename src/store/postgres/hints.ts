/** Hints to other processes. Whoever misses one polls, so nobody waits for them and none is worth a write to the disk. */

export type Hints = {
  give(channel: string, payload: string): void
}

/** Those that come while others are being sent go together, and equal ones once. */
export const hintsTo = (ask: (sql: string, values: readonly unknown[]) => Promise<unknown>): Hints => {
  const waiting = new Map<string, readonly [channel: string, payload: string]>()
  let isSending = false
  return {
    give(channel, payload) {
      waiting.set(`${channel} ${payload}`, [channel, payload])
      if (!isSending) void send()
    },
  }

  async function send(): Promise<void> {
    isSending = true
    while (waiting.size > 0) {
      const hints = [...waiting.values()]
      waiting.clear()
      // When the database is away, everybody looks for themselves as soon as it is back.
      await ask(NOTIFY, [hints.map(([channel]) => channel), hints.map(([, payload]) => payload)]).catch(() => {})
    }
    isSending = false
  }
}

/** Writes nothing, so its commit waits neither for the disk nor for the standby. */
const NOTIFY = 'select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as hint (channel, payload)'
