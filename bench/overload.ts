/** Five times what the disk can take, for a minute: `node bench/overload.ts [milliseconds a sync takes] [seconds]`. The sync is slowed by
 *  strace (Debian's), as root. Build first (`npm run build`). What was acknowledged is counted in the store at the end. */
import { execFile, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { arrange } from './support/arrange.ts'

const [syncMs = 110, seconds = 60] = process.argv.slice(2).map(Number)
const arranged = await arrange(null)
const program = [join(import.meta.dirname, '../dist/src/cli/main.js'), 'serve', '--config', arranged.config]
const slow = `inject=fdatasync,fsync:delay_enter=${syncMs * 1_000}`
const tracer = ['-D', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync', '-e', slow]
const service = spawn('strace', [...tracer, process.execPath, ...program], { stdio: ['ignore', 'pipe', 'ignore'] })
const ended = new Promise(resolve => service.once('exit', resolve))
const address = await new Promise<string>(resolve =>
  createInterface({ input: service.stdout }).on('line', line => {
    const found = /(http:\/\/[\d.]+:\d+)/.exec(line)?.[1]
    if (found) resolve(found)
  }),
)
let rssMax = 0
const watch = setInterval(() => {
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))?.[1]) / 1_024
  rssMax = Math.max(rssMax, rss)
}, 100)

let acknowledged = 0
const flood = async (what: string, rate: number, lasts: number, connections: number) => {
  const args = [join(import.meta.dirname, 'support/flood.ts'), address, rate, lasts, connections].map(String)
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...arranged.env } })
  const told = JSON.parse(stdout)
  acknowledged += told.accepted
  console.log(`${what}: ${stdout.trim()} · RSS so far ${rssMax.toFixed(0)} MB`)
  return told
}
await flood('to warm up', 1_000, 5, 400)
const peak = await flood('as much as it takes', 2_500, 15, 1_500)
const before = await flood('a normal load', 200, 5, 100)
const over = await flood('five times as much', peak.served * 5, seconds, 3_000)
const after = await flood('a normal load, ten seconds later', 200, 5, 100)
clearInterval(watch)
service.kill('SIGTERM')
await ended
const db = openDatabase(join(arranged.folder, 'data', 'support-relay.db'), { readOnly: true })
const stored = Number(db.prepare('select count(*) as n from tickets').get()?.n)
db.close()
rmSync(arranged.folder, { recursive: true })
console.log(
  `served : peak ${(over.served / peak.served).toFixed(2)} · refusals p50 ${over.refusedMs[0]}, p99 ${over.refusedMs[1]} ms · normal p50 ${before.acceptedMs[0]} ms, afterwards ${after.acceptedMs[0]} ms · RSS ${rssMax.toFixed(0)} MB · ${acknowledged} acknowledged, ${stored} stored`,
)
