/* Runs every test there is, three files at a time, and ends with the files that took longest and one line of counts. Names of files or folders as arguments run only those. */
import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'

const LONGEST = 10
const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const isWhole = file => relative(root, file).startsWith('test')
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
  .map(file => join(root, file))
  .filter(
    file => wanted.length === 0 || wanted.some(part => relative(root, file).startsWith(part.replace(/^\.\//, ''))),
  )
  // The long ones first (whole services, disks, crashes), so that no core is left alone with one of them at the end.
  .sort((a, b) => Number(isWhole(b)) - Number(isWhole(a)) || (a < b ? -1 : 1))

// Some hundred processes read the same TypeScript: what they make of it is kept, which halves what their starts cost.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/compiled')

const counts = { passed: 0, failed: 0, skipped: 0 }
/** Of each file: how long its tests took, ms. */
const took = new Map()
const note = ({ file, nesting, details }) => {
  if (nesting === 0 && file) took.set(file, (took.get(file) ?? 0) + details.duration_ms)
}
// A test that hangs must fail by name, not stall the whole run.
// Each answer that a test fetches from the service is compared with the OpenAPI document.
const execArgv = ['--import', pathToFileURL(join(root, 'test/support/conforming-fetch.ts')).href]
const events = run({ files, concurrency: 3, cwd: root, timeout: 180_000, execArgv })
events.on('test:pass', event => {
  const { details, skip, todo } = event
  note(event)
  if (details.type === 'suite') return
  if (skip !== undefined || todo !== undefined) counts.skipped += 1
  else counts.passed += 1
})
events.on('test:fail', event => {
  const { details } = event
  note(event)
  if (details.type !== 'suite') counts.failed += 1
})
events.compose(spec).pipe(process.stdout)
events.once('end', () => {
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
  process.once('exit', () => {
    const longest = [...took].sort(([, a], [, b]) => b - a).slice(0, LONGEST)
    for (const [file, ms] of longest) console.log(`${(ms / 1_000).toFixed(0).padStart(4)} s  ${relative(root, file)}`)
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  })
})
