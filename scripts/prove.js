/* The longer proofs: `npm run prove` runs all parts, `npm run prove -- NAME…` those named. Each prints what it found; the results stand in docs/guarantees.md. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const SIMULATION = join(root, 'test/simulation/run.ts')
/** Histories of about 205 tickets: two processes, one for each core, live through a million together. */
const HISTORIES = 2_500
/** Of about 90 tickets, on two servers: some five thousand tickets. */
const HISTORIES_ON_POSTGRES = 30

const parts = {
  simulation: () => Promise.all([run(SIMULATION, 10_001, HISTORIES), run(SIMULATION, 20_001, HISTORIES)]),
  'simulation-postgres': () =>
    Promise.all([
      run(SIMULATION, 10_001, HISTORIES_ON_POSTGRES, 'postgres'),
      run(SIMULATION, 20_001, HISTORIES_ON_POSTGRES, 'postgres'),
    ]),
  power: () => run(join(root, 'test/power/run.ts')),
  planted: () => run(join(root, 'test/simulation/plant.ts')),
  // Alone on its machine: it measures how soon the first delivery follows exec.
  crashes: () => run(join(root, 'test/crash/run.ts'), 1_000, 200_000),
}

const run = (file, ...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args.map(String)], { stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', code => (code === 0 ? resolve() : reject(new Error(`${file} ended with ${code}`))))
  })

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
  if (!Object.hasOwn(parts, name))
    throw new Error(`there is no part "${name}"; there are ${Object.keys(parts).join(', ')}`)
  const begun = performance.now()
  console.log(`prove: ${name}`)
  await parts[name]()
  console.log(`prove: ${name} holds (${((performance.now() - begun) / 1_000).toFixed(0)} s)`)
}
