/** The `next` of a page: where the following one begins, sealed, so that it fits only the call, caller and filters it was made for. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Problem } from '../api/errors.ts'

export type PageTokens = {
  /** @param scope everything the token is tied to, as one text
   *  @param position where the next page begins */
  seal(scope: string, position: string): string
  /** The position; undefined for anything that was not sealed for this scope. */
  open(scope: string, token: string): string | undefined
}

const MAC_BYTES = 16

/** @param key kept with the data, so that a page outlives a restart */
export const pageTokens = (key: Uint8Array): PageTokens => {
  const sealKey = createHmac('sha256', key).update('page tokens').digest()
  const macOf = (scope: string, position: string): Buffer =>
    createHmac('sha256', sealKey)
      .update(JSON.stringify([scope, position]))
      .digest()
      .subarray(0, MAC_BYTES)
  return {
    seal: (scope, position) => Buffer.concat([macOf(scope, position), Buffer.from(position)]).toString('base64url'),
    open(scope, token) {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== token) return undefined
      const position = bytes.subarray(MAC_BYTES).toString()
      return timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(scope, position)) ? position : undefined
    },
  }
}

/** Where the page that was asked for begins: null for the first (no `next`, or an empty one), undefined for a `next` that was not sealed for this scope. */
export const positionOf = (
  tokens: PageTokens,
  scope: string,
  next: string | null | undefined,
): string | null | undefined => (next ? tokens.open(scope, next) : null)

export const INVALID_NEXT: Problem = {
  code: 'INVALID_PAGE_TOKEN',
  why: 'This "next" does not belong to this list as you ask for it now. Ask again without it, and begin at the first page.',
}
