/** How many costly requests each user may have under way at once: without a bound one of them could fill the memory of all. */
import type { ServerResponse } from 'node:http'
import type { Problem } from '../api/errors.ts'

export type Slots = {
  /** Takes one until the answer has left or the connection is gone; false when the user has none left. */
  take(username: string, response: ServerResponse): boolean
}

export const userSlots = (max: number): Slots => {
  const taken = new Map<string, number>()
  return {
    take(username, response) {
      const count = taken.get(username) ?? 0
      if (count >= max) return false
      taken.set(username, count + 1)
      response.once('close', () => {
        const left = (taken.get(username) ?? 1) - 1
        if (left > 0) taken.set(username, left)
        else taken.delete(username)
      })
      return true
    },
  }
}

export const BUSY: Problem = {
  code: 'BUSY',
  why: 'You have too many large requests under way at once, so nothing was sent. Keep your text and try again in a moment.',
  retryAfterSeconds: 2,
}
