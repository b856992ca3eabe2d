/** A real PostgreSQL of the test's own: started, stopped, killed, frozen. It ends with the test's process, however that ends. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { binaries, user } from './postgres-binaries.ts'

export type PostgresServer = {
  readonly port: number
  /** Where its data is. */
  readonly data: string
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

/** Takes one order a line and answers each with a line. When nobody is left to give any, the server goes and so does its folder. */
const KEEPER = `
dir=$1; shift
children() { cat /proc/$pid/task/$pid/children; }
all() { [ -n "$pid" ] && kill -$1 $pid $(children) 2>/dev/null; }
while read -r order; do
  case $order in
    start) "$@" 2>&1 & pid=$!; continue ;;
    stop) kill -INT $pid; wait $pid; pid= ;;
    kill)
      kill -STOP $pid; left=$(children); kill -KILL $pid $left; wait $pid; pid=
      # Its memory is theirs until each of them is gone.
      for one in $left; do while [ -e /proc/$one/exe ]; do sleep 0.01; done; done ;;
    freeze) all STOP ;;
    thaw) all CONT ;;
  esac
  echo "done: $order"
done
if [ -n "$pid" ]; then all CONT; kill -QUIT $pid; wait $pid; fi
rm -rf "$dir"
`

/** @param settings as postgresql.conf has them: `max_connections=5`
 *  @param disk where its data goes */
export const startPostgres = (settings: readonly string[] = [], disk = tmpdir()): Promise<PostgresServer> =>
  startOn(settings, disk, data => {
    const form = ['-U', 'postgres', '-A', 'trust', '--locale=C', '-E', 'UTF8', '--no-sync', '--no-instructions']
    execFileSync(join(binaries(), 'initdb'), ['-D', data, ...form], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
  })

/** A standby that follows the primary, which is started again for it; until it is told `select pg_promote()`. */
export const startStandby = async (primary: PostgresServer): Promise<PostgresServer> => {
  await primary.stop()
  const follow = `primary_conninfo=host=127.0.0.1 port=${primary.port} user=postgres`
  const standby = await startOn(['wal_retrieve_retry_interval=100ms', follow], tmpdir(), data => {
    execFileSync('cp', ['-a', primary.data, data])
    writeFileSync(join(data, 'standby.signal'), '')
  })
  await primary.start()
  return standby
}

const startOn = async (
  settings: readonly string[],
  disk: string,
  fill: (data: string) => void,
): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(disk, 'support-relay-postgres-'))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  fill(data)
  const port = await freePort()
  // No test loses the machine: what a sync would save is never asked for.
  const own = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
  const small = ['shared_buffers=32MB', 'max_connections=50', 'log_min_messages=log']
  const options = [...own, ...small, ...settings].flatMap(setting => ['-c', setting])
  const command = [join(binaries(), 'postgres'), '-D', data, ...options]
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
    data,
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
