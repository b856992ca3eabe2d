/** The words of a test message, and what came of it as the API shows it. */
import type { Notice } from '../domain/destination.ts'
import { OUTCOME_NAMES } from '../engine/attempt.ts'
import type { Told } from '../engine/notices.ts'
import type { TestResult } from '../http/destinations.ts'

export const testMessage = (id: string, at: number): Notice => ({
  id: `test-${id}`,
  type: 'support.test',
  at,
  headline: 'A test message from Support Relay',
  text: 'A member of staff wants to know whether messages arrive here. They do; no ticket is meant.',
})

export const testResult = ({ outcome, status, excerpt }: Told): TestResult => ({
  outcome: OUTCOME_NAMES[outcome.kind],
  status,
  excerpt,
})
