import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { destinationKinds } from '../destinations/index.ts'
import { configurationPage, destinationsPage } from './docs.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs')
for (const [name, page] of [
  ['configuration.md', configurationPage()],
  ['destinations.md', destinationsPage(destinationKinds)],
] as const) {
  test(`docs/${name} is in step with the code`, () => {
    assert.equal(readFileSync(join(docs, name), 'utf8'), page, 'write it anew: node scripts/docs.js')
  })
}
