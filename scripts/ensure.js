/* Before `npm start` and `npm test`, in plain JavaScript for any Node >= 20: installs what is missing or stale with
   `npm ci`, then builds what is missing or stale. Never half: a stamp is written only after the step has ended well,
   and two commands started at once wait for each other. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const lock = join(root, '.ensure-lock')

withLock(() => {
  const install = digest(['package-lock.json']) + process.platform + process.arch
  if (stamp('node_modules') !== install) {
    run('npm', ['ci', '--no-audit', '--no-fund'], 'Installing the dependencies (npm ci), once')
    writeFileSync(join(root, 'node_modules', '.support-relay'), install)
  }
  const sources = digest([
    'src',
    'web',
    'scripts/build.js',
    'tsconfig.json',
    'tsconfig.build.json',
    'tsconfig.client.json',
    'package-lock.json',
  ])
  if (stamp('dist') !== sources) {
    const node = join(root, 'node_modules', '.bin', 'node')
    run(existsSync(node) ? node : process.execPath, [join('scripts', 'build.js')], 'Building')
    writeFileSync(join(root, 'dist', '.support-relay'), sources)
  }
})

function stamp(folder) {
  try {
    return readFileSync(join(root, folder, '.support-relay'), 'utf8')
  } catch {
    return ''
  }
}

function digest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) add(path)
  return hash.digest('hex')

  function add(path) {
    const full = join(root, path)
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) add(join(path, name))
    } else if (!/\.test\.tsx?$/.test(path)) {
      hash.update(path).update('\0').update(readFileSync(full)).update('\0')
    }
  }
}

function run(command, args, what) {
  console.error(`${what} ...`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NODE_ENV: '' },
  })
  if (error || status !== 0) {
    rmSync(lock, { recursive: true, force: true })
    console.error(
      `support-relay: "${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ''}. Nothing was started.`,
    )
    process.exit(1)
  }
}

function withLock(work) {
  for (;;) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, 'pid'), String(process.pid))
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!holderLives()) rmSync(lock, { recursive: true, force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  try {
    work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function holderLives() {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'))
    if (!pid) return true
    process.kill(pid, 0)
    return true
  } catch (error) {
    // No pid file yet: the holder is between its two steps, unless the lock is old.
    if (error.code === 'ENOENT') return existsSync(lock) && Date.now() - statSync(lock).mtimeMs < 5_000
    return error.code === 'EPERM'
  }
}
