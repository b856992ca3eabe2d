/** A disk that can lose its power: keeps what was synced, and of everything else what chance lets through, whole or in sectors. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Chance } from '../simulation/chance.ts'
import type { Happened, Step } from './trace.ts'

export const SECTOR_BYTES = 512

/** How much of what was not synced survives: each write is kept, else torn into sectors of which chance keeps half, else dropped. */
export type Mercy = { readonly keep: number; readonly tear: number }

type Change = { readonly happened: Extract<Happened, { kind: 'write' | 'truncate' }>; isDone: boolean }
type File = { synced: Buffer; size: number; pending: Change[] }
/** Names that came or went, together, since their folder was synced. */
type Renamed = readonly (readonly [path: string, file: File | undefined])[]

export class CrashDisk {
  readonly #folder: string
  readonly #chance: Chance
  #names = new Map<string, File>()
  #syncedNames = new Map<string, File>()
  #renamed: Renamed[] = []
  #folderIsThere = false
  /** What each sync that is under way will have covered. */
  readonly #covers = new Map<Happened, (isDone: boolean) => void>()

  constructor(folder: string, chance: Chance) {
    this.#chance = chance
    this.#folder = folder
  }

  apply({ happened, phase }: Step): void {
    switch (happened.kind) {
      case 'answer':
        return
      case 'create':
        if (phase === 'done') this.#create(happened.path)
        return
      case 'remove':
        if (phase === 'begun') this.#rename([[happened.path, undefined]])
        return
      case 'rename':
        if (phase === 'begun')
          this.#rename([
            [happened.to, this.#file(happened.path)],
            [happened.path, undefined],
          ])
        return
      case 'sync':
        if (phase === 'begun') this.#covers.set(happened, this.#coverOf(happened.path))
        else this.#covers.get(happened)?.(phase === 'done')
        return
      default: {
        const { pending } = this.#file(happened.path)
        if (phase === 'begun') pending.push({ happened, isDone: false })
        else for (const change of pending) if (change.happened === happened) change.isDone = true
      }
    }
  }

  /** Writes to the file that no sync has covered yet. */
  pendingIn(suffix: string): number {
    return [...this.#names].reduce(
      (sum, [path, { pending }]) => (path.endsWith(suffix) ? sum + pending.length : sum),
      0,
    )
  }

  /** The folder as it is found when the power is back. */
  image(target: string, mercy: Mercy): void {
    const chance = this.#chance
    mkdirSync(target)
    if (!this.#folderIsThere && !chance.is(mercy.keep)) return
    const found = new Map(this.#syncedNames)
    for (const renamed of this.#renamed) if (chance.is(mercy.keep)) rename(found, renamed)
    for (const [path, file] of found) {
      const content = contentOf(file)
      for (const { happened } of file.pending) {
        if (chance.is(mercy.keep)) content.change(happened)
        else if (happened.kind === 'write' && chance.is(mercy.tear)) tear(happened, content, chance)
      }
      writeFileSync(join(target, basename(path)), content.bytes())
    }
  }

  #create(path: string): void {
    if (path !== this.#folder && !this.#names.has(path))
      this.#rename([[path, { synced: Buffer.alloc(0), size: 0, pending: [] }]])
  }

  #rename(renamed: Renamed): void {
    rename(this.#names, renamed)
    this.#renamed.push(renamed)
  }

  /** What was done before a sync begins is safe once it has ended. When it failed, chance has decided: what had not reached the disk is
   *  forgotten, and a later sync that succeeds says nothing about it (https://lwn.net/Articles/752063/). */
  #coverOf(path: string): (isDone: boolean) => void {
    if (path === this.#folder) {
      const count = this.#renamed.length
      return isDone => {
        if (!isDone) return
        for (const renamed of this.#renamed.splice(0, count)) rename(this.#syncedNames, renamed)
      }
    }
    if (path === dirname(this.#folder)) {
      return isDone => {
        this.#folderIsThere ||= isDone
      }
    }
    const file = this.#file(path)
    const done = new Set(file.pending.filter(({ isDone }) => isDone))
    return isDone => {
      const content = contentOf(file, false)
      for (const { happened } of done) if (isDone || this.#chance.is(0.5)) content.change(happened)
      Object.assign(file, content.file(), { pending: file.pending.filter(change => !done.has(change)) })
    }
  }

  #file(path: string): File {
    const file = this.#names.get(path)
    if (!file) throw new Error(`${path} was written before it was made`)
    return file
  }
}

const rename = (names: Map<string, File>, renamed: Renamed): void => {
  for (const [path, file] of renamed) {
    if (file) names.set(path, file)
    else names.delete(path)
  }
}

/** The synced bytes of a file, to be changed: of a copy, or in place, where room for growth is kept. */
const contentOf = (file: File, isCopy = true) => {
  let bytes = isCopy ? Buffer.from(file.synced) : file.synced
  let size = file.size
  const reserve = (needed: number) => {
    if (needed <= bytes.length) return
    const larger = Buffer.alloc(Math.max(needed, 2 * bytes.length))
    bytes.copy(larger)
    bytes = larger
  }
  return {
    change(happened: Change['happened']) {
      if (happened.kind === 'truncate') {
        reserve(happened.size)
        bytes.fill(0, Math.min(size, happened.size), size)
        size = happened.size
        return
      }
      const end = happened.offset + happened.data.length
      reserve(end)
      happened.data.copy(bytes, happened.offset)
      size = Math.max(size, end)
    },
    bytes: () => bytes.subarray(0, size),
    file: () => ({ synced: bytes, size }),
  }
}

/** Some sectors of a write, as the disk counts them, not the writer. */
const tear = (
  { path, offset, data }: Extract<Happened, { kind: 'write' }>,
  content: ReturnType<typeof contentOf>,
  chance: Chance,
): void => {
  for (let from = offset; from < offset + data.length; ) {
    const to = Math.min(offset + data.length, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES)
    if (chance.is(0.5))
      content.change({ kind: 'write', path, offset: from, data: data.subarray(from - offset, to - offset) })
    from = to
  }
}
