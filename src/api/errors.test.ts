import assert from 'node:assert/strict'
import test from 'node:test'
import { errorCodes } from './errors.ts'

test('the codes are listed by status, each with what it means and what to do', () => {
  const statuses = Object.values(errorCodes).map(({ status }) => status)
  assert.deepEqual(
    statuses,
    statuses.toSorted((a, b) => a - b),
  )
  for (const { meaning, remedy } of Object.values(errorCodes))
    assert.match(`${meaning} ${remedy}`, /^[A-Z].*\. [A-Z].*\.$/)
})
