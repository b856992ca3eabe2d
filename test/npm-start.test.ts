/** `npm start` as a newcomer uses it: one process that stops with npm, however npm is stopped. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { takeFolder } from '../src/store/sqlite/folder.ts'

const root = join(import.meta.dirname, '..')

/** The pipe and the lock are let go of one after the other when a process ends. */
const folderFree = async (folder: string): Promise<void> => {
  for (;;) {
    try {
      takeFolder(folder).release()
      return
    } catch {
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`npm start runs the service, and ${signal} to npm ends it and frees the folder`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
    const npm = spawn('npm', ['start', '--', '--port', '0', '--data', folder], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines = createInterface({ input: npm.stdout })
    for await (const line of lines) if (line.startsWith('For real')) break
    const { pid } = JSON.parse(readFileSync(join(folder, 'service.json'), 'utf8'))
    assert.notEqual(pid, npm.pid)

    // The pipe ends when the last process that holds it is gone: npm and the service.
    npm.stdout.resume()
    const gone = once(npm.stdout, 'close')
    npm.kill(signal)
    await gone
    await folderFree(folder)
    rmSync(folder, { recursive: true })
  })
}
