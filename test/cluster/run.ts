/** A PostgreSQL that fails over, and two replicas of ours on it (`npm run prove:cluster`, or `-- NAME…` for the faults of these names): whatever befalls a
 *  machine, nothing that was acknowledged is lost, everything is delivered, and only what was under way comes twice. */
import { inspect } from 'node:util'
import { faults } from './faults.ts'
import { line, table } from './report.ts'
import { findParts } from './requirements.ts'
import { Site } from './stage.ts'
import { tryFault } from './trial.ts'
import { judge, readStored } from './verdict.ts'

const names = process.argv.slice(2)
const unknown = names.filter(name => !faults.some(fault => fault.name === name))
if (unknown.length > 0) {
  console.log(`There is no fault "${unknown[0]}"; there are ${faults.map(({ name }) => `"${name}"`).join(', ')}.`)
  process.exit(2)
}
const parts = findParts()
if ('missing' in parts) {
  console.log(['Nothing was proven. There is missing', ...parts.missing.map(one => `- ${one}`)].join('\n'))
  process.exit(1)
}

const site = new Site()
const stop = async (code: number) => {
  await site.dispose({ keepsLogs: code !== 0 })
  if (code !== 0) console.log(`What everybody printed is in ${site.folder}/logs.`)
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop(1))

try {
  const seed = 1 + Math.floor(Math.random() * 1e6)
  const begun = performance.now()
  const minutes = () => `${((performance.now() - begun) / 60_000).toFixed(1)} min`
  console.log(parts.versions)
  const stage = await site.open(parts, seed)
  console.log(`three nodes, three etcd and two replicas serve after ${minutes()}`)
  const trials = []
  for (const fault of faults.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const trial = await tryFault(fault, stage)
    trials.push(trial)
    console.log(line(judge(trial, stage.books, await readStored(stage.cluster, stage.books))))
  }
  // Once more of all: what one fault left alone, a later one may have lost.
  const stored = await readStored(stage.cluster, stage.books)
  const verdicts = trials.map(trial => judge(trial, stage.books, stored))
  console.log(`\n${table(verdicts)}\n${minutes()}`)
  const violations = [...new Set(stage.books.violations)]
  for (const violation of violations.slice(0, 30)) console.log(violation)
  await stop(violations.length > 0 ? 1 : 0)
} catch (error) {
  console.log(inspect(error))
  await stop(1)
}
