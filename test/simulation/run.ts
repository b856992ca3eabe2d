/** Plays histories: `node test/simulation/run.ts [first seed] [how many] [sqlite | postgres] [first]`. The seed of one that fails is printed;
 *  playing it again fails again, on PostgreSQL as far as the server's own choices are the same. With `first` it ends at the first that fails. */
import { play } from './history.ts'
import { postgres } from './postgres/ground.ts'
import { sqlite } from './store.ts'

const [first = 1, count = 100] = process.argv.slice(2, 4).map(Number)
const ground = process.argv[4] === 'postgres' ? postgres : sqlite
const failuresMax = process.argv[5] === 'first' ? 1 : 5
const begun = performance.now()
const sum = { lifetimes: 0, sends: 0, repeats: 0, crashes: 0 }
let failed = 0
for (let seed = first; seed < first + count && failed < failuresMax; seed += 1) {
  try {
    const told = await play(seed, ground)
    for (const key of ['lifetimes', 'sends', 'repeats', 'crashes'] as const) sum[key] += told[key]
  } catch (error) {
    failed += 1
    console.log(error instanceof Error ? error.message : error)
  }
}
console.log(
  `${count} histories, ${sum.lifetimes} tickets, ${sum.sends} sends, ${sum.repeats} repeated after ${sum.crashes} crashes, ${failed} failed, ${((performance.now() - begun) / 1_000).toFixed(1)} s`,
)
process.exitCode = failed > 0 ? 1 : 0
