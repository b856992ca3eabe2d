/** Answers that every service gets to give, whatever its own words, and outcomes in short. */
import type { Outcome } from '../../src/domain/outcome.ts'
import type { ContractOptions } from './destination.ts'

export type Answers = NonNullable<ContractOptions['answers']>

export const DELIVERED: Outcome = { kind: 'delivered' }
export const deliveredAs = (ref: string): Outcome => ({ kind: 'delivered', ref })
export const refused = (reason: string): Outcome => ({ kind: 'refused', reason })
export const unavailable = (reason: string): Outcome => ({ kind: 'unavailable', reason })
export const retry = (reason: string, waitMs?: number): Outcome =>
  waitMs === undefined ? { kind: 'retry', reason } : { kind: 'retry', reason, waitMs, cut: false }
export const unclear = (status: number): Outcome => ({ kind: 'unclear', reason: `unconfirmed-http-${status}` })
/** What a proxy in between shows. */
export const LOGIN_PAGE = '<!DOCTYPE html><title>Sign in</title>'

export const commonAnswers: Answers = [
  [{ status: 302, headers: { location: 'https://login.example.org/' } }, unavailable('redirect')],
  [{ status: 401 }, unavailable('http-401')],
  [{ status: 403 }, unavailable('http-403')],
  [{ status: 404 }, unavailable('http-404')],
  [{ status: 410 }, unavailable('http-410')],
  [{ status: 413 }, refused('http-413')],
  [{ status: 429 }, retry('http-429', 4_000)],
  [{ status: 429, headers: { 'retry-after': '17' } }, retry('http-429', 17_000)],
  [{ status: 429, headers: { 'retry-after': 'soon' } }, retry('http-429', 4_000)],
  [{ status: 500 }, retry('http-500')],
  [{ status: 502, body: LOGIN_PAGE }, retry('http-502')],
  [{ status: 503 }, retry('http-503')],
]
