/** What a long history costs: CPU per ticket stored and per delivery taken, on a store of a million delivered and a hundred thousand dead
 *  deliveries, against an empty one, in turns within one run; how long a slice of forgetting holds the writer; how long a backup takes:
 *  `node bench/growth.ts [tickets in the history] [rounds]`. BENCH_FOLDER says where the data lies. */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../src/domain/clock.ts'
import { afterAttempt } from '../src/domain/delivery.ts'
import { idMaker } from '../src/domain/id.ts'
import { backUp } from '../src/store/sqlite/backup.ts'
import { sqliteReads } from '../src/store/sqlite/core.ts'
import { openWriter } from '../src/store/sqlite/open.ts'
import { ticket } from '../test/contracts/store/arrange.ts'
import { median } from './support/processes.ts'

const [history = 550_000, rounds = 9] = process.argv.slice(2).map(Number)
const DESTINATIONS = ['one', 'two']
const TICKETS = 2_048
const BATCH = 64
/** Tickets in a part of the users' index, as intake makes them. */
const PART = 4_100
const YEAR_MS = 365 * 24 * 3_600_000
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'support-relay-bench-'))

const open = (name: string) => {
  mkdirSync(join(folder, name))
  const path = join(folder, name, 'support-relay.db')
  const writer = openWriter(path, { random: systemRandom, now: () => Date.now() })
  const leases = writer.writes.takeLeases({ engine: 'bench', destinations: DESTINATIONS, forMs: YEAR_MS })
  return { ...writer, path, leases, reads: sqliteReads(writer.db) }
}
type Opened = ReturnType<typeof open>

/** Two deliveries for each ticket, every eleventh of them dead, each with its attempt; over the three years before last year. */
const fill = ({ db }: Opened, count: number): void => {
  const from = Date.now() - 4 * YEAR_MS
  db.transaction(() => {
    db.exec(`
      create temp table n as with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
        select i, ${from} + i * ${Math.floor((3 * YEAR_MS) / count)} as at from n;
      insert into tickets (number, id, created_at, username, part, user_ordinal, status, subject, message, user, technical)
        select i, unhex(format('%012x', at) || '7000' || format('%016x', i)), at, 'User#' || (i % 2000), i / ${PART} + 1, i / 2000 + 1,
          'RECEIVED', 'My subject', '${'It broke. '.repeat(94)}', '{"role":"USER"}', '{"requestId":"r"}' from n;
      insert into ticket_parts select part, min(number), min(created_at), max(created_at) from tickets group by part;
      insert into events (ticket_number, event_number, kind, at) select i, 1, 'CREATED', at from n;
      insert into deliveries (ticket_number, destination, event_number, state, next_attempt_at, attempts)
        select i, d.value, 1, iif((i * 2 + (d.value = 'two')) % 11 = 0, 'DEAD', 'DELIVERED'), at, 1
        from n, json_each('["one", "two"]') d;
      insert into attempts select ticket_number, destination, 1, 1, next_attempt_at, 5, 'DELIVERED', 200, 'ok' from deliveries;
      drop table n`)
  })
}

const nextId = idMaker({ now: () => Date.now() }, systemRandom)
let made = 0
const store = ({ writes }: Opened): void => {
  for (let i = 0; i < TICKETS; i += BATCH) {
    const tickets = Array.from({ length: BATCH }, () => {
      made += 1
      const username = `User#${made % 2_000}`
      return ticket({ id: nextId(), createdAt: Date.now(), username, destinations: DESTINATIONS, limitPerHour: 1e6 })
    })
    writes.batch({ tickets, settlements: [] })
  }
}

/** As a lane does: read what is due, look for a probe, load each, settle in batches. */
const deliver = ({ reads, writes, leases }: Opened): void => {
  for (const { destination, epoch, health } of leases) {
    for (;;) {
      const now = Date.now()
      const { deliveries } = reads.due({ destination, now, limit: BATCH })
      if (deliveries.length === 0) break
      const settlements = deliveries.map(progress => {
        reads.outgoing(progress)
        const options = { now, startedAt: now, isProbe: false, fraction: 0, nextLevel: null }
        const after = afterAttempt(progress, health, { kind: 'delivered' }, options)
        const attempt = { at: now, ms: 5, outcome: 'DELIVERED', status: 200, excerpt: 'ok' } as const
        return { epoch, progress: after.progress, state: after.state, reason: null, health, ref: null, attempt }
      })
      writes.batch({ tickets: [], settlements })
    }
    reads.probe({ destination })
  }
}

const cpuUs = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
const round = (opened: Opened) => ({
  stored: cpuUs(() => store(opened)) / TICKETS,
  delivered: cpuUs(() => deliver(opened)) / TICKETS / DESTINATIONS.length,
})

const large = open('large')
fill(large, history)
while (large.writes.index({ limit: 500 }) > 0);
for (const { state, n } of large.db.prepare('select state, count(*) as n from deliveries group by state').all())
  console.log(`history: ${n} ${state}`)
// What is new is the same in both, so that only the history tells them apart.
const empty = open('empty')
const ratios = { stored: [] as number[], delivered: [] as number[] }
for (let nth = 0; nth < rounds; nth += 1) {
  const early = nth % 2 === 0 ? round(empty) : undefined
  const many = round(large)
  const few = early ?? round(empty)
  ratios.stored.push(many.stored / few.stored)
  ratios.delivered.push(many.delivered / few.delivered)
  console.log(
    `CPU us a ticket stored: empty ${few.stored.toFixed(0)}, with history ${many.stored.toFixed(0)} · a delivery: ${few.delivered.toFixed(0)}, ${many.delivered.toFixed(0)}`,
  )
}
console.log(
  `with history : empty, median of ${rounds}: ${median(ratios.stored).toFixed(2)} a ticket stored, ${median(ratios.delivered).toFixed(2)} a delivery`,
)

const filter = { username: null, status: null, type: null, destination: null, delivery: null }
for (const [what, asked] of Object.entries({
  'the newest 50': filter,
  "a user's own": { ...filter, username: 'User#7' },
})) {
  const pages = Array.from({ length: 200 }, () => {
    const from = performance.now()
    large.reads.tickets({ filter: asked, before: null, limit: 50 })
    return performance.now() - from
  }).sort((a, b) => a - b)
  console.log(`browse, ${what}: p50 ${pages[100]?.toFixed(1)}, p95 ${pages[190]?.toFixed(1)} ms`)
}

const began = performance.now()
const { bytes } = backUp(join(folder, 'large'), join(folder, 'backup'), Date.now())
console.log(`backup of ${(bytes / 1e6).toFixed(0)} MB: ${((performance.now() - began) / 1_000).toFixed(1)} s, checked`)

const held: number[] = []
let removed = 0
for (let slice = { after: null as string | null, isLast: false, removed: 0 }; !slice.isLast; removed += slice.removed) {
  const from = performance.now()
  slice = large.writes.forgetTickets({ before: Date.now() - 2 * YEAR_MS, after: slice.after, limit: 50 })
  held.push(performance.now() - from)
}
held.sort((a, b) => a - b)
const at = (share: number) => held[Math.min(held.length - 1, Math.floor(held.length * share))]?.toFixed(1)
console.log(
  `forgot ${removed} tickets in ${held.length} slices: ${at(0.5)} ms (p99 ${at(0.99)}, longest ${at(1)}); the file has ${(statSync(large.path).size / 1e6).toFixed(0)} MB`,
)
empty.db.close()
large.db.close()
rmSync(folder, { recursive: true })
