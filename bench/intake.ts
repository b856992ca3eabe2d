/** Durable intake with full work against a bare node:http server, in one run: `node bench/intake.ts [connections] [seconds] [rounds]`.
 *  Full work: token verified, 2 destinations (paused), idempotency key, the user's limit. Build first (`npm run build`). */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { arrange } from './support/arrange.ts'
import {
  cpuByThread,
  cpuUs,
  load,
  median,
  pssMb,
  startProgram,
  stopProgram,
  writtenBytes,
} from './support/processes.ts'

const [connections = 64, seconds = 5, rounds = 3] = process.argv.slice(2).map(Number)
const root = join(import.meta.dirname, '..')
const arranged = await arrange(null)
const bare = await startProgram([join(root, 'bench/support/bare.js')])
const service = await startProgram([join(root, 'dist/src/cli/main.js'), 'serve', '--config', arranged.config])

console.log(`sync of the disk: ${syncMs(arranged.folder).toFixed(2)} ms (median fdatasync of 4 KiB, appended)`)
console.log(`ready after ${service.readyMs.toFixed(0)} ms, idle ${pssMb(service.pid).toFixed(0)} MB PSS`)
const ratios: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const bareCpu = cpuUs(bare.pid)
  const yardstick = await load(bare.address, { connections, seconds, env: arranged.env })
  const bareUs = (cpuUs(bare.pid) - bareCpu) / yardstick.requests
  const before = { cpu: cpuUs(service.pid), written: writtenBytes(service.pid), threads: cpuByThread(service.pid) }
  const measured = await load(service.address, { connections, seconds, env: arranged.env })
  const cpu = (cpuUs(service.pid) - before.cpu) / measured.requests
  const written = (writtenBytes(service.pid) - before.written) / measured.requests
  const threads = Object.entries(cpuByThread(service.pid))
    .map(([name, us]) => [name, (us - (before.threads[name] ?? 0)) / measured.requests] as const)
    .filter(([, us]) => us > 0.5)
    .map(([name, us]) => `${name.split(' ')[1]} ${us.toFixed(1)}`)
  ratios.push(measured.perSecond / yardstick.perSecond)
  console.log(
    `bare ${yardstick.perSecond.toFixed(0)}/s, ${bareUs.toFixed(1)} us CPU · service ${measured.perSecond.toFixed(0)}/s, p50 ${measured.p50Ms.toFixed(1)} ms, p99 ${measured.p99Ms.toFixed(1)} ms, ` +
      `refused ${measured.refused} · ratio ${ratios.at(-1)?.toFixed(3)} · ${cpu.toFixed(1)} us CPU (${threads.join(', ')}) · ${written.toFixed(0)} B written · ${pssMb(service.pid).toFixed(0)} MB`,
  )
}
console.log(`median ratio at ${connections} connections: ${median(ratios).toFixed(3)}`)
await stopProgram(service)
await stopProgram(bare)
rmSync(arranged.folder, { recursive: true })

function syncMs(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w')
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, Buffer.alloc(4096))
    const begun = performance.now()
    fdatasyncSync(file)
    return performance.now() - begun
  })
  closeSync(file)
  return median(times)
}
