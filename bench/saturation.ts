/** How much of the store's own speed reaches the caller: the service at 256 connections against batch inserts into the synchronous core,
 *  in one run: `node bench/saturation.ts [seconds] [rounds]`. Build first (`npm run build`). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '../src/domain/clock.ts'
import { idMaker } from '../src/domain/id.ts'
import type { NewTicket } from '../src/domain/ticket.ts'
import { openWriter } from '../src/store/sqlite/open.ts'
import { arrange, USERS } from './support/arrange.ts'
import { load, median, startProgram, stopProgram } from './support/processes.ts'

const BATCH = 256
const [seconds = 5, rounds = 3] = process.argv.slice(2).map(Number)
const arranged = await arrange(null)
const service = await startProgram([
  join(import.meta.dirname, '../dist/src/cli/main.js'),
  'serve',
  '--config',
  arranged.config,
])
const nextId = idMaker(systemClock, systemRandom)

const ratios: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const core = insertFor(seconds)
  const { perSecond, p50Ms, p99Ms, refused } = await load(service.address, {
    connections: 256,
    seconds,
    env: arranged.env,
  })
  ratios.push(perSecond / core)
  console.log(
    `core ${core.toFixed(0)}/s · service ${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, refused ${refused} · ratio ${ratios.at(-1)?.toFixed(3)}`,
  )
}
console.log(`median ratio at 256 connections: ${median(ratios).toFixed(3)}`)
await stopProgram(service)
rmSync(arranged.folder, { recursive: true })

/** Tickets a second, in batches of 256, the making of the tickets left out. */
function insertFor(wantedSeconds: number): number {
  const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'support-relay-core-'))
  const { db, writes } = openWriter(join(folder, 'core.db'), { random: systemRandom, now: () => Date.now() })
  let spentMs = 0
  let count = 0
  while (spentMs < wantedSeconds * 1_000) {
    const tickets = Array.from({ length: BATCH }, ticket)
    const begun = performance.now()
    writes.batch({ tickets, settlements: [] })
    spentMs += performance.now() - begun
    count += BATCH
  }
  db.close()
  rmSync(folder, { recursive: true })
  return count / (spentMs / 1_000)
}

function ticket(): NewTicket {
  const id = nextId()
  return {
    id,
    createdAt: Date.now(),
    type: null,
    subject: 'My subject',
    message: 'It broke. '.repeat(94),
    user: {
      username: `User#${Math.floor(Math.random() * USERS)}`,
      role: 'USER',
      name: 'Ada Lovelace',
      email: 'ada@sdu.dk',
      organization: 'sdu.dk',
    },
    project: null,
    projects: ['p-1'],
    technical: { requestId: id, userAgent: null },
    context: null,
    destinations: ['one', 'two'],
    limitPerHour: 1_000_000,
    idempotency: { key: `bench-${id}`, fingerprint: new Uint8Array(32) },
  }
}
