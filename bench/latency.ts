/** From the 200 to the ticket's arrival at an idle loopback destination, one ticket at a time: `node bench/latency.ts [tickets]`.
 *  Build first (`npm run build`). */
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { arrange, token } from './support/arrange.ts'
import { median, startProgram, stopProgram } from './support/processes.ts'

const [tickets = 500] = process.argv.slice(2).map(Number)
let arrived: (at: number) => void = () => {}
const receiver = createServer((incoming, response) => {
  arrived(performance.now())
  incoming.resume().on('end', () => response.end('ok'))
})
await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
const { port } = receiver.address() as AddressInfo // it listens on TCP
const arranged = await arrange(`http://127.0.0.1:${port}/hook`)
const service = await startProgram([
  join(import.meta.dirname, '../dist/src/cli/main.js'),
  'serve',
  '--config',
  arranged.config,
])
const headers = { authorization: `Bearer ${token('Ada#1234')}`, 'content-type': 'application/json' }
const dispatcher = new Agent({ connections: 1 })

const waits: number[] = []
for (let i = 0; i < tickets; i += 1) {
  const arrival = new Promise<number>(resolve => (arrived = resolve))
  const answer = await request(`${service.address}/api/support/ticket`, {
    method: 'POST',
    headers,
    body: arranged.env.BODY ?? '',
    dispatcher,
  })
  const answeredAt = performance.now()
  await answer.body.dump()
  if (answer.statusCode !== 200) throw new Error(`it was answered ${answer.statusCode}`)
  waits.push(Math.max(0, (await arrival) - answeredAt))
  await new Promise(resolve => setTimeout(resolve, 10))
}
const sorted = waits.toSorted((a, b) => a - b)
console.log(
  `200 → at the destination: p50 ${median(waits).toFixed(2)} ms, p99 ${sorted[Math.floor(tickets * 0.99)]?.toFixed(2)} ms, ${tickets} tickets`,
)
await stopProgram(service)
await dispatcher.close()
receiver.closeAllConnections()
receiver.close()
rmSync(arranged.folder, { recursive: true })
