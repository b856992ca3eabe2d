/* Compiles src/ and web/ to dist/, with the files that are not code beside it. The old dist/ is replaced only by a whole new one. */
import { spawnSync } from 'node:child_process'
import { cpSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const fresh = join(root, 'dist.new')

rmSync(fresh, { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
for (const folder of ['src', 'web']) {
  cpSync(join(root, folder), join(fresh, folder), { recursive: true, filter: path => !/\.tsx?$/.test(path) })
}
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(fresh, join(root, 'dist'))
