/** The secrets of the evaluation mode on a real disk: whole or not at all, for the owner alone, and one of two that come at once. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { destinationKinds } from '../destinations/index.ts'
import { systemFiles } from './files.ts'
import { loadConfig } from './load.ts'

const run = promisify(execFile)
const folderFor = (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}
/** Runs `body` in a process of its own, with `systemFiles` at hand. */
const script = (body: string) =>
  `import { systemFiles } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'files.ts')).href)}\n${body}`
const nodeArguments = (body: string) => ['--input-type=module', '--eval', script(body)]

test('the folder and the file are for their owner alone, and nothing else is left', t => {
  const folder = join(folderFor(t), 'data')
  assert.equal(systemFiles.create(join(folder, 'secrets.json'), 'text'), 'created')
  assert.deepEqual(readdirSync(folder), ['secrets.json'])
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, 'secrets.json')).mode & 0o777, 0o600)
})

test('a file that is there stays as it is, and nothing else is left', t => {
  const folder = folderFor(t)
  const path = join(folder, 'secrets.json')
  writeFileSync(path, 'mine')
  assert.equal(systemFiles.create(path, 'yours'), 'exists')
  assert.equal(readFileSync(path, 'utf8'), 'mine')
  assert.deepEqual(readdirSync(folder), ['secrets.json'])
})

test('of several processes that start at once one makes the file, and it is whole', async t => {
  const path = join(folderFor(t), 'data', 'secrets.json')
  const create = `console.log(systemFiles.create(${JSON.stringify(path)}, String(process.pid).repeat(500)), process.pid)`
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () =>
      (await run(process.execPath, nodeArguments(create))).stdout.trim().split(' '),
    ),
  )
  const makers = answers.filter(([answer]) => answer === 'created')
  assert.equal(makers.length, 1)
  assert.equal(readFileSync(path, 'utf8'), makers[0]?.[1]?.repeat(500))
})

test('two first starts at once have the same secrets', t => {
  const cwd = folderFor(t)
  const path = join(cwd, 'data', 'evaluation-secrets.json')
  const start = (fill: number, files = systemFiles) => {
    const randomBytes = (count: number) => new Uint8Array(count).fill(fill)
    const loaded = loadConfig({ env: {}, cwd, kinds: destinationKinds, files, randomBytes })
    assert.ok('config' in loaded)
    return loaded.config
  }
  let other: ReturnType<typeof start> | undefined
  // The other one comes between our look and our write.
  const late = start(1, {
    ...systemFiles,
    create(file, text) {
      other = start(2)
      return systemFiles.create(file, text)
    },
  })
  assert.deepEqual(late.auth, other?.auth)
  assert.deepEqual(late.evaluation, other?.evaluation)
  assert.match(readFileSync(path, 'utf8'), /"sharedSecret": "0202/)
})

test('a disk that takes a part only leaves nothing, and it is told', {
  skip: process.platform === 'win32',
}, async t => {
  const folder = folderFor(t)
  // A limit of one block (512 or 1,024 bytes) stands for the full disk: what exceeds it is cut.
  const create = `try { console.log(systemFiles.create(${JSON.stringify(join(folder, 's.json'))}, 'x'.repeat(3000))) } catch (error) { console.log(error.code) }`
  const { stdout } = await run('sh', ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, ...nodeArguments(create)])
  assert.equal(stdout.trim(), 'EFBIG')
  assert.deepEqual(readdirSync(folder), [])
})

test('a folder that may not be written is a problem that names the file and the way out', t => {
  const cwd = folderFor(t)
  // A file where the folder would stand stops every user, root too.
  writeFileSync(join(cwd, 'taken'), '')
  const randomBytes = (count: number) => new Uint8Array(count)
  const loaded = loadConfig({
    env: {},
    cwd,
    data: 'taken/data',
    kinds: destinationKinds,
    files: systemFiles,
    randomBytes,
  })
  assert.ok('problems' in loaded)
  const told = loaded.problems.map(({ file, what, fix }) => `${file} ${what} ${fix}`).join()
  assert.match(told, /taken\/data\/evaluation-secrets\.json .*--data/)
})

test('a file of secrets that cannot be read is a problem that says why', t => {
  const cwd = folderFor(t)
  mkdirSync(join(cwd, 'data', 'evaluation-secrets.json'), { recursive: true })
  chmodSync(join(cwd, 'data'), 0o700)
  const randomBytes = (count: number) => new Uint8Array(count)
  const loaded = loadConfig({ env: {}, cwd, kinds: destinationKinds, files: systemFiles, randomBytes })
  assert.ok('problems' in loaded)
  assert.match(loaded.problems.map(({ what }) => what).join(), /secrets is a folder\./)
})
