/* Writes the pages of docs/ that are made from the code. Needs Node >= 24, which reads TypeScript; tests compare the result. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage, destinationsPage } from '../src/config/docs.ts'

const root = join(import.meta.dirname, '..')
const docs = join(root, 'docs')
mkdirSync(docs, { recursive: true })
writeFileSync(join(docs, 'configuration.md'), configurationPage())

if (existsSync(join(root, 'src', 'destinations', 'index.ts'))) {
  const { kinds } = await import('../src/destinations/index.ts')
  writeFileSync(join(docs, 'destinations.md'), destinationsPage(kinds))
}
