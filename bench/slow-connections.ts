/** What slow connections cost the others: throughput with and without 140 of them (headers, bodies and chunks, a byte every second),
 *  in turn, in one run: `node bench/slow-connections.ts [slow] [seconds] [rounds]`. Build first (`npm run build`). */
import { rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { arrange, token } from './support/arrange.ts'
import { load, median, startProgram, stopProgram } from './support/processes.ts'

const [slow = 140, seconds = 5, rounds = 5] = process.argv.slice(2).map(Number)
const arranged = await arrange(null)
const service = await startProgram([
  join(import.meta.dirname, '../dist/src/cli/main.js'),
  'serve',
  '--config',
  arranged.config,
])
const { hostname, port } = new URL(service.address)
const head = `POST /api/support/ticket HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token('User#slow')}\r\n`
const beginnings = [
  'GET /status HTTP/1.1\r\nx: ',
  `${head}content-length: 1000\r\n\r\n`,
  `${head}transfer-encoding: chunked\r\n\r\n3e8\r\n`,
]

const open = (i: number): Socket => {
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(beginnings[i % beginnings.length] ?? '')
  return socket
}

const ratios: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const alone = await load(service.address, { connections: 64, seconds, env: arranged.env })
  const sockets = Array.from({ length: slow }, (_, i) => open(i))
  const drip = setInterval(() => {
    for (const [i, socket] of sockets.entries()) {
      // The service ends those whose headers take longer than 15 s: others take their place.
      if (socket.destroyed || socket.readableEnded) sockets[i] = open(i)
      else socket.write('x')
    }
  }, 1_000)
  const beside = await load(service.address, { connections: 64, seconds, env: arranged.env })
  clearInterval(drip)
  for (const socket of sockets) socket.destroy()
  ratios.push(beside.perSecond / alone.perSecond)
  console.log(
    `alone ${alone.perSecond.toFixed(0)}/s · beside ${slow} slow ones ${beside.perSecond.toFixed(0)}/s, refused ${beside.refused} · ratio ${ratios.at(-1)?.toFixed(3)}`,
  )
}
console.log(`median ratio beside ${slow} slow connections: ${median(ratios).toFixed(3)}`)
await stopProgram(service)
rmSync(arranged.folder, { recursive: true })
