/** The compiler's word on a piece of TypeScript. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './docs-blocks.ts'

/** What is wrong with it under the strict rules; nothing when it is sound. */
export const compiled = (source: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  try {
    const file = join(folder, 'piece.mts')
    writeFileSync(file, `${source}\nexport {}\n`)
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node']
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--ignoreConfig']
    const target = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,dom', ...types]
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, ...options, ...target, file], { cwd: folder })
    return status === 0 ? '' : `${stdout}${stderr}` || `ended with ${status}`
  } finally {
    rmSync(folder, { recursive: true })
  }
}
