/** An open load: so many tickets a second are sent whether or not the ones before were answered, as users do. Runs as a process of its own:
 *  `flood.ts ADDRESS RATE SECONDS CONNECTIONS`, with TOKENS and BODY in the environment; prints one line of JSON. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

const [address = '', rate = 1_000, seconds = 5, connections = 100] = process.argv
  .slice(2)
  .map((value, i) => (i === 0 ? value : Number(value))) as [string, number, number, number]
const { hostname, port, host } = new URL(address)
const tokens = readFileSync(process.env.TOKENS ?? '', 'utf8').split('\n')
const body = process.env.BODY ?? ''
const requests = tokens.map(token =>
  Buffer.from(
    `POST /api/support/ticket HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
)

type Line = { readonly socket: Socket; dueAt: number; sentAt: number; seen: string }
const accepted: { readonly at: number; readonly ms: number }[] = []
const refused: number[] = []
/** Of each refusal: how long it took from when it was sent, and how late that was, for want of a connection or of our own time. */
const refusedSinceSent: number[] = []
const late: number[] = []
const counts = { broken: 0, other: 0, withoutRetryAfter: 0 }
const idle: Line[] = []

const open = (): Promise<Line> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const line: Line = { socket, dueAt: 0, sentAt: 0, seen: '' }
    socket.setNoDelay(true).setEncoding('latin1')
    socket.once('connect', () => resolve(line)).once('error', reject)
    socket
      .on('data', chunk => answered(line, `${chunk}`))
      .on('close', () => {
        if (line.sentAt > 0) counts.broken += 1
      })
  })

const answered = (line: Line, chunk: string): void => {
  line.seen += chunk
  const head = line.seen.indexOf('\r\n\r\n')
  const length = Number(/content-length: (\d+)/i.exec(line.seen)?.[1])
  if (head < 0 || line.seen.length < head + 4 + length) return
  const ms = performance.now() - line.dueAt
  const status = line.seen.slice(9, 12)
  if (status === '200') accepted.push({ at: performance.now(), ms })
  else if (status === '503') {
    refused.push(ms)
    refusedSinceSent.push(performance.now() - line.sentAt)
  } else counts.other += 1
  if (status === '503' && !/^retry-after: \d/im.test(line.seen)) counts.withoutRetryAfter += 1
  line.seen = ''
  line.sentAt = 0
  idle.push(line)
}

for (let left = connections; left > 0; left -= 200)
  idle.push(...(await Promise.all(Array.from({ length: Math.min(200, left) }, open))))

const from = performance.now()
let sent = 0
const timer = setInterval(() => {
  const now = performance.now() - from
  if (now > seconds * 1_000) {
    clearInterval(timer)
    void reportWhenAnswered(now + 10_000)
    return
  }
  for (; sent < (now / 1_000) * rate; sent += 1) {
    const line = idle.shift()
    if (!line) break
    // From when it was to be sent: waiting for a connection of ours counts too.
    line.dueAt = from + (sent / rate) * 1_000
    line.sentAt = performance.now()
    late.push(line.sentAt - line.dueAt)
    line.socket.write(requests[sent % requests.length] ?? '')
  }
}, 1)

/** Whatever is still under way has ten seconds to be answered. */
async function reportWhenAnswered(until: number): Promise<void> {
  while (idle.length < connections && performance.now() - from < until) await setTimeout(20)
  report()
}

function report(): void {
  const end = from + seconds * 1_000
  const share = (list: readonly number[], part: number) =>
    Math.round(list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0)
  const inTime = accepted.filter(({ at }) => at <= end)
  console.log(
    JSON.stringify({
      offered: Math.round(sent / seconds),
      served: Math.round(inTime.length / seconds),
      accepted: accepted.length,
      acceptedMs: [0.5, 0.99, 1].map(part =>
        share(
          accepted.map(({ ms }) => ms),
          part,
        ),
      ),
      refused: refused.length,
      refusedMs: [0.5, 0.99, 1].map(part => share(refused, part)),
      refusedSinceSentMs: [0.5, 0.99, 1].map(part => share(refusedSinceSent, part)),
      lateMs: [0.5, 0.99, 1].map(part => share(late, part)),
      ...counts,
    }),
  )
  process.exit()
}
