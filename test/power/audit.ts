/** Whether each 200 followed the sync that covers its ticket: read from the order of writes, syncs and answers alone. */
import type { Happened, Step } from './trace.ts'

export type Violation = { readonly mark: string; readonly why: string }
export type Audit = { readonly answers: number; readonly syncs: number; readonly violations: readonly Violation[] }

const FRAME_HEADER_BYTES = 24
const MARK = /mark-\d{6}/g

/** @param told each ticket's id by the mark in its subject */
export const audit = (steps: readonly Step[], told: ReadonlyMap<string, string>): Audit => {
  const marks = new Map([...told].map(([mark, id]) => [id, mark]))
  const log = readLog()
  const violations: Violation[] = []
  const answered = new Set<string>()
  for (const { happened, phase } of steps) {
    if (happened.kind !== 'answer') log.apply(happened, phase)
    else if (phase === 'begun') {
      for (const id of happened.ids) {
        const mark = marks.get(id)
        if (mark === undefined) violations.push({ mark: id, why: 'nobody asked for this ticket' })
        else if (answered.has(mark)) violations.push({ mark, why: 'answered twice' })
        else if (!log.durable.has(mark)) violations.push({ mark, why: log.whyNot(mark) })
        answered.add(mark ?? id)
      }
    }
  }
  for (const mark of marks.values())
    if (!answered.has(mark)) violations.push({ mark, why: 'its answer is not in the trace' })
  return { answers: answered.size, syncs: log.syncs(), violations }
}

/** The write-ahead log as transactions: a frame is a header of 24 bytes and a page; the header of a transaction's last frame names the
 *  size of the database, all others zero (https://sqlite.org/fileformat2.html#the_write_ahead_log). */
const readLog = () => {
  const durable = new Set<string>()
  let [open, committed]: [string[], string[]] = [[], []]
  const written = new Set<string>()
  let isLastFrame = false
  let syncCount = 0
  const covered = new Map<Happened, readonly string[]>()

  const write = (data: Buffer) => {
    if (data.length === FRAME_HEADER_BYTES) {
      isLastFrame = data.readUInt32BE(4) > 0
      return
    }
    for (const [mark] of data.toString('latin1').matchAll(MARK)) {
      if (!written.has(mark)) open.push(mark)
      written.add(mark)
    }
    if (!isLastFrame) return
    committed.push(...open)
    open = []
    isLastFrame = false
  }

  return {
    durable,
    syncs: () => syncCount,
    whyNot: (mark: string) =>
      !written.has(mark)
        ? 'not even written'
        : open.includes(mark)
          ? 'not committed'
          : 'written and committed, not synced',
    apply(happened: Exclude<Happened, { kind: 'answer' }>, phase: Step['phase']) {
      if (!happened.path.endsWith('-wal')) return
      if (happened.kind === 'write' && phase === 'done') write(happened.data)
      if (happened.kind !== 'sync') return
      // A sync covers what was written before it began, and counts from when it has ended.
      // One that failed covers nothing, and no later one what it gave up: the kernel may have forgotten it.
      if (phase === 'begun') covered.set(happened, committed.slice())
      else if (phase === 'failed') {
        const lost = new Set(covered.get(happened))
        committed = committed.filter(mark => !lost.has(mark))
      } else {
        const done = covered.get(happened) ?? []
        for (const mark of done) durable.add(mark)
        committed = committed.filter(mark => !durable.has(mark))
        syncCount += 1
      }
    },
  }
}
