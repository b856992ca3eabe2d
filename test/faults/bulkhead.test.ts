/** Five destinations are sick, one is well: the well one gets everything, once, and waits for nobody. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { FakeClock } from '../support/fake-clock.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { HOOK_SECRET, post, SECRET, token } from '../support/service.ts'
import { answer, blackhole, type Fault, type FaultServer, resetAfter, startFaultServer } from './server.ts'
import { framed, huge, trickle } from './shapes.ts'

const TICKETS = 60
const TIMEOUT_MS = 5_000
/** As many requests as one webhook may have under way at once. */
const CONCURRENCY = 16

const clock = new FakeClock(Date.now())
/** Kept shut, no sick destination brings an answer: then whoever has everything cannot have waited for one. */
const gate = Promise.withResolvers<void>()
/** Sick answers that were given, by destination. */
const answered: Record<string, number> = {}

const counted =
  (name: string, fault: () => Fault): Fault =>
  async (socket, heard) => {
    await gate.promise
    answered[name] = (answered[name] ?? 0) + 1
    fault()(socket, heard)
  }
const sick: Readonly<Record<string, { readonly fault: () => Fault; readonly reason: string }>> = {
  silent: { fault: () => blackhole, reason: 'timeout' },
  trickling: { fault: () => trickle(framed({ status: 200, body: 'ok' }), clock), reason: 'timeout' },
  huge: { fault: () => huge({ status: 503 }, 100_000_000).fault, reason: 'http-503' },
  resetting: { fault: () => resetAfter(), reason: 'connection-reset' },
  limiting: { fault: () => answer(framed({ status: 429, headers: ['Retry-After: 0'] })), reason: 'http-429' },
}
const sickNames = Object.keys(sick)

/** Of the sick ones, in the order of their names. */
const paths: string[] = []
let faults: FaultServer
let at: InProcess
before(async () => {
  faults = await startFaultServer()
  for (const [name, { fault }] of Object.entries(sick)) paths.push(faults.add(counted(name, fault)))
  const lines = sickNames.map((name, i) => destination(name, `http://127.0.0.1:${faults.port}${paths[i]}`))
  at = await startInProcess({
    clock,
    configure: well => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
${[...lines, destination('well', `${well}/well`)].join('\n')}
routes: [{ to: [${[...sickNames, 'well'].join(', ')}] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
limits: { ticketsPerUserPerHour: 100000 }
`,
  })
})
after(async () => {
  gate.resolve()
  let isStopped = false
  const stopping = at.stop().finally(() => {
    isStopped = true
  })
  while (!isStopped) await clock.advance(1_000)
  await stopping
  await faults.close()
})

const destination = (name: string, url: string) =>
  `  ${name}: { kind: webhook, url: "${url}", secret: "${HOOK_SECRET}", timeout: ${TIMEOUT_MS / 1_000}s }`

/** Sends so many tickets, several at a time; their ids. Where time leapt before, the store may seem to have hung: then the same is sent again
 *  under its key, as the answer says. */
const flood = async (count: number): Promise<string[]> => {
  const ids: string[] = []
  const write = async (key: string) => {
    let received = await post(at.address, { message: key }, { 'idempotency-key': key })
    while (received.status === 503) received = await post(at.address, { message: key }, { 'idempotency-key': key })
    assert.equal(received.status, 200)
    ids.push(received.headers.get('ticket-id') ?? '')
  }
  const writer = async () => {
    for (let i = 0; i < count / 6; i += 1) await write(crypto.randomUUID())
  }
  await Promise.all(Array.from({ length: 6 }, writer))
  return ids
}

const arrived = () => at.receiver.received.map(({ body }) => String(JSON.parse(body).data.ticket.id))

type Shown = { name: string; state: string; reason: string | null; pending: number; dead: number }
const health = async (): Promise<Record<string, Shown>> => {
  const answered = await fetch(`${at.address}/api/support/browseDestinations`, {
    headers: { authorization: `Bearer ${token({ role: 'ADMIN' })}` },
  })
  const { items }: { items: Shown[] } = await answered.json()
  return Object.fromEntries(items.map(item => [item.name, item]))
}

const all: string[] = []

test('while no sick destination has answered and no time has passed, the well one has every ticket, once', async () => {
  all.push(...(await flood(TICKETS)))
  await at.receiver.seen(TICKETS)
  assert.deepEqual(arrived().sort(), [...all].sort())
  assert.deepEqual(answered, {}, 'an answer of a sick destination had come')
  assert.equal(clock.monotonic(), 0, 'a deadline may have passed')
  // Each sick one is asked for as much as it may be asked for at once, and no more: it is its own waiting.
  for (const path of paths) await faults.asked(path, CONCURRENCY)
  const asked = sickNames.map((_, i) => faults.heard.filter(({ path }) => path === paths[i]).length)
  assert.deepEqual(
    asked,
    sickNames.map(() => CONCURRENCY),
  )
})

test('while all of them fail, each in its own way, the well one has every ticket, once', async () => {
  gate.resolve()
  for (let round = 0; round < 5; round += 1) {
    all.push(...(await flood(TICKETS)))
    await at.receiver.seen(all.length)
    // Its answers are booked before time leaps, else the leap would be a deadline of the well one's own.
    while ((await health()).well?.pending !== 0);
    await clock.advance(TIMEOUT_MS)
  }
  assert.deepEqual(arrived().sort(), [...all].sort())

  const isFailing = ({ state, reason }: Shown, name: string) => state === 'FAILING' && reason === sick[name]?.reason
  let shown = await health()
  const missing = () => sickNames.filter(name => !shown[name] || !isFailing(shown[name], name))
  while (missing().length > 0) {
    await clock.advance(1_000)
    shown = await health()
  }
  for (const name of sickNames) {
    const { pending, dead } = shown[name] ?? {}
    assert.deepEqual({ name, pending, dead }, { name, pending: all.length, dead: 0 })
    assert.ok((answered[name] ?? 0) >= CONCURRENCY, `${name} was asked`)
  }
  const { state, reason, pending, dead } = shown.well ?? {}
  assert.deepEqual({ state, reason, pending, dead }, { state: 'OK', reason: null, pending: 0, dead: 0 })
  assert.equal(new Set(at.receiver.received.map(({ headers }) => headers['webhook-id'])).size, all.length)
})
