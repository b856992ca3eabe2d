/* Writes the pages of docs/ that are made from the code. Needs Node >= 24, which reads TypeScript; tests compare the result. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorsPage } from '../src/api/errors-page.ts'
import { configurationPage, destinationsPage } from '../src/config/docs.ts'
import { destinationKinds } from '../src/destinations/index.ts'

const root = join(import.meta.dirname, '..')
const docs = join(root, 'docs')
mkdirSync(docs, { recursive: true })
writeFileSync(join(docs, 'configuration.md'), configurationPage())
writeFileSync(join(docs, 'destinations.md'), destinationsPage(destinationKinds))
writeFileSync(join(docs, 'errors.md'), errorsPage())
