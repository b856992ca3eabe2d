/** UUIDv7 ids that grow: with time, and within a millisecond by a counter, so that newest first is the order of their making. */
import type { Clock, Random } from './clock.ts'

const COUNTER_BITS = 12
/** Random bytes are drawn this many at once: one draw for each id was a fifth of the intake's time. */
const POOL_BYTES = 8_192
const RANDOM_BYTES = 8

/** @returns a function that makes the next id. A clock that goes back does not make ids go back. */
export const idMaker = (clock: Pick<Clock, 'now'>, random: Pick<Random, 'bytes'>): (() => string) => {
  let lastMs = 0
  let counter = 0
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0

  return () => {
    const now = clock.now()
    if (now > lastMs) {
      lastMs = now
      counter = 0
    } else {
      counter += 1
      if (counter === 2 ** COUNTER_BITS) {
        lastMs += 1
        counter = 0
      }
    }
    const time = lastMs.toString(16).padStart(12, '0')
    const tail = randomHex()
    // RFC 9562: version 7 and a 12-bit counter, then variant 10 and 62 random bits.
    const variant = (0x8 | (Number.parseInt(tail.slice(0, 1), 16) & 0x3)).toString(16)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`
  }

  function randomHex(): string {
    if (used + RANDOM_BYTES > pool.length) {
      pool = random.bytes(POOL_BYTES)
      used = 0
    }
    const bytes = pool.subarray(used, used + RANDOM_BYTES)
    used += RANDOM_BYTES
    return Buffer.from(bytes.buffer, bytes.byteOffset, RANDOM_BYTES).toString('hex')
  }
}
