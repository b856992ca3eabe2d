/** The whole proof: `node test/power/run.ts [answers] [images] [seed]`. */
import { whyNoTracing } from '../support/strace.ts'
import { audit } from './audit.ts'
import { crash } from './images.ts'
import { checkpoints, flood } from './traced.ts'

const [answers = 12_000, count = 1_200, seed = 1] = process.argv.slice(2).map(Number)
const why = whyNoTracing()
if (why) throw new Error(`it cannot be shown here: ${why}`)

const { steps, told, dataFolder } = await flood(answers)
const audited = audit(steps, told)
console.log(
  `${audited.answers} answers, ${audited.syncs} syncs of the log, ${checkpoints(steps)} checkpoints, ${audited.violations.length} answers before their sync`,
)
const { failures, ...images } = await crash(steps, dataFolder, told, { count, seed })
console.log(
  `${images.count} crash images: ${images.logUnsynced} with an unsynced log, ${images.checkpointing} amid a checkpoint, ${images.partlyDelivered} partly delivered; ${images.promised} times a promised ticket was looked for; ${failures.length} failed`,
)
for (const failure of failures.slice(0, 10)) console.log(failure)
for (const { mark, why } of audited.violations.slice(0, 10)) console.log(`${mark}: ${why}`)
process.exitCode = failures.length + audited.violations.length > 0 || audited.answers < answers ? 1 : 0
