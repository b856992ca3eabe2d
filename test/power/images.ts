/** Power cuts at many moments of one trace: each leaves an image of the disk, which the real store opens and which must hold all that was promised. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../src/domain/clock.ts'
import { openDirectStore } from '../../src/store/sqlite/direct.ts'
import { examine } from '../../src/store/sqlite/examine.ts'
import { type Chance, chanceFrom } from '../simulation/chance.ts'
import { mountMemoryDisk } from '../support/memory-disk.ts'
import { readStored, type Stored } from '../support/stored.ts'
import { HOOKS } from '../support/two-hooks.ts'
import { CrashDisk, type Mercy } from './disk.ts'
import type { Step } from './trace.ts'

export type Images = {
  count: number
  /** Of them: with something in the log, or in the database itself, that no sync had covered. */
  logUnsynced: number
  checkpointing: number
  /** With deliveries that were settled, and with ones that were not. */
  partlyDelivered: number
  /** Acknowledged tickets that were looked for, in all images together. */
  promised: number
  /** What was found missing or torn. */
  readonly failures: string[]
}

/** Nothing survives but what was synced; everything does; and chance between. */
const MERCIES: readonly Mercy[] = [
  { keep: 0, tear: 0 },
  { keep: 1, tear: 0 },
  { keep: 0, tear: 1 },
  { keep: 0.5, tear: 0.5 },
  { keep: 0.9, tear: 0.5 },
  { keep: 0.1, tear: 0 },
]

export const crash = async (
  steps: readonly Step[],
  dataFolder: string,
  told: ReadonlyMap<string, string>,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Images> => {
  const chance = chanceFrom(seed)
  const moments = pickMoments(steps, count, chance)
  // In memory, where that can be had: opening thousands of images would spend its time in syncs that prove nothing.
  const memory = mountMemoryDisk(1_024)
  const folder = mkdtempSync(join(memory?.path ?? tmpdir(), 'support-relay-images-'))
  const images: Images = { count: 0, logUnsynced: 0, checkpointing: 0, partlyDelivered: 0, promised: 0, failures: [] }
  const marks = new Map([...told].map(([mark, id]) => [id, mark]))
  const promised = new Map<string, string>()
  const disk = new CrashDisk(dataFolder, chance)
  try {
    for (const [nth, step] of steps.entries()) {
      disk.apply(step)
      if (step.happened.kind === 'answer') for (const id of step.happened.ids) promised.set(id, marks.get(id) ?? '')
      for (let more = moments.get(nth) ?? 0; more > 0; more -= 1) {
        const mercy = chance.pick(MERCIES)
        const image = join(folder, String(images.count))
        disk.image(image, mercy)
        images.count += 1
        images.promised += promised.size
        if (disk.pendingIn('-wal') > 0) images.logUnsynced += 1
        if (disk.pendingIn('.db') > 0) images.checkpointing += 1
        const where = `image ${images.count} (seed ${seed}, after step ${nth} of ${steps.length}, ${JSON.stringify(mercy)})`
        try {
          const { delivered, pending } = await reopen(join(image, 'support-relay.db'), promised)
          if (delivered > 0 && pending > 0) images.partlyDelivered += 1
        } catch (error) {
          images.failures.push(`${where}: ${error instanceof Error ? error.message : error}`)
        }
        rmSync(image, { recursive: true })
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
    memory?.unmount()
  }
  return images
}

/** How many images after each step: a third anywhere, a third right after an answer, a third while the database itself is being written. */
const pickMoments = (steps: readonly Step[], count: number, chance: Chance): Map<number, number> => {
  const all = [...steps.keys()]
  const answers = all.filter(nth => steps[nth]?.happened.kind === 'answer')
  const checkpoints = all.filter(nth => {
    const happened = steps[nth]?.happened
    return happened && 'path' in happened && happened.path.endsWith('.db')
  })
  const moments = new Map<number, number>()
  for (let i = 0; i < count; i += 1) {
    const nth = chance.pick([all, answers, checkpoints][i % 3] ?? all)
    moments.set(nth, (moments.get(nth) ?? 0) + 1)
  }
  return moments
}

/** Opens what is left as the service would, and throws for whatever is not whole. */
const reopen = async (path: string, promised: ReadonlyMap<string, string>): Promise<Stored> => {
  examine(path)
  const store = openDirectStore(path, { random: systemRandom, now: () => Date.now() })
  try {
    const stored = readStored(path, HOOKS.length)
    for (const [id, mark] of promised) {
      const ticket = stored.tickets.get(id)
      if (!ticket) throw new Error(`${mark} was answered 200 and is not there`)
      if (ticket.subject !== mark || !ticket.message.startsWith(mark)) throw new Error(`${mark} has another text`)
    }
    return stored
  } finally {
    await store.close()
  }
}
