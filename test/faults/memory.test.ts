/** Several hundred answers of sick destinations do not make the process bigger than as many good ones did.
 *
 *  Measured is the highest resident set of a real child process (`VmHWM`, set back before each round), once it has stopped growing by
 *  itself: a peak counts although it is over when one looks. V8 would let garbage lie until it needs the room, which hides 20 MB easily
 *  (measured: 330 MB against 200), so the heap of the process is kept small; whatever is held beside it (buffers, sockets) is not. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { HOOK_SECRET, type Home, home, post, type Running, SECRET } from '../support/service.ts'
import { answer, blackhole, type Fault, type FaultServer, resetAfter, startFaultServer } from './server.ts'
import { bomb, framed, huge } from './shapes.ts'

const ROUND = 200
const GROWTH_MAX_MB = 20
const HEAP = '--max-semi-space-size=1 --max-old-space-size=48'

let isSick = false
const well = answer(framed({ status: 200, body: 'ok' }))
const swollen = bomb()
let hugeAnswers = 0

/** 2xx, so that every ticket is answered anew: after five failures in a row only a probe would be sent now and then. */
const alternately: Fault = (socket, heard) => {
  hugeAnswers += 1
  const headers = ['Content-Encoding: gzip']
  const { fault } =
    hugeAnswers % 2 === 0
      ? huge({ status: 200 }, 100_000_000)
      : huge({ status: 200, headers }, swollen.length, { chunk: swollen })
  fault(socket, heard)
}
/** A head that never gets whole; how a byte a second is taken stands in slow.test.ts. */
const dripping: Fault = socket => socket.write('H')

const sick: Readonly<Record<string, Fault>> = {
  silent: blackhole,
  dripping,
  huge: alternately,
  resetting: resetAfter(),
  limiting: answer(framed({ status: 429, body: 'x'.repeat(60_000), headers: ['Retry-After: 0'] })),
}
const paths = new Map<string, string>()

let faults: FaultServer
let receiver: Receiver
let place: Home
let service: Running
let sent = 0

before(async () => {
  faults = await startFaultServer()
  receiver = await startReceiver()
  for (const [name, fault] of Object.entries(sick)) {
    paths.set(
      name,
      faults.add((socket, heard) => (isSick ? fault : well)(socket, heard)),
    )
  }
  const lines = [...paths].map(([name, path]) => destination(name, `http://127.0.0.1:${faults.port}${path}`))
  place = home(`
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
${[...lines, destination('well', `${receiver.url}/well`)].join('\n')}
routes: [{ to: [${[...paths.keys(), 'well'].join(', ')}] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
limits: { ticketsPerUserPerHour: 100000 }
`)
  const { NODE_OPTIONS } = process.env
  process.env.NODE_OPTIONS = HEAP
  service = await place.start()
  if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = NODE_OPTIONS
})
after(async () => {
  await place.dispose()
  await faults.close()
  await receiver.close()
})

const destination = (name: string, url: string) =>
  `  ${name}: { kind: webhook, url: "${url}", secret: "${HOOK_SECRET}", timeout: 2s }`

/** Sends so many tickets and waits until the well destination and the huge one have all of them; the peak meanwhile in MB. */
const peakOfRound = async (): Promise<number> => {
  const { pid } = service.child
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  sent += ROUND
  const writer = async () => {
    for (let i = 0; i < ROUND / 5; i += 1) assert.equal((await post(service.address, { message: 'm' })).status, 200)
  }
  await Promise.all(Array.from({ length: 5 }, writer))
  await receiver.seen(sent)
  await faults.asked(paths.get('huge') ?? '', sent)
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_000
}

test('five sick destinations, 100 MB and bombs among them, do not grow the process by 20 MB, and the well one has everything', async t => {
  const healthy: number[] = []
  for (let round = 0; round < 4; round += 1) healthy.push(await peakOfRound())
  isSick = true
  const ailing: number[] = []
  for (let round = 0; round < 3; round += 1) ailing.push(await peakOfRound())
  t.diagnostic(`peaks in MB: healthy ${healthy.map(Math.round)}, sick ${ailing.map(Math.round)}`)

  assert.ok(hugeAnswers >= 3 * ROUND, `${hugeAnswers} huge answers`)
  const growth = Math.max(...ailing) - (healthy.at(-1) ?? 0)
  assert.ok(growth <= GROWTH_MAX_MB, `it grew by ${growth.toFixed(1)} MB`)

  const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
  assert.equal(ids.length, sent)
  assert.equal(new Set(ids).size, sent, 'each ticket once')
})
