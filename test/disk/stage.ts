/** The real program on a disk that falls sick and recovers, under load; and the books that are drawn up when it is over. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type MemoryDisk, mountMemoryDisk } from '../support/memory-disk.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { type Running, startProgram } from '../support/service.ts'
import { readStored } from '../support/stored.ts'
import { HOOKS, twoHooks } from '../support/two-hooks.ts'
import { type Load, startLoad, until } from './load.ts'

/** The promise. A busy machine adds as much as the slowest answer that needs no disk takes; and whoever came while an earlier commit was
 *  under way waited for that one too, as long as a ticket takes on this disk. */
const REFUSED_WITHIN_MS = 1_000
const BACK_WITHIN_MS = 5_000
/** How long a sickness lasts at least, in refusals and looks at the pages. */
const REFUSALS = 10

export type Stage = {
  readonly disk: MemoryDisk | undefined
  readonly load: Load
  readonly receiver: Receiver
  readonly pid: number
  /** Resolves once so many tickets were refused, and everything that must still answer has answered meanwhile. */
  sick(): Promise<void>
  /** Resolves once `/status` and tickets are at 200 again, with how many milliseconds that took. */
  back(): Promise<number>
  start(): Promise<Running>
  end(signal: NodeJS.Signals): Promise<number | string>
  /** How many deliveries may come twice: what was under way when it ended without space to record it. */
  mayRepeat: number
}

/** Runs `story` on a fresh service under load, then stops both and draws up the books. */
export const onDisk = async (t: TestContext, name: string, story: (stage: Stage) => Promise<void>): Promise<void> => {
  const disk = mountMemoryDisk(48)
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-sick-'))
  const data = join(disk?.path ?? folder, 'data')
  const receiver = await startReceiver()
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(config, twoHooks(receiver.url))
  let running: Running | undefined
  const start = async () => (running = await startProgram(['serve', '--config', config, '--data', data], folder))
  const end = async (signal: NodeJS.Signals) => {
    const ending = running
    running = undefined
    return (await ending?.end(signal)) ?? 'not running'
  }
  let load: Load | undefined
  try {
    await start()
    load = startLoad(() => running?.address, name)
    const stage = stageOf({ disk, load, receiver, start, end, pid: () => running?.child.pid ?? 0, mayRepeat: 0 })
    await until('tickets are taken', 5_000, () => stage.load.answered.length > REFUSALS)
    await story(stage)
    await load.stop()
    const database = join(data, 'support-relay.db')
    await until('everything is delivered', 20_000, () => readStored(database, HOOKS.length).pending === 0)
    assert.equal(await end('SIGTERM'), 0)
    drawUp(t, database, stage)
  } finally {
    await load?.stop().catch(() => {}) // the story's own failure is the one to tell
    if (running) await end('SIGKILL')
    await receiver.close()
    disk?.unmount()
    rmSync(folder, { recursive: true })
  }
}

const stageOf = (deps: Omit<Stage, 'sick' | 'back' | 'pid'> & { readonly pid: () => number }): Stage => {
  const { answered, seen } = deps.load
  return {
    ...deps,
    get pid() {
      return deps.pid()
    },
    async sick() {
      const from = performance.now()
      const refused = () => answered.filter(({ at, status }) => at > from && status === 503).length
      await until('tickets are refused', 10_000, () => refused() >= REFUSALS)
      for (const [path, status] of [
        ['/', 200],
        ['/livez', 200],
        ['/status', 503],
      ] as const) {
        const looks = () => seen.filter(look => look.at > from && look.path === path && look.status === status).length
        await until(`${path} answers ${status}`, 5_000, () => looks() >= 3)
      }
    },
    async back() {
      const from = performance.now()
      const isTaken = () => answered.some(({ at, ms, status }) => at - ms > from && status === 200)
      const isWell = () =>
        seen.some(({ at, ms, path, status }) => at - ms > from && path === '/status' && status === 200)
      await until('it takes tickets and says so', BACK_WITHIN_MS, () => isTaken() && isWell())
      return Math.round(performance.now() - from)
    },
  }
}

/** What was told must be true, and what was stored must have been delivered once. */
const drawUp = (t: TestContext, database: string, { load, receiver, mayRepeat }: Stage): void => {
  const { tickets } = readStored(database, HOOKS.length)
  const marks = new Map([...tickets].map(([id, { subject }]) => [subject, id]))
  assert.equal(marks.size, tickets.size, 'no ticket is there twice')
  const busyMs = Math.max(...load.seen.filter(({ path }) => path === '/livez').map(({ ms }) => ms))
  const taken = load.answered.filter(({ status }) => status === 200).map(({ ms }) => ms)
  const withinMs = REFUSED_WITHIN_MS + busyMs + (taken.toSorted((a, b) => a - b)[taken.length >> 1] ?? 0)
  for (const { mark, status, errorCode, id, retryAfter, ms } of load.answered) {
    assert.ok(status === 200 || status === 503, `${mark} was answered ${status} ${errorCode}`)
    if (status === 200) assert.equal(marks.get(mark), id, `${mark} was answered 200`)
    if (errorCode === 'STORE_UNAVAILABLE') assert.ok(!marks.has(mark), `${mark} was said not to be stored`)
    if (status === 503) assert.ok(Number(retryAfter) > 0 && ms < withinMs, `${mark}: ${retryAfter}, ${ms} ms`)
  }
  for (const { path, status } of load.seen)
    assert.ok(status === 200 || (path === '/status' && status === 503), `${path}: ${status}`)
  const sent = receiver.received.map(({ path, headers }) => `${path} ${headers['webhook-id']}`)
  assert.equal(new Set(sent).size, tickets.size * HOOKS.length, 'everything was delivered')
  assert.ok(sent.length - new Set(sent).size <= mayRepeat, `${sent.length - new Set(sent).size} were delivered twice`)

  const count = (code: string | null) => load.answered.filter(({ errorCode }) => errorCode === code).length
  const slowest = (list: readonly { ms: number }[]) => Math.max(0, ...list.map(({ ms }) => ms)).toFixed(0)
  const refused = load.answered.filter(({ status }) => status === 503)
  t.diagnostic(
    `${count(null)} accepted, ${count('STORE_UNAVAILABLE')} not stored, ${count('OUTCOME_UNKNOWN')} unknown (of these ${tickets.size - count(null)} stored); slowest refusal ${slowest(refused)} ms, slowest page ${slowest(load.seen)} ms, of these /livez ${busyMs.toFixed(0)} ms`,
  )
}
