/** A power cut takes nothing from a backup or a restore that was said to be done: what is written is synced before it gets its name, and the
 *  name before anybody is told. Read from what the program asked of the kernel. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fillFolder } from '../support/filled.ts'
import { MAIN } from '../support/service.ts'
import { whyNoTracing } from '../support/strace.ts'

const skip = whyNoTracing()
const CALLS = 'pwrite64,write,ftruncate,copy_file_range,sendfile,fsync,fdatasync,rename,renameat,renameat2'
let folder: string
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'support-relay-synced-')))
  fillFolder(join(folder, 'data'), 200)
})
after(() => rmSync(folder, { recursive: true }))

/** What was done in the folder, in order: `write NAME`, `sync NAME`, `rename NAME`, and `told`; a folder that gets its name last is called `partial`. */
const doneBy = (args: readonly string[], said: RegExp): string[] => {
  const trace = join(folder, `${args[0]}.trace`)
  const tracer = ['-f', '-y', '-s', '64', '-o', trace, '-e', `trace=${CALLS}`]
  const { status, stderr } = spawnSync('strace', [...tracer, process.execPath, MAIN, ...args], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const named = (path: string) =>
    path === folder ? '.' : path.slice(folder.length + 1).replace(/\.partial-\w+/, '/partial')
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, call = '', text = ''] = /^\d+ +(\w+)\((.*)/.exec(line) ?? []
      if (call === 'write' && said.test(text)) return ['told']
      const paths = [...text.matchAll(/[<"]([^<>"]*)[>"]/g)].map(([, path = '']) => path)
      const path = paths.find(each => each.startsWith(folder) && !each.includes('/data'))
      if (path === undefined) return []
      return [`${call.startsWith('rename') ? 'rename' : call.includes('sync') ? 'sync' : 'write'} ${named(path)}`]
    })
}

const assertOrder = (done: readonly string[], ...order: readonly string[]) => {
  for (const [i, earlier] of order.slice(0, -1).entries()) {
    const later = order[i + 1] ?? ''
    assert.ok(done.includes(earlier), `${earlier} is missing in: ${done.join(', ')}`)
    assert.ok(done.lastIndexOf(earlier) < done.lastIndexOf(later), `${earlier} before ${later}: ${done.join(', ')}`)
  }
}

test('a backup is synced, file by file, then its folder, then its name, and only then told', { skip }, () => {
  const done = doneBy(['backup', join(folder, 'monday'), '--data', join(folder, 'data')], /Backed up/)
  for (const file of ['support-relay.db', 'manifest.json']) {
    const name = `monday/partial/${file}`
    assertOrder(done, `write ${name}`, `sync ${name}`, 'sync monday/partial', 'rename monday/partial', 'sync .', 'told')
  }
})

test('a restored database is synced before it gets its name, and its folder before it is told', { skip }, () => {
  mkdirSync(join(folder, 'into'))
  const done = doneBy(['restore', join(folder, 'monday'), '--data', join(folder, 'into')], /Restored/)
  const arriving = 'into/restoring.db'
  assertOrder(done, `write ${arriving}`, `sync ${arriving}`, `rename ${arriving}`, 'sync into', 'told')
})

for (const isUnfinished of [false, true]) {
  const left = isUnfinished ? 'what was unfinished before stays so' : 'no database is left of it'
  test(`a restore that reads differently than it was written is refused, and ${left}`, { skip }, () => {
    const into = join(folder, `lied-to-${isUnfinished}`)
    mkdirSync(into)
    if (isUnfinished) writeFileSync(join(into, 'restoring.db'), 'of one that was killed')
    // Where the kernel cannot copy by itself, block by block; and of none that it takes does it write anything.
    const lies = ['copy_file_range:error=EXDEV', 'sendfile:error=EINVAL', 'write:retval=8192']
    const tracer = [
      '-f',
      '-o',
      '/dev/null',
      '-P',
      join(into, 'restoring.db'),
      '-e',
      'trace=copy_file_range,sendfile,write',
    ]
    const restore = [process.execPath, MAIN, 'restore', join(folder, 'monday'), '--data', into]
    const args = [...tracer, ...lies.flatMap(lie => ['-e', `inject=${lie}`]), ...restore]
    const { status, stderr } = spawnSync('strace', args, { encoding: 'utf8', timeout: 60_000 })
    assert.equal(status, 3, stderr)
    assert.match(stderr, /it was written, but reads differently/)
    const ours = ['ballast', 'lock.db', 'service.json']
    assert.deepEqual(
      readdirSync(into).sort(),
      isUnfinished ? [...ours.slice(0, 2), 'restoring.db', 'service.json'] : ours,
    )
  })
}
