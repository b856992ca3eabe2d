import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { errorCodes } from './errors.ts'
import { errorsPage } from './errors-page.ts'

test('docs/errors.md is in step with the code', () => {
  const written = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
  assert.equal(written, errorsPage(), 'write it anew: node scripts/docs.js')
})

test('the codes are listed by status, each with what it means and what to do', () => {
  const statuses = Object.values(errorCodes).map(({ status }) => status)
  assert.deepEqual(
    statuses,
    statuses.toSorted((a, b) => a - b),
  )
  for (const { meaning, remedy } of Object.values(errorCodes))
    assert.match(`${meaning} ${remedy}`, /^[A-Z].*\. [A-Z].*\.$/)
})
