/** Searching 100,000 tickets while 50 a second arrive, in the store as the service uses it; pages of all of them; and what the index costs:
 *  `node bench/search.ts [tickets] [seconds]`. BENCH_FOLDER says where the data lies. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '../src/domain/clock.ts'
import { idMaker } from '../src/domain/id.ts'
import { referenceCode } from '../src/domain/reference.ts'
import { searchClauses } from '../src/domain/search-text.ts'
import { startIndexing } from '../src/engine/indexing.ts'
import { openWriter } from '../src/store/sqlite/open.ts'
import { openThreadedStore } from '../src/store/sqlite/threaded.ts'
import { ticket } from '../test/contracts/store/arrange.ts'

const [history = 100_000, seconds = 20] = process.argv.slice(2).map(Number)
const PER_SECOND = 50
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'support-relay-bench-'))
const path = join(folder, 'support-relay.db')
const nextId = idMaker(systemClock, systemRandom)

/** A vocabulary of 30,000 words as a language has it: the nth as frequent as 1/n. */
const WORDS = Array.from({ length: 30_000 }, (_, i) => `${(i * 7919).toString(36)}${i % 3 === 0 ? 'ing' : ''}`)
const word = (): string => WORDS[Math.floor(WORDS.length ** Math.random()) - 1] ?? ''
const sentence = (count: number): string => `${Array.from({ length: count }, word).join(' ')}.`
let made = 0
/** 1 kB of words, a path and an error code. */
const written = () => {
  made += 1
  return ticket({
    id: nextId(),
    createdAt: Date.now(),
    username: `User#${made % 2_000}`,
    type: made % 3 === 0 ? 'BUG' : null,
    subject: sentence(6),
    message: `${Array.from({ length: 14 }, () => sentence(10)).join('\n')} /app/jobs/${made}?tab=${word()} E${made % 900}-${made % 7}`,
    destinations: [],
    limitPerHour: 1e6,
  })
}
const cpuUs = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
const quantiles = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1)
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)} ms (${values.length})`
}

// What the index costs: the same tickets, then their index.
const { db, writes } = openWriter(path, { random: systemRandom, now: () => Date.now() })
const stored = cpuUs(() => {
  for (let i = 0; i < history; i += 250)
    writes.batch({ tickets: Array.from({ length: 250 }, written), settlements: [] })
})
const bytes = () => {
  db.exec('pragma wal_checkpoint(truncate)')
  return statSync(path).size
}
const before = bytes()
const slices: number[] = []
const indexed = cpuUs(() => {
  for (let left = 1; left > 0; ) {
    const from = performance.now()
    left = writes.index({ limit: 50 })
    slices.push(performance.now() - from)
  }
})
const perTicket = (total: number) => (total / history).toFixed(0)
console.log(`${history} tickets: ${perTicket(before)} bytes each, and ${perTicket(bytes() - before)} for the index`)
console.log(`CPU: ${perTicket(stored)} us a ticket made and stored, ${perTicket(indexed)} us indexed`)
console.log(`a slice of 50 holds the writer: ${quantiles(slices)}`)
db.close()

const store = await openThreadedStore(folder, { clock: systemClock, onFatal: error => console.error(error) })
const references = referenceCode(store.keys.reference)
const stop = startIndexing({ store, clock: systemClock, onError: error => console.error(error) })
/** How long tickets take that arrive alone, and beside searches; in turns, so that a machine's mood is the same for both. */
const intake = { alone: [] as number[], beside: [] as number[] }
let phase: keyof typeof intake = 'alone'
const arrivals = setInterval(() => {
  const [from, during] = [performance.now(), phase]
  void store.accept(written()).then(() => intake[during].push(performance.now() - from))
}, 1_000 / PER_SECOND)
const filter = { username: null, status: null, type: null, destination: null, delivery: null }
const QUERIES: Readonly<Record<string, () => string>> = {
  'a common word': () => WORDS[Math.floor(Math.random() * 5)] ?? '',
  'two or three words': () => Array.from({ length: 2 + Math.round(Math.random()) }, word).join(' '),
  'common words': () => WORDS.slice(0, 12).join(' '),
  'a rare word': () => WORDS[20_000 + Math.floor(Math.random() * 10_000)] ?? '',
  'a path': () => `/app/jobs/${Math.ceil(Math.random() * history)}`,
  'one letter': () => 'e',
  'a word that is nowhere': () => 'unheardof',
  'a reference': () => references.format(Math.ceil(Math.random() * history)),
}
const times = new Map<string, number[]>()
const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  const from = performance.now()
  await work()
  times.set(what, [...(times.get(what) ?? []), performance.now() - from])
}
const search = (text: string, type: 'BUG' | 'QUESTION' | null = null) =>
  store.search({
    clauses: searchClauses(text, references),
    filter: { ...filter, type },
    from: null,
    to: null,
    before: null,
    limit: 50,
  })
const all: number[] = []
for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
  phase = 'alone'
  await new Promise(resolve => setTimeout(resolve, 500))
  phase = 'beside'
  for (const [what, query] of Object.entries(QUERIES)) {
    await timed(what, () => search(query()))
    all.push(times.get(what)?.at(-1) ?? 0)
  }
  await timed('(a common word, a filter that nothing passes)', () => search(WORDS[0] ?? '', 'QUESTION'))
  await timed('(browse, newest 50)', () => store.tickets({ filter, before: null, limit: 50 }))
  await timed('(from the commit until it is found)', async () => {
    const message = `unique${made}word`
    await store.accept({ ...written(), message })
    while ((await search(message)).tickets.length === 0) await new Promise(resolve => setTimeout(resolve, 10))
  })
}
for (const [what, values] of times) console.log(`${what}: ${quantiles(values)}`)
console.log(`searches altogether: ${quantiles(all)}, while ${PER_SECOND} tickets a second arrived`)
clearInterval(arrivals)
for (const [when, values] of Object.entries(intake)) console.log(`a ticket stored, ${when}: ${quantiles(values)}`)
stop()
await store.close()
rmSync(folder, { recursive: true })
