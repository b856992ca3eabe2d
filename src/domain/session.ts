/** A signed-in browser: who it is, found by the hash of a cookie that only the browser holds. */
import type { Principal } from './principal.ts'

export type Session = {
  /** SHA-256 of the cookie's value. */
  readonly hash: Uint8Array
  readonly principal: Principal
  readonly expiresAt: number
}
