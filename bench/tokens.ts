/** What tokens cost: known ones and new ones, small ones and those of 25 kB, against a bare node:http server that gets the same headers,
 *  in one run: `node bench/tokens.ts [connections] [seconds] [rounds]`. Build first (`npm run build`). */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { arrange, token } from './support/arrange.ts'
import { cpuUs, load, median, startProgram, stopProgram } from './support/processes.ts'

const [connections = 64, seconds = 5, rounds = 3] = process.argv.slice(2).map(Number)
/** More than the service remembers: taken in turn, each has been forgotten when it comes again. */
const NEW_TOKENS = 21_000
const root = join(import.meta.dirname, '..')
const arranged = await arrange(null)
const bare = await startProgram(['--max-http-header-size=1048576', join(root, 'bench/support/bare.js')])
const service = await startProgram([join(root, 'dist/src/cli/main.js'), 'serve', '--config', arranged.config])

const kinds = [
  ['known, small', 500, 1],
  ['new, small', NEW_TOKENS, 1],
  ['known, 25 kB', 500, 420],
  ['new, 25 kB', NEW_TOKENS, 420],
] as const
const results = kinds.map(([name, count, projects]) => {
  const file = join(arranged.folder, name.replace(/\W+/g, '-'))
  writeFileSync(file, Array.from({ length: count }, (_, i) => token(`User#${i}`, projects)).join('\n'))
  return {
    name,
    env: { ...arranged.env, TOKENS: file, IN_TURN: '1' },
    bytes: token('User#1', projects).length,
    ratios: [] as number[],
    cpu: [] as number[],
  }
})
for (let round = 0; round < rounds; round += 1) {
  for (const { name, env, bytes, ratios, cpu } of results) {
    const yardstick = await load(bare.address, { connections, seconds, env })
    const before = cpuUs(service.pid)
    const measured = await load(service.address, { connections, seconds, env })
    ratios.push(measured.perSecond / yardstick.perSecond)
    cpu.push((cpuUs(service.pid) - before) / measured.requests)
    console.log(
      `${name} (${bytes} bytes): bare ${yardstick.perSecond.toFixed(0)}/s · service ${measured.perSecond.toFixed(0)}/s, refused ${measured.refused} · ratio ${ratios.at(-1)?.toFixed(3)} · ${cpu.at(-1)?.toFixed(0)} us CPU`,
    )
  }
}
for (const { name, ratios, cpu } of results)
  console.log(`${name}: median ratio ${median(ratios).toFixed(3)}, ${median(cpu).toFixed(0)} us CPU a request`)
await stopProgram(service)
await stopProgram(bare)
rmSync(arranged.folder, { recursive: true })
