/** The thousand kills: `node test/crash/run.ts [kills] [acknowledged] [seed]`. Ends with 1 when the books do not balance. */
import { campaign, FIRST_DELIVERY_MS, summary } from './campaign.ts'
import { quantile } from './verdict.ts'

const [kills = 1_000, acknowledged = 200_000, seed = 1 + Math.floor(Math.random() * 1e6)] = process.argv
  .slice(2, 5)
  .map(Number)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
console.log(`seed ${seed}`)
const begun = performance.now()
const told = await campaign(seed, { kills, acknowledged, progress: console.log })
for (const violation of told.violations.slice(0, 20)) console.log(violation)
console.log(`${summary(told)}, ${((performance.now() - begun) / 1_000).toFixed(0)} s`)
const isLate = quantile(told.firstDeliveries, 0.95) > FIRST_DELIVERY_MS
if (isLate) console.log(`the first delivery came later than ${FIRST_DELIVERY_MS} ms`)
process.exitCode = told.violations.length > 0 || isLate ? 1 : 0
