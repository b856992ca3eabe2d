/** The launcher under the system's own Node, which may be older than the service needs: one command, and nothing left behind. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { takeFolder } from '../src/store/sqlite/folder.ts'
import { configurationFor } from './support/service.ts'
import { systemNode } from './support/system-node.ts'

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'support-relay.js')

const { path: systemNodePath, version, major, skip } = systemNode

/** What runs: the launcher, and the process that holds the data folder, which is its child under an older Node. */
type Launched = { readonly launcher: ChildProcess; readonly pid: number; readonly folder: string; printed(): string }

const launched = async (use: (at: Launched) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(config, configurationFor('http://127.0.0.1:9'))
  const data = join(folder, 'data')
  const launcher = spawn(systemNodePath, [LAUNCHER, 'serve', '--config', config, '--data', data], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    let printed = ''
    launcher.stderr?.on('data', chunk => (printed += chunk))
    for await (const line of createInterface({ input: launcher.stdout as NodeJS.ReadableStream })) {
      printed += `${line}\n`
      if (line.includes('listens on')) break
    }
    assert.match(printed, /listens on http/)
    const { pid } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8'))
    await use({ launcher, pid, folder: data, printed: () => printed })
  } finally {
    launcher.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves when nobody holds what the launcher and its child print to: both are gone. */
const bothGone = (launcher: ChildProcess) => {
  launcher.stdout?.resume()
  return once(launcher, 'close')
}

test(`under Node ${version} the launcher serves, and SIGTERM ends it and the service with 0`, { skip }, () =>
  launched(async ({ launcher, pid, folder }) => {
    assert.equal(pid === launcher.pid, major >= 24)
    const gone = bothGone(launcher)
    launcher.kill('SIGTERM')
    assert.deepEqual(await gone, [0, null])
    takeFolder(folder).release()
  }),
)

test(`under Node ${version} the service ends in order when the launcher is killed`, { skip }, () =>
  launched(async ({ launcher, folder, printed }) => {
    const gone = bothGone(launcher)
    launcher.kill('SIGKILL')
    assert.deepEqual(await gone, [null, 'SIGKILL'])
    takeFolder(folder).release()
    // Where the launcher is the service itself, nothing can be said any more.
    if (major < 24) assert.match(printed(), /"msg":"stopped"/)
  }),
)

test(`under Node ${version} the launcher hands the exit code on`, { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const run = async (...args: string[]) => {
    const child = spawn(systemNodePath, [LAUNCHER, ...args], { cwd: folder, stdio: 'ignore' })
    return (await once(child, 'close'))[0]
  }
  writeFileSync(join(folder, 'file'), '')
  writeFileSync(join(folder, 'support-relay.yaml'), configurationFor('http://127.0.0.1:9'))
  assert.deepEqual([await run('check'), await run('nonsense'), await run('serve', '--data', 'file/data')], [0, 2, 3])
  rmSync(folder, { recursive: true })
})
