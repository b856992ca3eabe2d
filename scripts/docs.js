/* Writes the pages and pictures of docs/ that are made from the code. Needs Node >= 24, which reads TypeScript; a test compares the result. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedPages } from './docs/pages.ts'

const docs = join(import.meta.dirname, '..', 'docs')
for (const [path, content] of Object.entries(generatedPages())) {
  mkdirSync(dirname(join(docs, path)), { recursive: true })
  writeFileSync(join(docs, path), content)
}
