import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createdEvent } from '../../test/contracts/outgoing.ts'
import { jsonBytes } from '../domain/cut.ts'
import { describe } from './describe.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import { fullText, within } from './text-message.ts'

test('a field that has room stays whole, however much smaller the limit in bytes is than the service’s own', () => {
  const userAgent = 'Mozilla/5.0 '.repeat(15).trim()
  const described = describe(createdEvent({ ticket: { technical: { requestId: 'r', userAgent } } }))
  const form = within({ max: 60_000, measure: jsonBytes, line: plainLine, block: quotedBlock }, 1_000)
  const text = fullText(described, null, form)
  assert.ok(text.includes(`User agent: ${userAgent}\n`), text)
  assert.ok(jsonBytes(text) <= 1_000)
})
