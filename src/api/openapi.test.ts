/** The document as others read it: an independent linter, an independent validator. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { calls } from './calls.ts'
import { openApi } from './openapi.ts'

const document = openApi('1.2.3')

test('an independent linter finds nothing, by its recommended rules', async () => {
  const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'off' } })
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config })
  assert.deepEqual(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
    [],
  )
})

test('every call is in it, once', () => {
  const operations = Object.values(document.paths).flatMap(path => Object.values(path))
  const ids = operations.map(({ operationId }) => operationId)
  assert.deepEqual(ids, [...calls.map(({ name }) => name), 'status', 'livez'])
})
