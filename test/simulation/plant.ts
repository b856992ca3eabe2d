/** Plants bugs, each into a copy of the source of its own, and lets the simulation look for them:
 *  `node test/simulation/plant.ts [how many of the list] [histories at most]`. Ends with 1 when one is not found. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlantedBug } from './planted-bug.ts'
import { plantedBugs } from './planted-bugs.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** How often the place where it is to be planted occurs in the source. */
export const occurrences = (bug: PlantedBug): number =>
  readFileSync(join(ROOT, 'src', bug.file), 'utf8').split(bug.find).length - 1

/** What the simulation said of the copy with this bug; `found` is false when it found nothing wrong. */
export const plant = async (
  bug: PlantedBug,
  histories: number,
): Promise<{ readonly found: boolean; readonly said: string }> => {
  const copy = mkdtempSync(join(tmpdir(), 'support-relay-planted-'))
  try {
    for (const part of ['src', 'test/simulation', 'test/contracts', 'test/support', 'package.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const file = join(copy, 'src', bug.file)
    const source = readFileSync(file, 'utf8')
    if (occurrences(bug) !== 1) throw new Error(`"${bug.name}" does not fit into ${bug.file} any more`)
    writeFileSync(
      file,
      source.replace(bug.find, () => bug.replace),
    )
    const ground = bug.file.startsWith('store/postgres/') ? 'postgres' : 'sqlite'
    const { code, said } = await run([join(copy, 'test/simulation/run.ts'), '1', String(histories), ground, 'first'])
    // What ends with a crash of its own has found nothing.
    return { found: code === 1 && said.startsWith('seed '), said: said.split('\n')[0] ?? '' }
  } finally {
    rmSync(copy, { recursive: true })
  }
}

const run = (args: readonly string[]): Promise<{ code: number | null; said: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', text => (said += text))
    child.once('error', reject)
    child.once('close', code => resolve({ code, said }))
  })

if (import.meta.main) {
  const [count = plantedBugs.length, histories = 300] = process.argv.slice(2).map(Number)
  let missed = 0
  for (const bug of plantedBugs.slice(0, count)) {
    const { found, said } = await plant(bug, histories)
    if (!found) missed += 1
    console.log(`${found ? 'found ' : 'MISSED'} ${bug.name}\n       ${said.slice(0, 160)}`)
  }
  console.log(
    `${Math.min(count, plantedBugs.length) - missed} of ${Math.min(count, plantedBugs.length)} planted bugs were found`,
  )
  process.exitCode = missed > 0 ? 1 : 0
}
