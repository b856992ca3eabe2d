/** What making one message costs, CPU time of the thread that makes it: every kind, every level, a ticket of 1 kB: `node bench/render.ts [messages]`. */
import { exampleSettings } from '../scripts/docs/destination-pages.ts'
import { destinationKinds } from '../src/destinations/index.ts'
import { createdEvent } from '../test/contracts/outgoing.ts'

const [count = 10_000] = process.argv.slice(2).map(Number)
const ROUNDS = 5
const message = `${'The job stops after one minute, since yesterday, with an error about memory.\n'.repeat(13)}Ada`
const event = createdEvent({ ticket: { message } })

for (const kind of destinationKinds.filter(kind => !kind.evaluationOnly)) {
  const settings = exampleSettings(kind)
  const costs = kind.levels.map(level => {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const before = process.threadCpuUsage()
      for (let i = 0; i < count; i += 1) kind.start(event, settings, { level, at: event.event.at })
      const { user, system } = process.threadCpuUsage(before)
      return (user + system) / count
    })
    return `${level} ${rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]?.toFixed(0)}`
  })
  console.log(`${kind.kind}: ${costs.join(', ')} us`)
}
