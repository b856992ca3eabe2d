import assert from 'node:assert/strict'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'

const DAY_MS = 86_400_000
const loaded = (section: string) => loadChanged(text => `${text}${section}\n`)

test('tickets are kept for two years and attempts for 90 days, unless the configuration says otherwise', () => {
  const plain = loaded('')
  assert.deepEqual('config' in plain && plain.config.retention, { tickets: 730 * DAY_MS, attempts: 90 * DAY_MS })
  const changed = loaded('retention: { tickets: 6 months, attempts: 8 days }')
  assert.deepEqual('config' in changed && changed.config.retention, { tickets: 180 * DAY_MS, attempts: 8 * DAY_MS })
  assert.deepEqual(changed.warnings, [])
})

for (const [section, fault] of [
  // Keys count for 7 days, and may not be forgotten with their ticket before.
  ['retention: { tickets: 7 days }', /^"7 days" is not a time of 8 days or more, in days/],
  ['retention: { tickets: 12 hours }', /is not a time of 8 days or more/],
  ['retention: { tickets: 30 }', /is not a time of 8 days or more/],
  ['retention: { attempts: 0 days }', /is not a time of 1 day or more/],
  ['retention: { ticket: 30 days }', /"ticket" is not a known key/],
] as const) {
  test(`${section} is refused`, () => {
    const result = loaded(section)
    assert.ok('problems' in result)
    assert.equal(result.problems.length, 1)
    assert.match(result.problems[0]?.what ?? '', fault)
  })
}
